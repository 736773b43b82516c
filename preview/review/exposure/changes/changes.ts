/** What an update changes in what can be reached from outside of the cluster. Pure. */
import type { Resource } from "../../../../graph/resource.ts";
import { byUrn } from "../../../../graph/stack.ts";
import type { Change } from "../../change.ts";
import type { Danger } from "../../danger.ts";
import { difference } from "../../difference.ts";
import { exposure } from "../exposure.ts";
import { together, type Comparison, type ExposureChange } from "./change.ts";
import { frontFacts } from "./fronts.ts";
import { hostFacts } from "./hosts.ts";
import { otherFacts } from "./others.ts";
import { pathFacts } from "./paths.ts";

/**
 * The changes, the most serious first. One cause is one change: an edge that goes is not a change for each of its hosts.
 *
 * @param changes what the update does to the resources @default - found here
 */
export function exposureChanges(
  before: readonly Resource[],
  after: readonly Resource[],
  changes: readonly Change[] = difference(before, after),
): ExposureChange[] {
  const replaced = changes.filter(({ operation }) => operation === "replace");
  const comparison: Comparison = {
    ...{ old: exposure(before), now: exposure(after), before: byUrn(before), after: byUrn(after) },
    replaced: new Map(replaced.map((change) => [change.resource.urn, change])),
  };
  const { facts, explained } = frontFacts(comparison);
  const all = [...facts, ...hostFacts(comparison, explained), ...pathFacts(comparison), ...otherFacts(comparison)];
  return together(all, comparison).toSorted((a, b) => Number(a.level === "look") - Number(b.level === "look"));
}

/** The changes as lines at the top of a report. */
export function exposureDangers(changes: readonly ExposureChange[]): Danger[] {
  return changes.map(({ level, resource, text, reason, fix, setting }) => ({
    ...{ kind: "exposure", level, urn: resource.urn, resource: resource.label, text },
    ...(reason !== undefined && { reason }),
    ...(fix !== undefined && { fix }),
    ...(setting !== undefined && { setting }),
  }));
}
