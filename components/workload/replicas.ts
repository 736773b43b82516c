/** What changes a workload's number of pods, and what keeps it while nodes are drained. */
import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AutoscalingRange } from "../../settings/slices/shape.ts";
import type { Namespace } from "../site/namespace.ts";

/** How many pods may be down, or must stay up, while nodes are drained: a number of pods, or a share such as `25%`. */
export type Budget = { readonly maxUnavailable: number | string } | { readonly minAvailable: number | string };

/**
 * A budget that keeps a number of pods available while nodes are drained, as far as the number of replicas allows it.
 *
 * With no more replicas than `minAvailable`, no pod could be evicted and no node drained, so one pod at a time may go.
 * A single replica gets no budget.
 *
 * @param minAvailable pods that should stay available
 * @param replicas number of pods, or the autoscaler's range, whose minimum counts
 */
export function keeping(minAvailable: number, replicas: number | { readonly min: number }): Budget | undefined {
  const least = typeof replicas === "number" ? replicas : replicas.min;
  if (least > minAvailable) return { minAvailable };
  return least > 1 ? { maxUnavailable: 1 } : undefined;
}

/** Makes the PodDisruptionBudget of a workload, so that drains of nodes do not evict too many of its pods at once. */
export function disruptionBudget(
  name: string,
  args: {
    /** Namespace of the workload. */
    namespace: Namespace;
    /** `metadata.name` of the workload, and of its budget. */
    workloadName: string;
    /** Labels that select the workload's pods. */
    labels: Record<string, string>;
    /** Pods that may be down, or must stay up. */
    budget: Budget;
  },
  parent: pulumi.Resource,
): void {
  new k8s.policy.v1.PodDisruptionBudget(
    name,
    {
      metadata: args.namespace.meta(args.workloadName),
      spec: {
        ...args.budget,
        selector: { matchLabels: args.namespace.selecting(args.labels) },
        // Otherwise a pod that never becomes ready could block the drain of its node for ever.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    {
      parent,
      dependsOn: args.namespace.ready,
      // A budget may have only one of the two fields. When one takes the other's place in the first update after
      // creation, the provider's preview sends both and is refused. So the budget is replaced, which takes a moment and
      // harms nothing.
      replaceOnChanges: ["spec.minAvailable", "spec.maxUnavailable"],
      deleteBeforeReplace: true,
    },
  );
}

/** How an autoscaler changes the number of pods within its range. */
export interface Scaling {
  /**
   * How fast it adds and removes pods, as Kubernetes takes it. @default - Kubernetes' own: adds them at once, removes them
   * after five minutes of less load
   */
  readonly behavior?: types.input.autoscaling.v2.HorizontalPodAutoscalerBehavior;
  /** `metadata.name` of the autoscaler. @default - the workload's name */
  readonly autoscalerName?: string;
}

/** Makes the HorizontalPodAutoscaler of a Deployment. */
export function autoscaler(
  name: string,
  args: Scaling & {
    /** Namespace of the Deployment. */
    namespace: Namespace;
    /** `metadata.name` of the Deployment. */
    workloadName: string;
    /** Least and most pods, and the use of CPU, memory and other metrics that it aims at. */
    range: AutoscalingRange;
    /** The Deployment, which must be there first. */
    deployment: pulumi.Resource;
  },
  parent: pulumi.Resource,
): void {
  const { range, workloadName } = args;
  new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    name,
    {
      metadata: args.namespace.meta(args.autoscalerName ?? workloadName),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: workloadName },
        minReplicas: range.min,
        maxReplicas: range.max,
        metrics: [
          utilization("cpu", range.cpuPercent),
          ...(range.memoryPercent === false ? [] : [utilization("memory", range.memoryPercent)]),
          ...Object.entries(range.podMetrics ?? {}).map(podMetric),
        ],
        behavior: args.behavior,
      },
    },
    { parent, dependsOn: args.deployment },
  );
}

function utilization(resource: string, percent: number): types.input.autoscaling.v2.MetricSpec {
  return {
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization: percent } },
  };
}

function podMetric([metric, averageValue]: [string, string]): types.input.autoscaling.v2.MetricSpec {
  return { type: "Pods", pods: { metric: { name: metric }, target: { type: "AverageValue", averageValue } } };
}
