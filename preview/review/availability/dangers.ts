/** What a reviewer must see of an update's availability: one line for each cause, however many workloads it takes away. Pure. */
import { kindOf, metadataOf, type Resource } from "../../../graph/resource.ts";
import { about, type Danger } from "../danger.ts";
import type { Availability, WorkloadAvailability } from "./availability.ts";
import { retired } from "./own.ts";
import type { Verdict } from "./rollout.ts";
import { inWords, longest } from "./seconds.ts";
import type { Happening } from "./world.ts";

/** Usual seconds up to which a gap is short. */
const shortSeconds = 60;

const serious: readonly Verdict[] = ["gone", "stuck", "away", "affected", "unready"];

/** Dangers of an update; empty for a first one. */
export function availabilityDangers({ workloads, happenings, refused }: Availability): Danger[] {
  const touched = workloads.filter(({ verdict }) => serious.includes(verdict));
  const isOwn = ({ cause, resource }: WorkloadAvailability) => cause.urn === resource.urn;
  const own = touched.filter(isOwn);
  const following = Map.groupBy(
    touched.filter((one) => !isOwn(one)),
    ({ cause }) => cause.urn,
  );
  const first = happenings.filter(({ verdict, cause }) => verdict !== "none" && cause === undefined);
  const byHappening = first
    .filter(({ kind }) => kind !== "dns")
    .map((one) => ofHappening(one, following.get(one.resource.urn) ?? [], happenings));
  const known = new Set([...first, ...own].map(({ resource }) => resource.urn));
  const others = [...following].filter(([cause]) => !known.has(cause)).flatMap(([, all]) => ofCause(all));
  const dangers = [...byHappening, ...others, ...ofWorkloads(own, following), ...ofRecords(first)];
  return dangers.map((one) =>
    refused.includes(one.urn) ? { ...one, text: `${one.text}; refused while it is protected` } : one,
  );
}

function danger(parts: Omit<Danger, "kind">): Danger {
  return { kind: "availability", ...parts };
}

function ofHappening(one: Happening, workloads: readonly WorkloadAvailability[], all: readonly Happening[]): Danger {
  const { resource, verdict, text, reason, fix, setting, page } = one;
  const along = Map.groupBy(
    all.filter(({ cause }) => cause === resource.urn),
    (other) => kindOf(other.resource),
  );
  const kinds = [...along].map(([kind, { length }]) => counted(length, kind));
  const more = kinds.length === 0 ? "" : `; takes along ${kinds.join(", ")}`;
  return danger({
    ...{ level: verdict === "away" ? "stop" : "look", ...about(resource) },
    text: `${text}${more}${after(who(workloads))}`,
    ...(reason !== undefined && reason !== "" && { reason }),
    ...(fix !== undefined && { fix }),
    ...(setting !== undefined && { setting }),
    ...(page !== undefined && { page }),
  });
}

/** DNS records, which come in numbers: one line for each thing that happens to them. */
function ofRecords(happenings: readonly Happening[]): Danger[] {
  const records = happenings.filter(({ kind }) => kind === "dns");
  const groups = Map.groupBy(records, ({ text }) => text.split(":")[0]);
  return [...groups.values()].flatMap((all) => {
    const [one, ...more] = all;
    if (one === undefined) return [];
    const found = ofHappening(one, [], []);
    return [
      more.length === 0 ? found : { ...found, text: `${found.text}; and ${counted(more.length, "other record")}` },
    ];
  });
}

/** Workloads that go with something else: a namespace, a Service. */
function ofCause(workloads: readonly WorkloadAvailability[]): Danger[] {
  const [first] = workloads;
  if (first === undefined) return [];
  if (workloads.every(isDeleted))
    return [danger({ level: "look", ...about(first.cause), text: `is deleted, and with it ${names(workloads)}` })];
  const [reason] = first.why;
  return [
    danger({
      level: "stop",
      ...about(first.cause),
      text: `changes: ${who(workloads)}`,
      ...(reason !== undefined && { reason }),
    }),
  ];
}

/** Whether a workload goes because the change takes it away, and so is meant to. */
function isDeleted({ verdict, why: [why] }: WorkloadAvailability): boolean {
  return verdict === "gone" && (why === "it is deleted" || why === retired);
}

/** Workloads that change themselves: those with data one by one, the others of a system together. */
function ofWorkloads(
  own: readonly WorkloadAvailability[],
  following: ReadonlyMap<string, readonly WorkloadAvailability[]>,
): Danger[] {
  const alone = ({ resource, verdict }: WorkloadAvailability) =>
    verdict === "stuck" || (kindOf(resource) === "StatefulSet" && verdict === "away") || following.has(resource.urn);
  const groups = Map.groupBy(
    own.filter((one) => !alone(one)),
    ({ system, verdict, resource }) => `${system} ${verdict} ${kindOf(resource)}`,
  );
  return [
    ...own.filter(alone).map((one) => ofGroup([one], following.get(one.resource.urn) ?? [])),
    ...[...groups.values()].map((all) => ofGroup(all, [])),
  ].flat();
}

function ofGroup(group: readonly WorkloadAvailability[], waiting: readonly WorkloadAvailability[]): Danger[] {
  const [first] = group;
  if (first === undefined) return [];
  const { verdict, resource, system } = first;
  const time = longest(...group.map(({ away }) => away));
  const several = group.length > 1;
  const reasons = [...new Set(group.map(({ why: [why = ""] }) => why.replace(/ \([^()]*\)$/, "")))];
  const setting = several ? undefined : first.setting;
  return [
    danger({
      level: levelOf(verdict, time.usual, group),
      urn: resource.urn,
      resource: several ? `${group.length} ${kindOf(resource)}s of ${system}` : about(resource).resource,
      text: `${sentence(group, several)}${verdict === "away" ? `, ${inWords(time)}` : ""}${several ? `: ${names(group)}` : ""}${after(who(waiting))}`,
      ...(reasons.length > 0 && { reason: reasons.slice(0, 2).join("; ") }),
      ...(setting !== undefined && { setting }),
    }),
  ];
}

function levelOf(verdict: Verdict, usual: number, group: readonly WorkloadAvailability[]): Danger["level"] {
  if (verdict === "stuck") return "stop";
  if (group.some(({ remade, resource }) => remade && kindOf(resource) === "StatefulSet")) return "stop";
  // What the change deletes is meant to go; what only loses its pods or its Service may not be.
  if (verdict === "gone") return group.every(isDeleted) ? "look" : "stop";
  return verdict === "away" && usual > shortSeconds ? "stop" : "look";
}

function sentence(group: readonly WorkloadAvailability[], several: boolean): string {
  const verdict = group[0]?.verdict;
  if (group.every(({ why: [why] }) => why === retired)) return `${several ? "have" : "has"} no pods any more`;
  const [is, its, stays] = several ? ["are", "their", "stay"] : ["is", "its", "stays"];
  switch (verdict) {
    case "gone":
      return `${is} gone for good`;
    case "stuck":
      return `${stays} half updated, and the update does not end`;
    case "unready":
      return `${several ? "get" : "gets"} requests before ${its} new pods can answer`;
    default:
      return `${is} away while ${several ? "they are" : "it is"} updated`;
  }
}

/** The workloads that are away, and those that need them, with their names: `3 workloads are away, about 40 s: a, b, c`. */
function who(workloads: readonly WorkloadAvailability[]): string {
  const [away, affected] = [
    workloads.filter(({ verdict }) => verdict !== "affected"),
    workloads.filter(({ verdict }) => verdict === "affected"),
  ];
  const parts = [
    ...(away.length === 0 ? [] : [`${counted(away.length, "workload")} ${timeOf(away)}: ${names(away)}`]),
    ...(affected.length === 0
      ? []
      : [`${counted(affected.length, "workload")} ${affected.length === 1 ? "needs" : "need"} it: ${names(affected)}`]),
  ];
  return parts.join("; ");
}

function after(text: string): string {
  return text === "" ? "" : `; ${text}`;
}

function timeOf(away: readonly WorkloadAvailability[]): string {
  const is = away.length === 1 ? "is" : "are";
  if (away.every(({ verdict }) => verdict === "gone")) return `${is} gone`;
  return `${is} away, ${inWords(longest(...away.map((one) => one.away)))}`;
}

const mostNames = 6;

function names(workloads: readonly { readonly resource: Resource }[]): string {
  const all = workloads.map(({ resource }) => metadataOf(resource)?.name ?? resource.name);
  if (all.length <= mostNames) return all.join(", ");
  return `${all.slice(0, mostNames - 1).join(", ")} and ${all.length - mostNames + 1} more`;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
