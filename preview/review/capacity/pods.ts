/** The pods that a stack needs nodes for, with their requests. Pure. */
import type { Room } from "../../../catalogue/droplets.ts";
import { poolLabel } from "../../../catalogue/doks.ts";
import { share } from "../../../catalogue/quantity.ts";
import { isTask, podsOf, selects, type Placement, type Pods, type PodSpec } from "../../../graph/pods.ts";
import type { WorkloadSpec } from "../../../graph/pods.ts";
import { kindOf, label, metadataOf, nameOf, type Resource } from "../../../graph/resource.ts";
import { byUrn, type ByUrn } from "../../../graph/stack.ts";
import { workloadSetting } from "../setting.ts";
import { chartPods } from "./charts.ts";
import { anywhere, requested, type Apart, type PodGroup } from "./pod-group.ts";

/**
 * All pods of a stack by owner, in the order in which they come: those of the Helm charts that this program knows, which the
 * systems wait for, then the others, each sorted by name.
 */
export function podGroups(resources: readonly Resource[]): PodGroup[] {
  const all = byUrn(resources);
  const classes = priorities(resources);
  const own = podsOf(resources).map((pods) => ({
    ...groupOf(pods, all),
    priority: classes.get(pods.spec.priorityClassName) ?? 0,
  }));
  const byName = (a: PodGroup, b: PodGroup) => (a.name < b.name ? -1 : 1);
  return [...resources.flatMap(chartPods).toSorted(byName), ...own.toSorted(byName)];
}

/** Priorities by the name of their class. */
function priorities(resources: readonly Resource[]): ReadonlyMap<string | undefined, number> {
  const classes = resources.filter((one) => kindOf(one) === "PriorityClass");
  return new Map(classes.map((one) => [metadataOf(one)?.name, Number(one.inputs["value"])]));
}

function groupOf({ owner, replicas, workload, spec, labels }: Pods, all: ByUrn): Omit<PodGroup, "priority"> {
  const kind = kindOf(owner);
  return {
    ...{ name: nameOf(owner), urn: owner.urn, resource: label(owner), setting: workloadSetting(owner, all) },
    ...{ min: replicas.min, max: replicas.max, task: isTask(owner) },
    pool: spec.nodeSelector?.[poolLabel],
    each: requests(spec),
    beside: requests({ ...spec, containers: (spec.containers ?? []).slice(1) }, "together"),
    volumes: (workload.volumeClaimTemplates ?? []).length + volumesOf(spec),
    surge: kind === "Deployment" ? surge(workload, replicas.min) : 0,
    everyNode: kind === "DaemonSet",
    apart: apart(spec, labels),
  };
}

/**
 * Requests of a pod as the scheduler counts them: the sum of containers and sidecars, or the request of a single init
 * container if that is larger.
 *
 * @param what `together` leaves out what runs before the others
 */
function requests({ containers = [], initContainers = [] }: PodSpec, what: "all" | "together" = "all"): Room {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always");
  const startFirst = what === "all" ? initContainers.filter(({ restartPolicy }) => restartPolicy !== "Always") : [];
  const together = [...containers, ...sidecars].map(requested);
  const sum = (key: keyof Room) => together.reduce((all, one) => all + one[key], 0);
  const most = (key: keyof Room) => Math.max(sum(key), ...startFirst.map((one) => requested(one)[key]));
  return { milliCpu: most("milliCpu"), mebibytes: most("mebibytes") };
}

function volumesOf({ volumes = [] }: PodSpec): number {
  return volumes.filter((volume) => "persistentVolumeClaim" in volume || "ephemeral" in volume).length;
}

function surge({ strategy }: WorkloadSpec, replicas: number): number {
  if (strategy?.type === "Recreate") return 0;
  return share(strategy?.rollingUpdate?.maxSurge ?? "25%", replicas);
}

/**
 * What a pod insists on towards its own kind. DOKS has no zones, so only nodes count as places. Source: Kubernetes, "Pod Topology
 * Spread Constraints" and "Assigning Pods to Nodes".
 */
function apart({ affinity, topologySpreadConstraints = [] }: PodSpec, labels: Pods["labels"]): Apart {
  const isOwn = ({ topologyKey, labelSelector }: Placement) =>
    topologyKey === "kubernetes.io/hostname" && labelSelector !== undefined && selects(labelSelector, labels);
  const alone = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const even = topologySpreadConstraints.filter((one) => one.whenUnsatisfiable === "DoNotSchedule" && isOwn(one));
  return {
    perNode: alone.some(isOwn) ? 1 : anywhere.perNode,
    skew: Math.min(anywhere.skew, ...even.map(({ maxSkew }) => maxSkew)),
    nodes: Math.max(anywhere.nodes, ...even.map(({ minDomains = 1 }) => minDomains)),
  };
}
