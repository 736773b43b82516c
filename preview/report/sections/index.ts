/** All sections of a review, in the order in which reports show them. Pure. */
import type { Review } from "../../review/review.ts";
import type { Section } from "../section.ts";
import { availabilitySection } from "./availability.ts";
import { capacitySection } from "./capacity.ts";
import { costSection } from "./cost.ts";
import { dataSection } from "./data.ts";
import { exposureSection } from "./exposure.ts";
import { policySection } from "./policy.ts";
import { protectionSection } from "./protection.ts";
import { sharedSection } from "./shared.ts";
import { prerequisitesSection } from "./prerequisites.ts";
import { retiredSection } from "./retired.ts";
import { noticesSection, secretsSection } from "./settings.ts";

const sections: readonly ((review: Review) => Section | undefined)[] = [
  retiredSection,
  ({ availability }) => availabilitySection(availability),
  ({ exposure, change }) => exposureSection(exposure, change && { before: change.exposed, changes: change.exposure }),
  ({ change }) => change && protectionSection(change.protection),
  sharedSection,
  ...[dataSection, capacitySection, costSection, policySection],
  ...[noticesSection, prerequisitesSection, secretsSection],
];

/** The sections that have something to say about a stack. */
export function sectionsOf(review: Review): Section[] {
  return sections.map((section) => section(review)).filter((section) => section !== undefined);
}
