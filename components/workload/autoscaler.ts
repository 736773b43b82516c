import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AutoscalingRange } from "../../settings/slices/shape.ts";
import type { Namespace } from "../site/namespace.ts";

/** How a range of replicas is moved in. */
export interface Scaling {
  readonly behavior?: types.input.autoscaling.v2.HorizontalPodAutoscalerBehavior;
  /** @default the workload's name */
  readonly autoscalerName?: string;
}

/** A HorizontalPodAutoscaler for a Deployment. */
export function autoscaler(
  name: string,
  args: Scaling & {
    namespace: Namespace;
    workloadName: string;
    range: AutoscalingRange;
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
