import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, type Destination, type Endpoint } from "../network/connections.ts";
import type { Site } from "../platform/site.ts";
import type { Namespace } from "./namespace.ts";
import { preparePods, type OwnedPod } from "./prepare.ts";
import { service, type ServicePort } from "./service.ts";

/** A fixed count, or a range that a HorizontalPodAutoscaler moves in. */
export type Replicas = number | { readonly min: number; readonly max: number; readonly cpuPercent: number };

export interface WorkloadArgs {
  readonly site: Site;
  readonly namespace: Namespace;
  /** `metadata.name` of the Deployment, and of its ServiceAccount and policy. */
  readonly workloadName: string;
  /** Labels that select the pods; never changed later: they are immutable. */
  readonly labels: Record<string, string>;
  readonly pod: OwnedPod;
  readonly replicas: Replicas;
  /**
   * How a new version replaces the old: `surge` starts a new pod first, `in-place` stops one first (no spare node needed),
   * `recreate` stops all first (never two at once).
   */
  readonly update: "surge" | "in-place" | "recreate";
  readonly service?: ServicePort & { readonly serviceName: string };
  readonly connectsTo: readonly Destination[];
}

/**
 * A Deployment with everything that belongs to it: ServiceAccount, policies from its connections, Service, disruption
 * budget from two replicas up, autoscaler.
 *
 * Waits for what it connects to, and is itself awaited until its pods are ready.
 */
export class Workload extends pulumi.ComponentResource {
  /** What other workloads and routes connect to. */
  readonly endpoint: Endpoint;
  readonly serviceName: string | undefined;
  readonly servicePort: number | undefined;

  constructor(name: string, args: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:workload:Workload", name, { connectsTo: args.connectsTo.map(describe) }, opts);
    const { template, before } = preparePods(
      name,
      { ...args, ownerName: args.workloadName, spread: atLeast(args.replicas) > 1 },
      this,
    );
    const deployment = this.deployment(name, args, template, before);
    if (args.service !== undefined) {
      service(name, { ...args, serviceName: args.service.serviceName, ports: [servicePort(args.service)] }, this);
    }
    if (atLeast(args.replicas) > 1) this.disruptionBudget(name, args);
    if (typeof args.replicas !== "number") this.autoscaler(name, args, args.replicas, deployment);
    this.serviceName = args.service?.serviceName;
    this.servicePort = args.service?.port;
    this.endpoint = {
      kind: "pods",
      name: args.workloadName,
      namespace: args.namespace,
      labels: args.labels,
      ports: args.service === undefined ? [] : [args.service.targetPort],
      ready: [deployment],
    };
    this.registerOutputs({});
  }

  private deployment(
    name: string,
    args: WorkloadArgs,
    template: types.input.core.v1.PodTemplateSpec,
    dependsOn: pulumi.Resource[],
  ): k8s.apps.v1.Deployment {
    return new k8s.apps.v1.Deployment(
      name,
      {
        metadata: { name: args.workloadName, namespace: args.namespace.namespaceName },
        spec: {
          // An autoscaler owns the count: stated here, every update would set it back.
          ...(typeof args.replicas === "number" ? { replicas: args.replicas } : {}),
          strategy: strategies[args.update],
          selector: { matchLabels: args.labels },
          template,
        },
      },
      { parent: this, dependsOn },
    );
  }

  private disruptionBudget(name: string, args: WorkloadArgs): void {
    new k8s.policy.v1.PodDisruptionBudget(
      name,
      {
        metadata: { name: args.workloadName, namespace: args.namespace.namespaceName },
        spec: {
          maxUnavailable: 1,
          selector: { matchLabels: args.labels },
          // A pod that never becomes ready must not hold up the drain of its node.
          unhealthyPodEvictionPolicy: "AlwaysAllow",
        },
      },
      { parent: this, dependsOn: args.namespace.ready },
    );
  }

  private autoscaler(
    name: string,
    args: WorkloadArgs,
    range: Exclude<Replicas, number>,
    deployment: k8s.apps.v1.Deployment,
  ): void {
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(
      name,
      {
        metadata: { name: args.workloadName, namespace: args.namespace.namespaceName },
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: args.workloadName },
          minReplicas: range.min,
          maxReplicas: range.max,
          metrics: [
            {
              type: "Resource",
              resource: { name: "cpu", target: { type: "Utilization", averageUtilization: range.cpuPercent } },
            },
          ],
        },
      },
      { parent: this, dependsOn: deployment },
    );
  }
}

const strategies: Record<WorkloadArgs["update"], types.input.apps.v1.DeploymentStrategy> = {
  surge: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  "in-place": { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  recreate: { type: "Recreate" },
};

function atLeast(replicas: Replicas): number {
  return typeof replicas === "number" ? replicas : replicas.min;
}

function servicePort({ name, port, targetPort }: ServicePort): ServicePort {
  return { name, port, targetPort };
}
