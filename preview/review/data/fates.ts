/** What a change does to the places that data is in: what stays, what comes back, what starts empty, what is gone. Pure. */
import { claimTemplates } from "../../../graph/data.ts";
import { kindOf, label, metadataOf, nameOf, type Resource } from "../../../graph/resource.ts";
import { byUrn, retirementOf, type ByUrn } from "../../../graph/stack.ts";
import { isGone, type Change } from "../change.ts";
import { renamed } from "../difference.ts";
import { claimNames, claimsText, dataPlaces, keepsVolumes, type DataPlace, type SetSpec } from "./places.ts";
import type { Fate } from "./fate.ts";
import { helpFor, majorOf, type Heir } from "./pages.ts";
import { serviceOf } from "./service.ts";

/** What becomes of one place. */
export interface DataFate {
  readonly place: DataPlace;
  readonly fate: Fate;
  /** The rest of a sentence that begins with the resource; undefined where there is nothing to say. */
  readonly text?: string;
  /** Fields that are to blame. */
  readonly reason?: string;
  /** The runbook that helps. */
  readonly page?: string;
  /** What to set instead, or first. */
  readonly fix?: string;
}

/** Every place of a stack that is not compared with anything. */
export function unchanged(resources: readonly Resource[]): DataFate[] {
  return dataPlaces(resources).map((place) => ({ place, fate: "stays" }));
}

/** What a change does to every place before it, and which places are new. */
export function dataFates(
  before: readonly Resource[],
  after: readonly Resource[],
  changes: readonly Change[],
): DataFate[] {
  const change = new Changed(before, after, changes);
  const old = dataPlaces(before);
  const known = new Set(old.map(({ urn }) => change.now(urn)));
  const added = dataPlaces(after).filter(({ kind, urn }) => kind !== "passwords" && !known.has(urn));
  const fates = [
    ...old.map((place) => change.fateOf(place)),
    ...added.map((place) => ({ place, fate: "new" as const })),
  ];
  // What a server holds goes with it, and is not said again.
  const all = new Map([...before, ...after].map((one) => [one.urn, one]));
  const serverOf = ({ place }: DataFate) => serviceOf(all.get(place.urn), all)?.urn;
  const moving = fates.filter(({ place, fate }) => place.kind === "server" && fate !== "stays");
  const servers = new Set(moving.map(serverOf));
  return fates.filter((one) => one.place.kind !== "database" || !servers.has(serverOf(one)));
}

type Outcome = Pick<DataFate, "fate"> & { readonly text: string };

/** A change, as the fates of data are asked of it. */
class Changed {
  readonly #before: ByUrn;
  readonly #after: ByUrn;
  readonly #all: readonly Change[];
  readonly #changes: ReadonlyMap<string, Change>;
  readonly #renamed: ReadonlyMap<string, string>;
  /** Names of the namespaces that go, and their claims with them. */
  readonly #goneNamespaces: ReadonlySet<string>;
  /** The cluster that goes; undefined if none does. */
  readonly #goneCluster: Resource | undefined;

  constructor(before: readonly Resource[], after: readonly Resource[], changes: readonly Change[]) {
    this.#before = byUrn(before);
    this.#after = byUrn(after);
    this.#all = changes;
    this.#changes = new Map(changes.map((one) => [one.resource.urn, one]));
    this.#renamed = renamed(before, after);
    const gone = before.filter((one) => this.#goes(one));
    this.#goneNamespaces = new Set(
      gone.filter((one) => kindOf(one) === "Namespace").map((one) => metadataOf(one)?.name ?? ""),
    );
    this.#goneCluster = gone.find((one) => kindOf(one) === "KubernetesCluster");
  }

  /** URN of a resource after the change. */
  now(urn: string): string {
    return this.#renamed.get(urn) ?? urn;
  }

  fateOf(place: DataPlace): DataFate {
    const change = this.#changes.get(this.now(place.urn));
    const resource = this.#before.get(place.urn);
    const outcome = resource && this.#outcome(place, resource, change);
    if (outcome === undefined) return { place, fate: "stays" };
    const because = change?.fields.filter(({ replaces }) => replaces).map(({ path }) => path) ?? [];
    const help =
      resource === undefined ? {} : helpFor(place, outcome.fate, this.#before, this.#heir(place, resource, because));
    const refused = isGone(change) && resource?.protect === true;
    const text = `is protected, so the update is refused; unprotected, it ${outcome.text}`;
    return {
      ...{ place, ...(refused ? { fate: "refused" as const, text } : outcome) },
      ...(because.length > 0 && { reason: because.slice(0, 3).join(", ") }),
      ...help,
    };
  }

  /** Whether it goes at its provider, if nothing protects it. */
  #goes(resource: Resource): boolean {
    return isGone(this.#changes.get(this.now(resource.urn))) && resource.retainOnDelete !== true;
  }

  #outcome(place: DataPlace, resource: Resource, change: Change | undefined): Outcome | undefined {
    if (place.kind === "passwords") return undefined;
    if (place.kind === "volumes") return this.#volumes(resource, change);
    return isGone(change) ? this.#single(place, resource, change) : undefined;
  }

  /** What is one thing at its provider: a bucket, a server, a key. */
  #single({ kind, what }: DataPlace, resource: Resource, { operation }: Change): Outcome {
    const isKept =
      resource.retainOnDelete === true ||
      (kind === "claim" && keepsVolumes((resource.inputs["spec"] as { storageClassName?: string }).storageClassName));
    if (kind === "key") {
      const text =
        operation === "delete"
          ? "is forgotten: what it signed can be verified, and never continued"
          : "is made anew: what the old one signed is not continued, and whoever trusts the old one must be given the new one";
      return { fate: isKept ? "stays unmanaged" : "lost", text };
    }
    if (operation === "replace") {
      const isLost = !isKept && !isStuck(resource);
      const old = isLost ? ends(kind, what) : `the old one stays at DigitalOcean with all that is in it (${what})`;
      const stuck =
        isKept || isLost ? "" : ", and the update ends in an error, because only an empty bucket is deleted";
      return { fate: isLost ? "lost" : "starts empty", text: `is made anew and starts empty; ${old}${stuck}` };
    }
    if (isStuck(resource)) {
      const text =
        "is to be deleted, and the update ends in an error if an object is in it: only an empty bucket is deleted";
      return { fate: "refused", text };
    }
    const successor = this.#successor(resource);
    if (!isKept) return { fate: "lost", text: `is deleted: ${ends(kind, what)}${followed(successor)}` };
    const text = `stays at DigitalOcean with all that is in it, and Pulumi forgets it${followed(successor)}`;
    return { fate: successor === undefined ? "stays unmanaged" : "starts empty", text };
  }

  /** What claims hold. They are no resources of Pulumi's, so that what becomes of them follows from their names and policies. */
  #volumes(set: Resource, change: Change | undefined): Outcome | undefined {
    const isSet = kindOf(set) === "StatefulSet";
    const claims = isSet ? claimsText(set) : `the claims of ${label(set)}`;
    const namespace = metadataOf(set)?.namespace ?? (set.inputs["namespace"] as string | undefined) ?? "default";
    if (this.#goneCluster !== undefined) return withCluster(this.#goneCluster);
    if (this.#goneNamespaces.has(namespace)) {
      const kept = isSet && keeps(set);
      const after = kept ? "and the volumes stay at DigitalOcean, bound to nothing" : "and the volumes with it";
      return { fate: kept ? "starts empty" : "lost", text: `loses ${claims}: the namespace goes, ${after}` };
    }
    if (change?.fields.some(({ path }) => path === "(provider)") === true)
      return { fate: "starts empty", text: `moves to another cluster and starts empty; the old one keeps ${claims}` };
    if (change === undefined || !isSet) return undefined;
    const { operation, resource: next, fields } = change;
    const isDeleted = policyOf(set)?.whenDeleted === "Delete";
    if (operation === "delete") {
      const successor = this.#successor(set);
      if (isDeleted) return { fate: "lost", text: `is deleted, and takes ${claims} along${followed(successor)}` };
      const text = `is deleted; ${claims} ${stayFull(set)}, used by nobody${followed(successor)}`;
      return { fate: successor === undefined ? "stays unmanaged" : "starts empty", text };
    }
    if (operation === "replace") {
      const isSame = nameOf(next) === nameOf(set) && namesOf(next) === namesOf(set);
      if (isDeleted) return { fate: "lost", text: `is made anew and starts empty: the old one takes ${claims} along` };
      if (!isSame) {
        const text = `is made anew under other names and starts empty; ${claims} ${stayFull(set)}`;
        return { fate: "starts empty", text };
      }
      const sized = fields.some(({ path }) => path.startsWith("spec.volumeClaimTemplates"));
      const note = sized
        ? "; size and class of what is there stay: a template counts for claims that are yet to be made"
        : "";
      return {
        fate: "comes back",
        text: `is made anew and takes ${claims} again, with all that is in ${them(set)}${note}`,
      };
    }
    const stopped = fields.some(({ path, after }) => path === "spec.replicas" && after === 0);
    if (stopped && retirementOf(next, this.#after) !== undefined) {
      const text = `has no pod any more: ${claims} ${stayFull(set)}, and the same pods take ${them(set)} once the system is back`;
      return { fate: "stays", text };
    }
    return this.#unreadable(set, next) ?? this.#scaled(set, next);
  }

  /** A volume that the next major version of PostgreSQL finds, and cannot read. */
  #unreadable(set: Resource, next: Resource): Outcome | undefined {
    const [was, is] = [majorOf(set), majorOf(next)];
    if (was === undefined || is === undefined || was === is) return undefined;
    const text = `keeps its volume, which PostgreSQL ${was} wrote and ${is} cannot read: the server does not start, and the update ends in an error`;
    return { fate: "refused", text };
  }

  /** Who has or gets the part of what goes. */
  #heir(place: DataPlace, from: Resource, because: readonly string[]): Heir {
    const change = this.#changes.get(this.now(place.urn));
    const facts = { from, because, withCluster: this.#goneCluster !== undefined && place.kind !== "bucket" };
    const made = this.#successor(from);
    if (made !== undefined) return { ...facts, to: made, isNew: true };
    if (change?.operation === "delete") return { ...facts, to: this.#sibling(from), isNew: false };
    // Under the same name, but another server, or one that cannot read what is there.
    const isOther =
      change !== undefined && (kindOf(from) === "DatabaseCluster" || majorOf(from) !== majorOf(change.resource));
    return { ...facts, to: isOther ? change.resource : undefined, isNew: true };
  }

  /** Another server of the same service, which stays. */
  #sibling(old: Resource): Resource | undefined {
    const component = serviceOf(old, this.#before);
    return [...this.#before.values()].find(
      (one) =>
        one !== old &&
        ["DatabaseCluster", "StatefulSet"].includes(kindOf(one)) &&
        serviceOf(one, this.#before) === component &&
        !isGone(this.#changes.get(this.now(one.urn))),
    );
  }

  #scaled(set: Resource, next: Resource): Outcome | undefined {
    const left = new Set(claimNames(next));
    const unused = claimNames(set).filter((name) => !left.has(name));
    if (unused.length === 0) return undefined;
    const claims = claimsText(set, unused);
    return policyOf(set)?.whenScaled === "Delete"
      ? { fate: "lost", text: `has fewer pods, and deletes ${claims}` }
      : { fate: "stays unmanaged", text: `has fewer pods: ${claims} stay, used by nobody` };
  }

  /** What is made in the same component in the place of a server that goes: managed instead of in the cluster, or the other way round. */
  #successor(old: Resource): Resource | undefined {
    const component = serviceOf(old, this.#before);
    if (component === undefined) return undefined;
    return this.#all.find(
      ({ operation, resource }) =>
        operation === "create" &&
        ["DatabaseCluster", "StatefulSet"].includes(kindOf(resource)) &&
        resource.urn.includes(`$${component.type}$`) &&
        resource.name.startsWith(component.name),
    )?.resource;
  }
}

function withCluster(cluster: Resource): Outcome {
  if (cluster.inputs["destroyAllAssociatedResources"] === true)
    return { fate: "lost", text: `loses its volumes: ${label(cluster)} goes, and takes them along` };
  const text = `starts empty in another cluster: ${label(cluster)} goes, and the old volumes stay at DigitalOcean, bound to nothing`;
  return { fate: "starts empty", text };
}

function followed(successor: Resource | undefined): string {
  return successor === undefined ? "" : `; ${label(successor)} takes its place, and starts empty`;
}

/** What is deleted, and what goes with it. */
function ends(kind: DataPlace["kind"], what: string): string {
  return kind === "claim" ? `the volume is deleted: ${what}` : `${what} is deleted with all that is in it`;
}

/** Whether the provider refuses to delete it: a bucket with objects. */
function isStuck({ type, inputs, retainOnDelete }: Resource): boolean {
  return kindOf({ type }) === "SpacesBucket" && retainOnDelete !== true && inputs["forceDestroy"] !== true;
}

function policyOf(set: Resource): SetSpec["persistentVolumeClaimRetentionPolicy"] {
  return (set.inputs["spec"] as SetSpec).persistentVolumeClaimRetentionPolicy;
}

function namesOf(set: Resource): string {
  return claimTemplates(set)
    .map(({ metadata }) => metadata?.name ?? "")
    .join();
}

function keeps(set: Resource): boolean {
  return claimTemplates(set).every(({ spec }) => keepsVolumes(spec.storageClassName));
}

function stayFull(set: Resource): string {
  return `${claimNames(set).length === 1 ? "stays" : "stay"} with all that is in ${them(set)}`;
}

function them(set: Resource): string {
  return claimNames(set).length === 1 ? "it" : "them";
}
