/** Collects the dangers of a change, and of the stack itself. Pure. */
import { isBroken, type Evaluation } from "../../policy/evaluate.ts";
import { kindOf, label } from "../../graph/resource.ts";
import type { Capacity } from "./capacity/capacity.ts";
import { capacityDangers } from "./capacity/dangers.ts";
import type { Change } from "./change.ts";
import { dataDangers } from "./data/dangers.ts";
import type { DataFate } from "./data/fates.ts";
import { about, sorted, type Danger } from "./danger.ts";

/** What dangers are found in. */
interface Findings {
  readonly changes: readonly Change[];
  readonly data: readonly DataFate[];
  readonly policy: Evaluation;
  readonly capacity: Capacity;
}

/** All dangers, the most serious first. */
export function dangersOf({ changes, data, policy, capacity }: Findings): Danger[] {
  // What the places of data say in a sentence is not said in a word again.
  const said = new Set(data.flatMap(({ place, fate }) => (fate === "stays" ? [] : [place.label])));
  const others = changes.filter(({ resource, data: fate }) => fate === "unprotected" || !said.has(label(resource)));
  return sorted([
    ...others.flatMap(changeDangers),
    ...dataDangers(data),
    ...policyDangers(policy),
    ...capacityDangers(capacity),
  ]);
}

function changeDangers(change: Change): Danger[] {
  const { operation, resource, fields, data, impossible } = change;
  const because = fields.filter(({ replaces }) => replaces).map(({ path }) => path);
  const reason = because.length === 0 ? {} : { reason: because.slice(0, 3).join(", ") };
  const danger = (level: Danger["level"], text: string, kind: Danger["kind"] = "data"): Danger => ({
    ...{ kind, level, ...about(resource), text, ...reason },
  });
  const verb = operation === "delete" ? "is deleted" : "is replaced";
  const texts = {
    lost: `${verb}, and its data is lost`,
    kept: `${verb}; its data is kept where it is, and Pulumi forgets it`,
    refused: `${verb}, but it is protected: the update is refused`,
    unprotected: "loses its protection: a later update may delete it",
  };
  if (impossible !== undefined) return [danger("stop", `is refused in the middle of the update: ${impossible}`)];
  if (data !== undefined) return [danger(data === "kept" ? "look" : "stop", texts[data])];
  // A changed Job is always replaced, so that it runs again.
  return operation === "replace" && kindOf(resource) !== "Job" ? [danger("look", verb, "availability")] : [];
}

function policyDangers({ findings }: Evaluation): Danger[] {
  return findings.filter(isBroken).map(({ urn, resource, rule, message }) => ({
    ...{ kind: "policy", level: "stop", urn, resource, text: message, reason: `the rule ${rule}` },
    page: `docs/reference/policies.md#${rule}`,
  }));
}
