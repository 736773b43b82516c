/** What a stack asks its nodes for: groups of equal pods, with their requests. Pure. */
import { poolLabel, type Room } from "../../../catalogue/droplets.ts";
import { kindOf } from "../../../policy/stack.ts";
import type { PublicResource } from "../../render/public-resource.ts";
import { chartPods } from "./charts.ts";
import { requested, type Container, type PodGroup } from "./pod-group.ts";

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}
interface Workload {
  readonly replicas?: number;
  readonly parallelism?: number;
  readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxSurge?: number | string } };
  readonly volumeClaimTemplates?: readonly unknown[];
  readonly template: { readonly spec: PodSpec };
  readonly jobTemplate?: { readonly spec: Workload };
}
type Range = Pick<PodGroup, "min" | "max">;

/** Sorted by name. Charts' pods are known as far as their values say. */
export function podGroups(resources: readonly PublicResource[]): PodGroup[] {
  const scaled = autoscaled(resources);
  return resources
    .flatMap((resource) => [...ownGroups(resource, scaled), ...chartPods(resource)])
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function ownGroups(resource: PublicResource, scaled: ReadonlyMap<string, Range>): PodGroup[] {
  const kind = kindOf(resource);
  if (!["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"].includes(kind)) return [];
  const { metadata, spec } = resource.inputs as { metadata: { name: string; namespace: string }; spec: Workload };
  const task = kind === "Job" || kind === "CronJob";
  const workload = spec.jobTemplate?.spec ?? spec;
  const name = `${metadata.namespace}/${metadata.name}`;
  const fixed = (task ? workload.parallelism : workload.replicas) ?? 1;
  const range = scaled.get(`${kind} ${name}`) ?? { min: fixed, max: fixed };
  const pod = workload.template.spec;
  return [
    {
      ...{ name, urn: resource.urn, ...range, task },
      pool: pod.nodeSelector?.[poolLabel],
      each: requests(pod),
      volumes: (workload.volumeClaimTemplates ?? []).length + volumesOf(pod),
      surge: kind === "Deployment" ? surge(workload, range.min) : 0,
      everyNode: kind === "DaemonSet",
    },
  ];
}

function autoscaled(resources: readonly PublicResource[]): Map<string, Range> {
  return new Map(
    resources
      .filter(({ type }) => type.endsWith(":HorizontalPodAutoscaler"))
      .map(({ inputs }) => {
        const { metadata, spec } = inputs as {
          metadata: { namespace: string };
          spec: { minReplicas?: number; maxReplicas: number; scaleTargetRef: { kind: string; name: string } };
        };
        const { kind, name } = spec.scaleTargetRef;
        return [`${kind} ${metadata.namespace}/${name}`, { min: spec.minReplicas ?? 1, max: spec.maxReplicas }];
      }),
  );
}

/** As the scheduler counts: what runs together is added up; an init container counts where it alone wants more. */
function requests({ containers = [], initContainers = [] }: PodSpec): Room {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always");
  const first = initContainers.filter(({ restartPolicy }) => restartPolicy !== "Always");
  const together = [...containers, ...sidecars].map(requested);
  const sum = (key: keyof Room) => together.reduce((all, one) => all + one[key], 0);
  const most = (key: keyof Room) => Math.max(sum(key), ...first.map((one) => requested(one)[key]));
  return { milliCpu: most("milliCpu"), mebibytes: most("mebibytes") };
}

function volumesOf({ volumes = [] }: PodSpec): number {
  return volumes.filter((volume) => "persistentVolumeClaim" in volume || "ephemeral" in volume).length;
}

/** As the Deployment controller rounds: up. */
function surge({ strategy }: Workload, replicas: number): number {
  if (strategy?.type === "Recreate") return 0;
  const most = strategy?.rollingUpdate?.maxSurge ?? "25%";
  return typeof most === "number" ? most : Math.ceil((Number.parseFloat(most) / 100) * replicas);
}
