import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "./namespace.ts";

/** A range of replicas, and what moves the count in it. */
export interface Autoscaling {
  readonly min: number;
  readonly max: number;
  /** Average of the pods' requests, in percent. */
  readonly cpuPercent: number;
  /** `false` to scale by CPU alone. */
  readonly memoryPercent: number | false;
  /** Metrics of the pods' own, each with the average value to keep; needs an adapter for the custom metrics API. */
  readonly podMetrics?: Readonly<Record<string, string>>;
  readonly behavior?: types.input.autoscaling.v2.HorizontalPodAutoscalerBehavior;
  /** @default the workload's name */
  readonly autoscalerName?: string;
}

/** A HorizontalPodAutoscaler for a Deployment. */
export function autoscaler(
  name: string,
  args: { namespace: Namespace; workloadName: string; range: Autoscaling; deployment: pulumi.Resource },
  parent: pulumi.Resource,
): void {
  const { range, workloadName } = args;
  new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    name,
    {
      metadata: args.namespace.meta(range.autoscalerName ?? workloadName),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: workloadName },
        minReplicas: range.min,
        maxReplicas: range.max,
        metrics: [
          utilization("cpu", range.cpuPercent),
          ...(range.memoryPercent === false ? [] : [utilization("memory", range.memoryPercent)]),
          ...Object.entries(range.podMetrics ?? {}).map(podMetric),
        ],
        ...(range.behavior === undefined ? {} : { behavior: range.behavior }),
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
