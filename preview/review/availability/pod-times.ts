/** How long a pod takes to become ready, and to end, as far as its manifest tells. Pure. */
import type { Container, PodSpec, Probe, WorkloadSpec } from "../../../graph/pods.ts";
import { longest, noTime, row, sum, times, type Durations, type Seconds } from "./seconds.ts";

/** What a workload's `spec` says about its pods. */
export type PodsSpec = Pick<WorkloadSpec, "template" | "minReadySeconds" | "volumeClaimTemplates">;

/** Seconds that a pod may take to end, unless it says otherwise. Source: Kubernetes, Pod v1, `terminationGracePeriodSeconds`. */
const usualGrace = 30;
/** Seconds between two questions of a probe, unless it says otherwise. Source: Kubernetes, Pod v1, `periodSeconds`. */
const usualPeriod = 10;

/**
 * From the moment a pod is made until it is available: a node, volumes, images, init containers, the program, and what
 * its probes wait for.
 */
export function timeToReady(spec: PodsSpec, durations: Durations): Seconds {
  const pod = podOf(spec);
  const { initContainers = [] } = pod;
  const first = initContainers.filter(({ restartPolicy }) => restartPolicy !== "Always");
  const available = { usual: spec.minReadySeconds ?? 0, worst: spec.minReadySeconds ?? 0 };
  return sum(
    row(durations, "pod placed"),
    holdsVolume(spec) ? row(durations, "pod volume") : noTime,
    row(durations, "pod image"),
    times(first.length, row(durations, "pod init container")),
    longest(...running(pod).map((container) => containerReady(container, durations))),
    available,
  );
}

/** From the moment a pod is told to end until it is gone: its `preStop`, then the program, at most its grace period. */
export function timeToEnd(spec: PodsSpec, durations: Durations): Seconds {
  const pod = podOf(spec);
  const grace = pod.terminationGracePeriodSeconds ?? usualGrace;
  const sleeps = running(pod).map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0);
  const stops = row(durations, "pod program stops");
  const asleep = Math.max(0, ...sleeps);
  return { usual: Math.min(grace, asleep + stops.usual), worst: Math.min(grace, asleep + stops.worst) };
}

/** Whether something tells Kubernetes when the pod can take requests; else it counts as ready once it runs. */
export function saysWhenReady(spec: PodsSpec): boolean {
  return running(podOf(spec)).some(
    ({ readinessProbe, startupProbe }) => readinessProbe !== undefined || startupProbe !== undefined,
  );
}

/** Whether the pod uses a volume that one node at a time can attach. DigitalOcean has no others. */
function holdsVolume(spec: PodsSpec): boolean {
  return (spec.volumeClaimTemplates ?? []).length > 0 || sharesVolume(spec);
}

/** Whether old and new pods would use the same volume: a claim that the template names. */
export function sharesVolume(spec: PodsSpec): boolean {
  return (podOf(spec).volumes ?? []).some((volume) => "persistentVolumeClaim" in volume);
}

function podOf({ template }: PodsSpec): PodSpec {
  return template?.spec ?? {};
}

/** Containers that run side by side: those proper, and sidecars. */
function running({ containers = [], initContainers = [] }: PodSpec): Container[] {
  return [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")];
}

/**
 * A program is asked at the earliest after the probe's delay, which counts from its start, and again every period.
 * Source: kubelet, `pkg/kubelet/prober/worker.go`.
 */
function containerReady({ startupProbe, readinessProbe }: Container, durations: Durations): Seconds {
  const program = row(durations, "pod program starts");
  const started = asked(startupProbe, program);
  return asked(readinessProbe, started);
}

function asked(probe: Probe | undefined, before: Seconds): Seconds {
  if (probe === undefined) return before;
  const { initialDelaySeconds: delay = 0, periodSeconds: period = usualPeriod } = probe;
  return { usual: Math.max(delay, before.usual), worst: Math.max(delay, before.worst) + period };
}
