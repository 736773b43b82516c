/** What a change protects less than before: data, access, and what keeps answering. Pure. */
import type { Resource } from "../../../graph/resource.ts";
import type { Finding } from "../../../policy/evaluate.ts";
import type { Change } from "../change.ts";
import type { Danger } from "../danger.ts";
import { difference } from "../difference.ts";
import { backupLosses } from "./backups.ts";
import { Revisions, type Loss } from "./loss.ts";
import { networkLosses } from "./network.ts";
import { optionLosses } from "./options.ts";
import { replicaLosses } from "./replicas.ts";
import { rightsLosses } from "./rights.ts";
import { storageLosses } from "./storage.ts";
import { takenLosses } from "./taken.ts";
import { waiverLosses } from "./waived.ts";

/** What both revisions break of the rules, each with its own waivers. */
export interface Findings {
  readonly before: readonly Finding[];
  readonly after: readonly Finding[];
}

/**
 * What loses protection, the most serious first. What goes altogether is not among it, nor who may come from outside:
 * that is said of data, and of exposure.
 *
 * @param findings @default - waivers are not compared
 * @param changes what the update does to the resources @default - found here
 */
export function protectionLosses(
  before: readonly Resource[],
  after: readonly Resource[],
  findings: Findings = { before: [], after: [] },
  changes: readonly Change[] = difference(before, after),
): Loss[] {
  // A stack that is new, or gone as a whole, protects nothing less.
  if (before.length === 0 || after.length === 0) return [];
  const revisions = new Revisions(before, after, changes);
  const losses = [
    ...optionLosses(revisions),
    ...takenLosses(revisions),
    ...backupLosses(revisions),
    ...storageLosses(revisions),
    ...replicaLosses(revisions),
    ...networkLosses(revisions),
    ...rightsLosses(revisions),
    ...waiverLosses(findings.before, findings.after),
  ].toSorted((a, b) => Number(a.level === "look") - Number(b.level === "look"));
  // Dumps that go sooner and the bucket's rule that follows them are one setting, and one loss.
  const settings = new Set<string>();
  return losses.filter(({ setting }) => {
    const isFirst = setting === undefined || !settings.has(setting);
    if (setting !== undefined) settings.add(setting);
    return isFirst;
  });
}

/** The losses as lines at the top of a report. */
export function protectionDangers(losses: readonly Loss[]): Danger[] {
  return losses.map(({ level, urn, resource, text, meaning, was, is, setting, fix, page }) => ({
    ...{ kind: "protection", level, urn, resource, text: `${text} (${was} → ${is}): ${meaning}` },
    ...(setting !== undefined && { setting }),
    ...(fix !== undefined && { fix }),
    ...(page !== undefined && { page }),
  }));
}
