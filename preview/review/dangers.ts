/** Collects the dangers of a change, and of the stack itself. Pure. */
import { isBroken, type Evaluation } from "../../policy/evaluate.ts";
import { label, type Resource } from "../../graph/resource.ts";
import type { Capacity } from "./capacity/capacity.ts";
import { capacityDangers } from "./capacity/dangers.ts";
import type { Availability } from "./availability/availability.ts";
import { availabilityDangers } from "./availability/dangers.ts";
import type { Change } from "./change.ts";
import { dataDangers } from "./data/dangers.ts";
import type { DataFate } from "./data/fates.ts";
import { about, sorted, type Danger } from "./danger.ts";
import type { ExposureChange } from "./exposure/changes/change.ts";
import { exposureDangers } from "./exposure/changes/changes.ts";
import type { Loss } from "./protection/loss.ts";
import { refusedRemovals } from "./retirement.ts";
import { protectionDangers } from "./protection/protection.ts";

/** The parts of a review that know of dangers. */
interface Reviewed {
  readonly policy: Evaluation;
  readonly capacity: Capacity;
  readonly availability: Availability;
  readonly data: readonly DataFate[];
  readonly resources: readonly Resource[];
  /** The comparison with another commit; undefined if there is none. */
  readonly change:
    | {
        readonly base: { readonly resources: readonly Resource[] };
        readonly changes: readonly Change[];
        readonly exposure: readonly ExposureChange[];
        readonly protection: readonly Loss[];
      }
    | undefined;
}

/** All dangers, the most serious first. */
export function dangersOf({ change, policy, capacity, availability, data, resources }: Reviewed): Danger[] {
  const ofStack = [...policyDangers(policy), ...capacityDangers(capacity)];
  if (change === undefined) return sorted(ofStack);
  const removals = refusedRemovals(change.changes, change.base.resources, resources);
  const removed = new Set(removals.flatMap(({ urns }) => [...urns]));
  // What the places of data say in a sentence is not said in a word again.
  const said = new Set(data.flatMap(({ place, text }) => (text === undefined ? [] : [place.urn, place.label])));
  const unsaid = change.changes.filter(
    ({ resource, impossible }) =>
      impossible !== undefined || !(said.has(resource.urn) || said.has(label(resource)) || removed.has(resource.urn)),
  );
  return sorted([
    ...removals.map(({ danger }) => danger),
    ...unsaid.flatMap(changeDangers),
    ...dataDangers(data.filter(({ place }) => !removed.has(place.urn))),
    ...protectionDangers(change.protection),
    ...exposureDangers(change.exposure),
    ...availabilityDangers(availability),
    ...ofStack,
  ]);
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
    // That is said of the protection itself.
    unprotected: undefined,
    lost: `${verb}, and its data is lost`,
    kept: `${verb}; its data is kept where it is, and Pulumi forgets it`,
    refused: `${verb}, but it is protected: the update is refused`,
  };
  if (impossible !== undefined) return [danger("stop", `is refused in the middle of the update: ${impossible}`)];
  const text = data === undefined ? undefined : texts[data];
  return text === undefined ? [] : [danger(data === "kept" ? "look" : "stop", text)];
}

function policyDangers({ findings }: Evaluation): Danger[] {
  return findings.filter(isBroken).map(({ urn, resource, rule, message }) => ({
    ...{ kind: "policy", level: "stop", urn, resource, text: message, reason: `the rule ${rule}` },
    page: `docs/reference/policies.md#${rule}`,
  }));
}
