/** Compares a stack's resources at two revisions, and finds what an update from one to the other does. Pure. */
import { dataHolders } from "../../graph/data.ts";
import { mask } from "../../graph/masking.ts";
import { isMade, kindOf, metadataOf, type Resource } from "../../graph/resource.ts";
import { byUrn, type ByUrn } from "../../graph/stack.ts";
import { isGroup } from "../../settings/reading/group.ts";
import { isDangerous, type Change, type FieldChange } from "./change.ts";
import { impossible } from "./impossible.ts";
import { replacing } from "./replacements.ts";

const order = ["delete", "replace", "update", "options", "create"] as const;

/**
 * The resources that change: dangerous changes first, then deletions, replacements, updates, options and creations,
 * each in the order of URNs. Components are left out, as they only group other resources.
 */
export function difference(before: readonly Resource[], after: readonly Resource[]): Change[] {
  const holders = dataHolders(before);
  const had = new Map(before.filter(isMade).map((resource) => [resource.urn, resource]));
  const all = byUrn(after);
  const kept: Kept[] = [];
  const changes: Change[] = [];
  for (const resource of after.filter(isMade)) {
    const urn = formerUrns(resource, all).find((one) => had.has(one));
    const old = had.get(urn ?? "");
    if (urn !== undefined) had.delete(urn);
    if (old === undefined) changes.push({ operation: "create", resource, fields: [], data: undefined });
    else kept.push({ old, resource, fields: fieldsThatDiffer(old, resource) });
  }
  const following = replacedWithOthers(kept, all);
  const going = new Going([...had.values(), ...kept.filter((one) => isReplaced(one, following)).map(({ old }) => old)]);
  const stake = (resource: Resource) => atStake(resource, holders, going);
  changes.push(...kept.flatMap((one) => changed(one, following.get(one.resource.urn) ?? [], stake)));
  for (const resource of had.values()) {
    changes.push({ operation: "delete", resource, fields: [], data: stake(resource) });
  }
  return changes.toSorted(
    (a, b) =>
      Number(isDangerous(b)) - Number(isDangerous(a)) ||
      order.indexOf(a.operation) - order.indexOf(b.operation) ||
      (a.resource.urn < b.resource.urn ? -1 : 1),
  );
}

/** Maps the old URN of each renamed resource to the new one. The new resource's aliases say what it was named before. */
export function renamed(before: readonly Resource[], after: readonly Resource[]): Map<string, string> {
  const had = new Set(before.map(({ urn }) => urn));
  const all = byUrn(after);
  const pairs = after
    .filter(({ urn }) => !had.has(urn))
    .flatMap((resource): [string, string][] => {
      const former = formerUrns(resource, all).find((urn) => had.has(urn));
      return former === undefined ? [] : [[former, resource.urn]];
    });
  return new Map(pairs);
}

/**
 * The URN of a resource, then its earlier ones: those of its own aliases, and those that follow from aliases of its
 * ancestors.
 */
function formerUrns(resource: Resource, all: ByUrn): string[] {
  const parent = all.get(resource.parent ?? "");
  const inherited =
    parent === undefined || parent.type === "pulumi:pulumi:Stack" ? [] : formerUrns(parent, all).slice(1);
  return [
    resource.urn,
    ...resource.aliases,
    ...inherited.map((former) => {
      const [stack = "", project = "", types = "", name = ""] = former.split("::");
      // The engine takes a child whose name begins with its parent's for renamed together with it.
      const own = resource.name.startsWith(parent?.name ?? "")
        ? name + resource.name.slice(parent?.name.length)
        : resource.name;
      return [stack, project, `${types}$${resource.type}`, own].join("::");
    }),
  ];
}

/** A resource of both revisions. */
interface Kept {
  readonly old: Resource;
  readonly resource: Resource;
  /** The inputs that differ. */
  readonly fields: readonly FieldChange[];
}

function fieldsThatDiffer(old: Resource, resource: Resource): FieldChange[] {
  const found = [...fieldChanges(old.inputs, resource.inputs, "")].filter(
    ({ path }) => !resource.ignoreChanges.some((ignored) => path === ignored || path.startsWith(`${ignored}.`)),
  );
  const paths = found.map(({ path }) => path);
  const replace = new Set(replacing(resource, paths));
  return found.map((field) => ({ ...field, replaces: replace.has(field.path) }));
}

/** Stands for a value that a provider gives only when it has made the new resource. */
const newValue = "known after the update";

/**
 * What is replaced because something else is, by URN, with the inputs that are to blame. Two renderings give a resource the
 * same id and address; in an update, one that is replaced has another, and so has whatever cannot change the one it was made
 * with: a cluster its VPC, a database its cluster, an object in the cluster its provider.
 */
function replacedWithOthers(kept: readonly Kept[], all: ByUrn): Map<string, FieldChange[]> {
  const direct = kept.filter(({ fields }) => fields.some(({ replaces }) => replaces));
  const replaced = new Set(direct.map(({ resource }) => resource.urn));
  const following = new Map<string, FieldChange[]>();
  let more = true;
  while (more) {
    more = false;
    for (const { old, resource, fields } of kept) {
      if (replaced.has(resource.urn)) continue;
      const isNew = (urn: string) => replaced.has(urn);
      // What the provider only repeats, such as a name that was given, is the same again. Two masks are not two equal secrets.
      const isRepeated = (urn: string, input: string) =>
        resource.inputs[input] !== mask && Object.values(all.get(urn)?.inputs ?? {}).includes(resource.inputs[input]);
      const inputs = Object.entries(resource.inputsFrom)
        .filter(([input, urns]) => urns.some((urn) => isNew(urn) && !isRepeated(urn, input)))
        .map(([input]) => input);
      const known = new Set(fields.map(({ path }) => path));
      const found = replacing(resource, inputs)
        .filter((path) => !known.has(path))
        .map((path) => ({ path, before: old.inputs[path], after: newValue, replaces: true }));
      const provider = isNew(resource.provider ?? "")
        ? [{ path: "(provider)", before: old.provider, after: newValue, replaces: true }]
        : [];
      if (found.length + provider.length === 0) continue;
      following.set(resource.urn, [...found, ...provider]);
      replaced.add(resource.urn);
      more = true;
    }
  }
  return following;
}

function changed(
  { old, resource, fields: own }: Kept,
  following: readonly FieldChange[],
  stake: (old: Resource) => Change["data"],
): Change[] {
  const found = [...own, ...following];
  const options = changedOptions(old, resource);
  if (found.length === 0 && options.length === 0) return [];
  const fields = [...found, ...options];
  if (found.some(({ replaces }) => replaces)) return [{ operation: "replace", resource, fields, data: stake(old) }];
  const reason = impossible(resource, found);
  const operation = found.length > 0 ? "update" : "options";
  const data = isLessProtected(old, resource) ? "unprotected" : undefined;
  return [{ operation, resource, fields, data, ...(reason !== undefined && { impossible: reason }) }];
}

/** Options whose change is reported: those that decide what a later update may do to the resource. */
const comparedOptions = ["protect", "retainOnDelete", "ignoreChanges"] as const;

function changedOptions(old: Resource, now: Resource): FieldChange[] {
  return comparedOptions
    .filter((option) => String(old[option]) !== String(now[option]))
    .map((option) => ({ path: `(${option})`, before: old[option], after: now[option], replaces: false }));
}

/** Whether a resource was protected or retained, and no longer is. */
function isLessProtected(old: Resource, now: Resource): boolean {
  return (["protect", "retainOnDelete"] as const).some((option) => old[option] === true && now[option] !== true);
}

/** Resources that are deleted, also those that are made again: whether what was inside goes with them. */
class Going {
  readonly #cluster: boolean;
  readonly #namespaces: ReadonlySet<string | undefined>;

  constructor(all: readonly Resource[]) {
    // What is kept where it is takes nothing along.
    const gone = all.filter(({ retainOnDelete }) => retainOnDelete !== true);
    this.#cluster = gone.some((one) => kindOf(one) === "KubernetesCluster");
    const namespaces = gone.filter((one) => kindOf(one) === "Namespace");
    this.#namespaces = new Set(namespaces.map((one) => metadataOf(one)?.name));
  }

  takes(object: Resource): boolean {
    return this.#cluster || this.#namespaces.has(metadataOf(object)?.namespace);
  }
}

function isReplaced({ resource, fields }: Kept, following: ReadonlyMap<string, unknown>): boolean {
  return following.has(resource.urn) || fields.some(({ replaces }) => replaces);
}

/** Whether the claims of a StatefulSet stay when it is deleted, for another one of the same name to take. */
function keepsClaims({ inputs }: Resource): boolean {
  const { persistentVolumeClaimRetentionPolicy: policy } = inputs["spec"] as {
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string };
  };
  return policy?.whenDeleted !== "Delete";
}

function atStake(resource: Resource, holders: ReadonlySet<string>, going: Going): Change["data"] {
  if (resource.protect) return "refused";
  if (!holders.has(resource.urn)) return undefined;
  if (kindOf(resource) === "StatefulSet" && keepsClaims(resource) && !going.takes(resource)) return "kept";
  return resource.retainOnDelete === true ? "kept" : "lost";
}

/** Every leaf that differs. Items of a list are compared by position, or by name if all have one, as containers do. */
function* fieldChanges(before: unknown, after: unknown, path: string): Generator<Omit<FieldChange, "replaces">> {
  if (isGroup(before) && isGroup(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted())
      yield* fieldChanges(before[key], after[key], path === "" ? key : `${path}.${key}`);
  } else if (Array.isArray(before) && Array.isArray(after)) {
    yield* listChanges(before, after, path);
  } else if (before !== after) {
    yield { path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  }
}

function* listChanges(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): Generator<Omit<FieldChange, "replaces">> {
  const named = [...before, ...after].every((item) => isGroup(item) && typeof item["name"] === "string");
  const key = (item: unknown, i: number) => (named ? String((item as Record<string, unknown>)["name"]) : String(i));
  const [old, now] = [before, after].map((list) => new Map(list.map((item, i) => [key(item, i), item])));
  for (const one of new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]))
    yield* fieldChanges(old?.get(one), now?.get(one), `${path}[${one}]`);
}
