/** What a change does to data that a reviewer must see before the merge. Pure. */
import type { Danger } from "../danger.ts";
import type { DataFate } from "./fates.ts";

/** Fates that a reviewer must see; what comes back or is kept may be meant. */
const levels: Readonly<Partial<Record<DataFate["fate"], Danger["level"]>>> = {
  ...{ lost: "stop", "starts empty": "stop", refused: "stop" },
  ...{ "comes back": "look", "stays unmanaged": "look" },
};

/** A danger for each place whose data does not simply stay, in the order of the places. */
export function dataDangers(fates: readonly DataFate[]): Danger[] {
  return fates.flatMap(({ place, fate, text, reason, page, fix }): Danger[] => {
    const level = levels[fate];
    if (level === undefined || text === undefined) return [];
    const about = { urn: place.urn, resource: place.label };
    return [
      {
        ...{ kind: "data", level, ...about, text },
        ...(reason !== undefined && { reason }),
        ...(page !== undefined && { page }),
        ...(fix !== undefined && { fix }),
      },
    ];
  });
}
