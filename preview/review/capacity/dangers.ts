/** What of a stack's capacity must be seen before a merge. Pure. */
import type { Danger } from "../danger.ts";
import type { Capacity } from "./capacity.ts";
import type { CapacityFinding } from "./findings.ts";

/**
 * A danger for each workload that never runs, whether a change brings it or not.
 *
 * @param before capacity before the change, to say what is new @default - it is not compared
 */
export function capacityDangers({ findings }: Capacity, before?: Capacity): Danger[] {
  return findings
    .filter(({ level }) => level === "problem")
    .map((finding): Danger => {
      const { urn, resource, text, fix, setting, page } = finding;
      return {
        ...{ kind: "capacity", level: "stop", urn, resource, text, fix },
        ...(before !== undefined && {
          reason: isNew(finding, before) ? "new with this change" : "as before the change",
        }),
        ...(setting !== undefined && { setting }),
        ...(page !== undefined && { page }),
      };
    });
}

/** Whether the workload had no problem before. */
export function isNew({ resource }: CapacityFinding, before: Capacity): boolean {
  return !before.findings.some((one) => one.level === "problem" && one.resource === resource);
}
