/** What of a stack's capacity must be seen before a merge. Pure. */
import type { Danger } from "../danger.ts";
import type { Capacity } from "./capacity.ts";

/** A danger for each workload that never runs, whether a change brings it or not. */
export function capacityDangers({ findings }: Capacity): Danger[] {
  return findings
    .filter(({ level }) => level === "problem")
    .map(({ urn, resource, text, fix, setting, page, isNew }): Danger => ({
      ...{ kind: "capacity", level: "stop", urn, resource, fix },
      text: isNew === undefined ? text : `${text}; ${isNew ? "new with this change" : "as before this change"}`,
      ...(setting !== undefined && { setting }),
      ...(page !== undefined && { page }),
    }));
}
