/** What an update does, from the changes of its resources. Pure. */
import { dataHolders } from "../../../graph/data.ts";
import { isTask } from "../../../graph/pods.ts";
import { kindOf, label, metadataOf, nameOf, providerOf, type Resource } from "../../../graph/resource.ts";
import { byUrn } from "../../../graph/stack.ts";
import type { Change } from "../../../preview/review/change.ts";
import { difference } from "../../../preview/review/difference.ts";
import { replacing } from "../../../preview/review/replacements.ts";

/** Each by URN, so that the same resource counts once; the values are what people call them. */
type Named = Map<string, string>;

export interface Doings {
  readonly replaces: Named;
  /** Workloads whose new pods come before the old ones go. */
  readonly rolls: Named;
  /** Workloads whose old pods go first. */
  readonly recreates: Named;
  /** Jobs. */
  readonly runs: Named;
  readonly adds: Named;
  /** Helm releases, which may restart pods of their own. */
  readonly charts: Named;
  /** What DigitalOcean changes in place. */
  readonly cloud: Named;
  readonly inPlace: Named;
  /** What becomes of data. */
  readonly data: Set<NonNullable<Change["data"]>>;
  /** Who refuses the update in its middle, and why. */
  readonly refusals: Set<string>;
}

export function nothing(): Doings {
  const named = () => new Map<string, string>();
  return {
    ...{ replaces: named(), rolls: named(), recreates: named(), runs: named() },
    ...{ adds: named(), charts: named(), cloud: named(), inPlace: named(), data: new Set(), refusals: new Set() },
  };
}

/** Adds what another change does. */
export function addTo(doings: Doings, more: Doings): void {
  for (const key of ["replaces", "rolls", "recreates", "runs", "adds", "charts", "cloud", "inPlace"] as const)
    for (const [urn, name] of more[key]) doings[key].set(urn, name);
  for (const one of more.data) doings.data.add(one);
  for (const one of more.refusals) doings.refusals.add(one);
}

/** Adds what an update from one rendering to the other does. */
export function addDoings(doings: Doings, before: readonly Resource[], after: readonly Resource[]): void {
  const changes = difference(before, after);
  for (const change of changes) add(doings, change);
  const replaced = changes.filter(({ operation }) => operation === "replace").map(({ resource }) => resource.urn);
  const holders = dataHolders(before);
  for (const resource of following(replaced, after)) {
    if (isWorkload(resource)) restart(doings, resource);
    else doings.replaces.set(resource.urn, label(resource));
    if (resource.protect) doings.data.add("refused");
    else if (holders.has(resource.urn) && !isWorkload(resource))
      doings.data.add(resource.retainOnDelete === true ? "kept" : "lost");
  }
}

/**
 * What has to follow something that is replaced. A rendering has the same id, password, certificate and address before and
 * after; in a real update they are new: what is made for an id is made again, certificates are signed again, and pods that
 * read the new ones have another checksum.
 */
function following(replaced: readonly string[], after: readonly Resource[]): Resource[] {
  const all = byUrn(after);
  const found = new Map<string, Resource>();
  let left = [...replaced];
  while (left.length > 0) {
    const sources = left.flatMap((urn) => all.get(urn) ?? []);
    const next = after.filter((one) =>
      sources.some((source) => one.dependsOn.includes(source.urn) && follows(one, source)),
    );
    const fresh = next.filter(({ urn }) => !found.has(urn) && !replaced.includes(urn));
    for (const one of fresh) found.set(one.urn, one);
    left = fresh.map(({ urn }) => urn);
  }
  return [...found.values()];
}

/** Inputs that hold the id of what they depend on, and cannot change. */
const ids: Readonly<Record<string, readonly string[]>> = {
  Vpc: ["vpcUuid", "privateNetworkUuid"],
  KubernetesCluster: ["clusterId"],
  DatabaseCluster: ["clusterId"],
};

function follows(resource: Resource, source: Resource): boolean {
  const isNew = /^(random|tls):/.test(source.type) || ["DatabaseCluster", "DatabaseUser"].includes(kindOf(source));
  if (isWorkload(resource)) return isNew;
  if (resource.type.startsWith("tls:")) return source.type.startsWith("tls:");
  const ours = ids[kindOf(source)]?.filter((input) => input in resource.inputs) ?? [];
  return replacing(resource, ours).length > 0;
}

function add(doings: Doings, { operation, resource, fields, data, impossible }: Change): void {
  const kind = kindOf(resource);
  const name = label(resource);
  // A folder of DigitalOcean's panel: what lies in it changes nothing.
  if (kind === "ProjectResources") return;
  // A namespace is protected for what is in it, and that is looked at itself.
  if (data !== undefined && !(data === "unprotected" && kind === "Namespace")) doings.data.add(data);
  if (impossible !== undefined) {
    const who = providerOf(resource) === "digitalocean" ? "DigitalOcean" : "Kubernetes";
    doings.refusals.add(`${who}: ${impossible}`);
  }
  if (kind === "Job" && operation !== "delete") doings.runs.set(resource.urn, shortName(resource));
  else if (operation === "replace") doings.replaces.set(resource.urn, name);
  else if (operation === "create" || operation === "delete") {
    // A password comes with what it is for.
    if (providerOf(resource) !== "random") doings.adds.set(resource.urn, name);
  } else if (isWorkload(resource) && fields.some(({ path }) => path.startsWith("spec.template.")))
    restart(doings, resource);
  else if (kind === "Release") doings.charts.set(resource.urn, nameOf(resource));
  else if (providerOf(resource) === "digitalocean") doings.cloud.set(resource.urn, name);
  else doings.inPlace.set(resource.urn, name);
}

function isWorkload(resource: Resource): boolean {
  return ["Deployment", "StatefulSet", "DaemonSet"].includes(kindOf(resource)) && !isTask(resource);
}

function restart({ rolls, recreates }: Doings, resource: Resource): void {
  const { strategy } = resource.inputs["spec"] as { strategy?: { type?: string } };
  const oldFirst = kindOf(resource) !== "Deployment" || strategy?.type === "Recreate";
  (oldFirst ? recreates : rolls).set(resource.urn, shortName(resource));
}

function shortName(resource: Resource): string {
  // A Job's name ends with the hash of what it does.
  const name = metadataOf(resource)?.name ?? resource.name;
  return kindOf(resource) === "Job" ? name.replace(/-[0-9a-f]{8}$/, "") : name;
}
