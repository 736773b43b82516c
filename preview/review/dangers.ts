/** Collects the dangers of a change, and of the stack itself. Pure. */
import { isBroken, type Evaluation } from "../../policy/evaluate.ts";
import { label } from "../../graph/resource.ts";
import type { Availability } from "./availability/availability.ts";
import { availabilityDangers } from "./availability/dangers.ts";
import type { Capacity } from "./capacity/capacity.ts";
import { capacityDangers } from "./capacity/dangers.ts";
import type { Change } from "./change.ts";
import { dataDangers } from "./data/dangers.ts";
import type { DataFate } from "./data/fates.ts";
import { about, sorted, type Danger } from "./danger.ts";
import type { ExposureChange } from "./exposure/changes/change.ts";
import { exposureDangers } from "./exposure/changes/changes.ts";

/** The parts of a review that know of dangers. */
interface Reviewed {
  readonly policy: Evaluation;
  readonly capacity: Capacity;
  readonly data: readonly DataFate[];
  readonly availability: Availability;
  /** The comparison with another commit; undefined if there is none. */
  readonly change: { readonly changes: readonly Change[]; readonly exposure: readonly ExposureChange[] } | undefined;
}

/** All dangers, the most serious first. */
export function dangersOf({ change, policy, capacity, data, availability }: Reviewed): Danger[] {
  return sorted([
    ...notSaid(change?.changes ?? [], data).flatMap(changeDangers),
    ...dataDangers(data),
    ...policyDangers(policy),
    ...exposureDangers(change?.exposure ?? []),
    ...(change === undefined ? [] : availabilityDangers(availability)),
    ...capacityDangers(capacity),
  ]);
}

/** The changes of which a sentence on data does not say already what becomes of it. */
function notSaid(changes: readonly Change[], data: readonly DataFate[]): Change[] {
  const said = new Set(data.flatMap(({ place, text }) => (text === undefined ? [] : [place.label])));
  return changes.filter(({ resource, data: fate }) => fate === "unprotected" || !said.has(label(resource)));
}

function changeDangers(change: Change): Danger[] {
  const { operation, resource, fields, data, impossible } = change;
  const because = fields.filter(({ replaces }) => replaces).map(({ path }) => path);
  const reason = because.length === 0 ? {} : { reason: because.slice(0, 3).join(", ") };
  const danger = (level: Danger["level"], text: string): Danger => ({
    ...{ kind: "data", level, ...about(resource), text, ...reason },
  });
  const verb = operation === "delete" ? "is deleted" : "is replaced";
  const texts = {
    lost: `${verb}, and its data is lost`,
    kept: `${verb}; its data is kept where it is, and Pulumi forgets it`,
    refused: `${verb}, but it is protected: the update is refused`,
    unprotected: "loses its protection: a later update may delete it",
  };
  if (impossible !== undefined) return [danger("stop", `is refused in the middle of the update: ${impossible}`)];
  return data === undefined ? [] : [danger(data === "kept" ? "look" : "stop", texts[data])];
}

function policyDangers({ findings }: Evaluation): Danger[] {
  return findings.filter(isBroken).map(({ urn, resource, rule, message }) => ({
    ...{ kind: "policy", level: "stop", urn, resource, text: message, reason: `the rule ${rule}` },
    page: `docs/reference/policies.md#${rule}`,
  }));
}
