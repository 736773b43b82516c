/** What an update does, from the changes of its resources. Pure. */
import { isTask } from "../../../graph/pods.ts";
import { kindOf, label, metadataOf, nameOf, providerOf, type Resource } from "../../../graph/resource.ts";
import { byUrn } from "../../../graph/stack.ts";
import type { Change } from "../../../preview/review/change.ts";
import { difference } from "../../../preview/review/difference.ts";

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
  for (const workload of following(replaced, after)) restart(doings, workload);
}

/**
 * The workloads that start again because something is replaced. A rendering has the same password, certificate and address
 * before and after; in a real update they are new, and pods that read the new ones have another checksum.
 */
function following(replaced: readonly string[], after: readonly Resource[]): Resource[] {
  const all = byUrn(after);
  const sources = replaced.flatMap((urn) => all.get(urn) ?? []).filter(isReadByPods);
  const urns = new Set(sources.map(({ urn }) => urn));
  return after.filter(
    (one) => isWorkload(one) && !replaced.includes(one.urn) && one.dependsOn.some((urn) => urns.has(urn)),
  );
}

function isReadByPods(resource: Resource): boolean {
  return /^(random|tls):/.test(resource.type) || ["DatabaseCluster", "DatabaseUser"].includes(kindOf(resource));
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
