/** What a change does, in few words. Pure. */
import type { Effect } from "../settings-reference.ts";
import type { Doings } from "./classify.ts";

/**
 * @param elsewhere the same change in a stack that protects nothing; it only counts where production refuses it
 * @param typical the workload that stands for all, so that names of its objects say nothing
 */
export function effectOf(doings: Doings, elsewhere?: Doings, typical?: string): Effect | undefined {
  const { replaces, adds, charts, cloud, runs, inPlace, refusals } = doings;
  const cluster = withCluster(replaces);
  const updated = new Map([...cloud].filter(([urn]) => !replaces.has(urn)));
  const parts = [
    ...part("replaces", cluster ?? objects(replaces, typical)),
    ...(cluster === undefined ? restarts(doings, typical) : []),
    ...part("adds or removes", objects(adds, typical)),
    ...part("upgrades", names(charts, "charts")),
    ...part("updates", objects(updated, typical)),
    ...part("runs", names(runs, "tasks")),
  ];
  if (parts.length === 0 && inPlace.size > 0) parts.push("in place");
  if (parts.length === 0) return undefined;
  const fate = fateOf(doings, elsewhere);
  const refused = [...refusals].map((one) => `but refused by ${one}`);
  return { does: strongest(doings), text: [...parts, ...(fate === undefined ? [] : [fate]), ...refused].join("; ") };
}

function restarts({ rolls, recreates }: Doings, typical: string | undefined): string[] {
  if (typical !== undefined) return part("restarts", namesBut(typical, rolls, recreates));
  return [...part("rolls", names(rolls, "workloads")), ...part("recreates", names(recreates, "workloads"))];
}

function strongest({ replaces, rolls, recreates, adds }: Doings): Effect["does"] {
  if (replaces.size > 0) return "replaces";
  if (rolls.size + recreates.size > 0) return "restarts";
  return adds.size > 0 ? "adds or removes" : "in place";
}

function fateOf({ data, adds, replaces }: Doings, elsewhere: Doings | undefined): string | undefined {
  const what = adds.size > 0 && replaces.size === 0 ? "the removal" : "that";
  const there = elsewhere === undefined ? undefined : lossOf(elsewhere);
  if (data.has("refused")) return [`production refuses ${what}`, ...(there ? [`elsewhere ${there}`] : [])].join(", ");
  return data.has("unprotected") ? "what holds data loses its protection" : lossOf({ data });
}

function lossOf({ data }: Pick<Doings, "data">): string | undefined {
  if (data.has("lost")) return "data is lost";
  return data.has("kept") ? "data is kept" : undefined;
}

function part(verb: string, what: string): string[] {
  return what === "" ? [] : [`${verb} ${what}`];
}

const most = 3;

/** Names, or how many where they are many. */
function names(all: ReadonlyMap<string, string>, noun: string): string {
  const sorted = [...new Set(all.values())].toSorted();
  return sorted.length <= most ? sorted.map((name) => `\`${name}\``).join(", ") : `${all.size} ${noun}`;
}

/** The typical workload is whichever takes the setting. */
function namesBut(typical: string, ...all: readonly ReadonlyMap<string, string>[]): string {
  const every = all.flatMap((one) => [...one.values()]);
  return every.map((name) => (name === typical ? "its pods" : `\`${name}\``)).join(", ");
}

/** A cluster takes all along that is in it. */
function withCluster(all: ReadonlyMap<string, string>): string | undefined {
  const cluster = [...all.values()].find((name) => name.startsWith("KubernetesCluster "));
  return cluster && `${quoted(cluster)} with all that is in it`;
}

/** Kinds with names, or with how many where they are many. */
function objects(all: ReadonlyMap<string, string>, typical: string | undefined): string {
  if (all.size <= 2 && typical === undefined) return [...all.values()].toSorted().map(quoted).join(", ");
  const kinds = Map.groupBy(all.values(), (name) => name.split(" ")[0] ?? "");
  const counted = [...kinds]
    .map(([kind, of]) => ({ kind, count: of.length, weight: weightOf(kind) }))
    .toSorted((a, b) => b.weight - a.weight || b.count - a.count || (a.kind < b.kind ? -1 : 1));
  if (counted.length === 0) return "";
  const shown = counted.slice(0, most);
  const rest = counted.slice(most).reduce((sum, { count }) => sum + count, 0);
  const text = shown.map(({ kind, count }) => (count === 1 ? kind : `${count} ${plural(kind)}`)).join(", ");
  return rest === 0 ? text : `${text} and ${rest} ${rest === 1 ? "other" : "others"}`;
}

function plural(kind: string): string {
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}${/(s|ch)$/.test(kind) ? "es" : "s"}`;
}

function quoted(text: string): string {
  const [kind = "", ...name] = text.split(" ");
  return `${kind} \`${name.join(" ")}\``;
}

/** What holds data, or costs, is named first. */
const heavy = [
  ...["KubernetesCluster", "DatabaseCluster", "KubernetesNodePool", "SpacesBucket", "ContainerRegistry", "Namespace"],
  ...["StatefulSet", "PersistentVolumeClaim", "Release", "Deployment", "CronJob", "Gateway", "Service"],
];

function weightOf(kind: string): number {
  const at = heavy.indexOf(kind);
  return at < 0 ? 0 : heavy.length - at;
}
