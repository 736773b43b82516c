/** The pods that a stack needs nodes for, with their requests. Pure. */
import type { Room } from "../../../catalogue/droplets.ts";
import { poolLabel } from "../../../catalogue/doks.ts";
import { share } from "../../../catalogue/quantity.ts";
import { isTask, podsOf, type Pods, type PodSpec, type WorkloadSpec } from "../../../graph/pods.ts";
import { kindOf, nameOf, type Resource } from "../../../graph/resource.ts";
import { chartPods } from "./charts.ts";
import { requested, type PodGroup } from "./pod-group.ts";

/** All pods of a stack by owner, sorted by name; also those of the Helm charts that this program knows. */
export function podGroups(resources: readonly Resource[]): PodGroup[] {
  const own = podsOf(resources).map(groupOf);
  return [...own, ...resources.flatMap(chartPods)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function groupOf({ owner, replicas, workload, spec }: Pods): PodGroup {
  const kind = kindOf(owner);
  return {
    ...{ name: nameOf(owner), urn: owner.urn, ...replicas, task: isTask(owner) },
    pool: spec.nodeSelector?.[poolLabel],
    each: requests(spec),
    volumes: (workload.volumeClaimTemplates ?? []).length + volumesOf(spec),
    surge: kind === "Deployment" ? surge(workload, replicas.min) : 0,
    everyNode: kind === "DaemonSet",
  };
}

/**
 * Requests of a pod as the scheduler counts them: the sum of containers and sidecars, or the request of a single init
 * container if that is larger.
 */
function requests({ containers = [], initContainers = [] }: PodSpec): Room {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always");
  const startFirst = initContainers.filter(({ restartPolicy }) => restartPolicy !== "Always");
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
