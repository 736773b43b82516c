import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import { connectionTo, type Destination, type Endpoint } from "../connections/destinations.ts";
import { autoscaler, type Scaling } from "./autoscaler.ts";
import { disruptionBudget, type Budget } from "./disruption-budget.ts";
import type { Place } from "../site/namespace.ts";
import { admitVisitors, connectionsOf, preparePods } from "./prepare.ts";
import type { OwnedPod } from "./shaped-pod.ts";
import type { Account } from "./service-account.ts";
import { service, type ServiceArgs, type ServicePort } from "./service.ts";

export interface WorkloadArgs extends Place, ComponentArgs {
  /** `metadata.name` of the Deployment, and of its policy, disruption budget and ServiceAccount. */
  readonly workloadName: string;
  /** Labels that select the pods; never changed later: they are immutable. @default `app: <workloadName>` */
  readonly labels?: Record<string, string>;
  readonly pod: OwnedPod;
  /** How an autoscaler behaves, where the workload's shape has a range. @default as Kubernetes has it */
  readonly scaling?: Scaling;
  /**
   * How a new version replaces the old: `surge` starts a new pod first, `in-place` stops one first (no spare node needed),
   * `recreate` stops all first (never two at once); or so many at a time.
   */
  readonly update: "surge" | "in-place" | "recreate" | types.input.apps.v1.RollingUpdateDeployment;
  /** What a drain leaves. @default all but one, from two replicas up */
  readonly budget?: Budget | "none" | undefined;
  readonly services?: readonly ServiceArgs[];
  readonly connectsTo: readonly Destination[];
  /** Ports on which the pods reach each other. @default none */
  readonly peerPorts?: readonly number[];
  /** An account that several workloads share. @default one of its own */
  readonly account?: Account;
}

/**
 * A Deployment with everything that belongs to it: ServiceAccount, policies from its connections, Services, disruption
 * budget, autoscaler.
 *
 * Waits for what it connects to, and is itself awaited until its pods are ready.
 */
export class Workload extends Component {
  readonly workloadName: string;
  /** What other workloads connect to: every port that it listens on. */
  readonly endpoint: Endpoint;
  readonly services: readonly ServiceArgs[];

  constructor(name: string, given: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    const args = { ...given, labels: given.labels ?? { app: given.workloadName } };
    const edges = connectionsOf({ ...args, ownerName: args.workloadName });
    super("doks-systems:workload:Workload", name, { connectsTo: edges.map(connectionTo) }, args, opts);
    const { replicas, ports } = args.namespace.shape(args.workloadName);
    const several = (typeof replicas === "number" ? replicas : replicas.min) > 1;
    const { template, before } = preparePods(name, { ...args, ownerName: args.workloadName, spread: several }, this);
    const deployment = this.deployment(name, args, template, before);
    this.services = args.services ?? [];
    this.services.forEach((one, i) => {
      service(`${name}-service${i === 0 ? "" : `-${i + 1}`}`, { ...args, ...one }, this);
    });
    const budget = args.budget ?? (several ? { maxUnavailable: 1 } : undefined);
    if (budget !== undefined && budget !== "none") disruptionBudget(name, { ...args, budget }, this);
    if (typeof replicas !== "number") {
      autoscaler(name, { ...args, ...args.scaling, range: replicas, deployment }, this);
    }
    this.workloadName = args.workloadName;
    this.endpoint = {
      kind: "pods",
      name: args.workloadName,
      namespace: args.namespace,
      labels: args.labels,
      ports: Object.values(ports),
      ready: [deployment],
    };
    admitVisitors(name, this.endpoint, this);
    this.registerOutputs({});
  }

  /**
   * A Service's port, for routes and whoever connects to no other.
   *
   * @param portName @default its first Service's first port
   */
  at(portName?: string): { serviceName: string; port: ServicePort; endpoint: Endpoint } {
    const all = this.services.flatMap(({ serviceName, ports }) => ports.map((port) => ({ serviceName, port })));
    const found = portName === undefined ? all[0] : all.find(({ port }) => port.name === portName);
    if (found === undefined) throw new Error(`${this.workloadName} has no Service with port ${portName ?? ""}`);
    return { ...found, endpoint: { ...this.endpoint, ports: [found.port.targetPort] } };
  }

  private deployment(
    name: string,
    args: WorkloadArgs & { readonly labels: Record<string, string> },
    template: types.input.core.v1.PodTemplateSpec,
    dependsOn: pulumi.Resource[],
  ): k8s.apps.v1.Deployment {
    const { replicas } = args.namespace.shape(args.workloadName);
    const fixed = typeof replicas === "number";
    return new k8s.apps.v1.Deployment(
      name,
      {
        // An autoscaler that was here before, or `kubectl scale`, owns the count: without force the API server refuses ours.
        metadata: args.namespace.meta(args.workloadName, { annotations: { "pulumi.com/patchForce": "true" } }),
        spec: {
          // An autoscaler owns the count: stated here, every update would set it back.
          replicas: fixed ? replicas : undefined,
          strategy: strategy(args.update),
          selector: { matchLabels: args.labels },
          template,
        },
      },
      {
        parent: this,
        dependsOn,
        // A count that was fixed until now stays until the autoscaler takes it over. Left out of what is applied, the API server
        // would set it to one.
        ignoreChanges: fixed ? undefined : ["spec.replicas"],
      },
    );
  }
}

function strategy(update: WorkloadArgs["update"]): types.input.apps.v1.DeploymentStrategy {
  switch (update) {
    case "surge":
      return { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    case "in-place":
      return { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    case "recreate":
      return { type: "Recreate" };
    default:
      return { type: "RollingUpdate", rollingUpdate: update };
  }
}
