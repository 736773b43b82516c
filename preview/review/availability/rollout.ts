/** What happens to the pods of a workload when its template changes, as Kubernetes' controllers decide it. Pure. */
import type { WorkloadSpec } from "../../../graph/pods.ts";
import { saysWhenReady, sharesVolume, timeToEnd, timeToReady } from "./pod-times.ts";
import { noTime, sum, times, type Durations, type Seconds } from "./seconds.ts";

/**
 * What happens to a workload, the worst first:
 *
 * - `gone`: it does not come back
 * - `stuck`: its update never ends
 * - `away`: at some time none of its pods is ready
 * - `affected`: it runs, but something that it needs is away
 * - `unready`: its pods are replaced, and requests reach pods that do not answer yet
 * - `fewer`: some of its pods are away at a time
 * - `rolls`: new pods are ready before old ones go
 * - `untouched`: its pods stay
 */
export const verdicts = ["gone", "stuck", "away", "affected", "unready", "fewer", "rolls", "untouched"] as const;
export type Verdict = (typeof verdicts)[number];

/** What happens to the pods of a workload. */
export interface Rollout {
  readonly verdict: Verdict;
  /** For how long no pod is ready; no time unless the verdict is `away`. */
  readonly away: Seconds;
  /** From the first old pod that goes until the last new one is ready. */
  readonly lasts: Seconds;
  /** What decides it: `strategy Recreate: the old pod ends before the new one starts`. */
  readonly why: string;
}

/** A workload whose template changes. */
export interface Rolled {
  readonly kind: "Deployment" | "StatefulSet";
  readonly spec: WorkloadSpec;
  /** Number of pods; with an autoscaler, its minimum. */
  readonly replicas: number;
  /** Whether a Service leads to the pods. */
  readonly takesRequests: boolean;
}

/** What happens when the template changes. */
export function rollout(rolled: Rolled, durations: Durations): Rollout {
  if (rolled.replicas === 0) return still("it has no pods");
  return rolled.kind === "Deployment" ? deployment(rolled, durations) : statefulSet(rolled, durations);
}

/** What happens when the whole workload is deleted, and then made again under the same name. */
export function remade({ kind, spec, replicas }: Rolled, durations: Durations): Rollout {
  const first = sum(timeToEnd(spec, durations), timeToReady(spec, durations));
  const rounds = kind === "StatefulSet" && spec.podManagementPolicy !== "Parallel" ? replicas - 1 : 0;
  return {
    verdict: "away",
    away: first,
    lasts: sum(first, times(Math.max(0, rounds), timeToReady(spec, durations))),
    why: "it is deleted first, because the new one has the same name",
  };
}

/** A number of pods, or a share of them. */
type Share = number | string | undefined;

/**
 * How many pods a rolling update may add, and how many may be missing. Kubernetes rounds the first up and the second down,
 * and where both are none lets one be missing. Source: Kubernetes, `pkg/controller/deployment/util`, `ResolveFenceposts`.
 */
export function fenceposts(
  replicas: number,
  maxSurge: Share,
  maxUnavailable: Share,
): { surge: number; missing: number } {
  const surge = Math.ceil(portion(maxSurge ?? "25%", replicas));
  const missing = Math.floor(portion(maxUnavailable ?? "25%", replicas));
  return surge === 0 && missing === 0 ? { surge, missing: 1 } : { surge, missing };
}

function portion(share: number | string, of: number): number {
  return typeof share === "number" ? share : (Number.parseFloat(share) / 100) * of;
}

function deployment({ spec, replicas, takesRequests }: Rolled, durations: Durations): Rollout {
  const start = timeToReady(spec, durations);
  if (spec.paused === true) return still("it is paused: new pods come when somebody resumes it");
  if (spec.strategy?.type === "Recreate") {
    const away = sum(timeToEnd(spec, durations), start);
    const [old, young] =
      replicas === 1 ? ["the old pod ends", "the new one starts"] : ["all old pods end", "new ones start"];
    return { verdict: "away", away, lasts: away, why: `strategy Recreate: ${old} before ${young}` };
  }
  const { maxSurge, maxUnavailable } = spec.strategy?.rollingUpdate ?? {};
  const { surge, missing } = fenceposts(replicas, maxSurge, maxUnavailable);
  const lasts = times(Math.ceil(replicas / (surge + Math.min(missing, replicas))), start);
  if (missing >= replicas)
    return { verdict: "away", away: start, lasts, why: `${missingText(missing)}, and there ${countText(replicas)}` };
  if (sharesVolume(spec))
    return {
      ...{ verdict: "stuck", away: noTime, lasts },
      why: "a new pod waits for the volume that the old one holds, unless both are on one node",
    };
  if (takesRequests && !saysWhenReady(spec))
    return {
      verdict: "unready",
      away: noTime,
      lasts,
      why: "no readiness probe: a pod gets requests as soon as it runs",
    };
  if (missing > 0) return { verdict: "fewer", away: noTime, lasts, why: `${missing} of ${replicas} pods at a time` };
  return { verdict: "rolls", away: noTime, lasts, why: "new pods are ready before old ones go" };
}

function missingText(missing: number): string {
  return `the update may take ${missing === 1 ? "one pod" : `${missing} pods`} away`;
}

function countText(replicas: number): string {
  return replicas === 1 ? "is one" : `are ${replicas}`;
}

/**
 * Pods are replaced one at a time from the last to the first, also under `Parallel`, which is about scaling only, and whatever
 * `maxUnavailable` says, which Kubernetes 1.36 ignores. Source: Kubernetes 1.36, feature gate `MaxUnavailableStatefulSet`.
 */
function statefulSet({ spec, replicas }: Rolled, durations: Durations): Rollout {
  const { type, rollingUpdate: { partition = 0 } = {} } = spec.updateStrategy ?? {};
  if (type === "OnDelete") return still("updateStrategy OnDelete: a pod is new when somebody deletes it");
  const updated = replicas - partition;
  if (updated <= 0) return still(`partition ${partition} leaves every pod as it is`);
  const each = sum(timeToEnd(spec, durations), timeToReady(spec, durations));
  const lasts = times(updated, each);
  if (replicas === 1) return { verdict: "away", away: each, lasts, why: "its one pod ends before the new one is made" };
  return {
    verdict: "fewer",
    away: noTime,
    lasts,
    why: `one of ${replicas} pods at a time; a leader among them changes`,
  };
}

function still(why: string): Rollout {
  return { verdict: "untouched", away: noTime, lasts: noTime, why };
}
