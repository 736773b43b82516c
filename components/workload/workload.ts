import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import { connectionTo, type Destination, type Endpoint } from "../connections/destinations.ts";
import { linkerdControlPlane, linkerdPort, linkerdViz, linkerdVizPorts } from "../connections/linkerd.ts";
import { networkPolicy, planVisit } from "../connections/policies.ts";
import type { Place } from "../site/namespace.ts";
import { admitVisitors, connectionsOf, preparePods } from "./prepare.ts";
import { autoscaler, disruptionBudget, type Budget, type Scaling } from "./replicas.ts";
import type { OwnedPod } from "./shaped-pod.ts";
import type { Account } from "./service-account.ts";
import { service, type ServiceArgs, type ServicePort } from "./service.ts";

/** Arguments of `Workload`. */
export interface WorkloadArgs extends Place, ComponentArgs {
  /** `metadata.name` of the Deployment, its ServiceAccount, NetworkPolicy and disruption budget; its shape has this name too. */
  readonly workloadName: string;
  /** Labels that select the pods; Kubernetes lets nobody change them later. @default - `app: <workloadName>` */
  readonly labels?: Record<string, string>;
  /** Containers and volumes; the shape adds image, probes, resources and what else the stack's settings say. */
  readonly pod: OwnedPod;
  /** Behaviour and name of the autoscaler, which exists if the shape has a range of replicas. @default - as Kubernetes has it */
  readonly scaling?: Scaling;
  /**
   * How new pods replace old ones: `surge` starts one before it stops one and needs room for one more; `in-place` stops one
   * before it starts one; `recreate` stops all before it starts any, so that two versions never run together. Or Kubernetes'
   * own `maxSurge` and `maxUnavailable`, of which the latter does not count for a single replica.
   */
  readonly update: "surge" | "in-place" | "recreate" | types.input.apps.v1.RollingUpdateDeployment;
  /** Pods that may be down while nodes are drained. @default - one, and no budget at all for a single replica */
  readonly budget?: Budget | "none" | undefined;
  /** Services in front of the pods. @default [] */
  readonly services?: readonly ServiceArgs[];
  /** What the pods may connect to, beside what the stack's settings add; they start once it is ready. */
  readonly connectsTo: readonly Destination[];
  /** TCP ports on which the pods may connect to each other. @default [] */
  readonly peerPorts?: readonly number[];
  /**
   * Whether Linkerd injects its proxy into the pods: the proxies then connect to each other and to the control plane, and the
   * extension viz to them. @default false
   */
  readonly meshed?: boolean;
  /** ServiceAccount that several workloads share. @default - one of its own, named like the workload */
  readonly account?: Account;
}

/**
 * A Deployment with everything that belongs to it: ServiceAccount, NetworkPolicies of its connections, Services, disruption
 * budget and autoscaler.
 *
 * Its pods start once what they connect to is ready. What depends on it waits until the pods are ready. In a retired system
 * there is nothing of it.
 */
export class Workload extends Component {
  /** `metadata.name` of the Deployment. */
  readonly workloadName: string;
  /** Its pods on every port of its shape, for `connectsTo` of clients. */
  readonly endpoint: Endpoint;
  /** Its Services in the order of the arguments; routes lead to the first one. */
  readonly services: readonly ServiceArgs[];

  constructor(name: string, given: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    const { running } = given.namespace.shape(given.workloadName);
    const labels = running?.selector ?? given.labels ?? { app: given.workloadName };
    const args = withMesh({ ...given, ...listening(given), labels });
    const edges = connectionsOf({ ...args, ownerName: args.workloadName });
    super("doks-systems:workload:Workload", name, { connectsTo: edges.map(connectionTo) }, args, opts);
    this.workloadName = args.workloadName;
    this.services = args.services ?? [];
    this.endpoint = {
      kind: "pods",
      name: args.workloadName,
      namespace: args.namespace,
      labels: args.labels,
      ports: Object.values(args.namespace.shape(args.workloadName).ports),
      ready: args.namespace.runs() ? this.pods(name, args) : [],
    };
    admitVisitors(name, this.endpoint, this);
    if (args.meshed === true) {
      networkPolicy(`${name}-viz`, planVisit(linkerdViz, { ...this.endpoint, ports: linkerdVizPorts }), this);
    }
    this.registerOutputs({});
  }

  /** The Deployment with what belongs to it; returns what callers wait for. */
  private pods(name: string, args: WorkloadArgs & { readonly labels: Record<string, string> }): pulumi.Resource[] {
    const { replicas } = args.namespace.shape(args.workloadName);
    const several = (typeof replicas === "number" ? replicas : replicas.min) > 1;
    const { template, before } = preparePods(name, { ...args, ownerName: args.workloadName, spread: several }, this);
    const deployment = this.deployment(name, args, template, before);
    const services = this.makeServices(name, args, deployment);
    const budget = args.budget ?? (several ? { maxUnavailable: 1 } : undefined);
    if (budget !== undefined && budget !== "none") disruptionBudget(name, { ...args, budget }, this);
    if (typeof replicas !== "number") {
      autoscaler(name, { ...args, ...args.scaling, range: replicas, deployment }, this);
    }
    return args.namespace.adopted ? [deployment, ...services] : [deployment];
  }

  /**
   * One port of its Services, for routes, and for clients that may connect to no other port.
   *
   * @param portName name of the port @default - the first port of the first Service
   * @returns the Service that has the port, the port, and the pods on this port only
   * @throws {Error} if no Service has such a port
   */
  at(portName?: string): { serviceName: string; port: ServicePort; endpoint: Endpoint } {
    const all = this.services.flatMap(({ serviceName, ports }) => ports.map((port) => ({ serviceName, port })));
    const found = portName === undefined ? all[0] : all.find(({ port }) => port.name === portName);
    if (found === undefined) throw new Error(`${this.workloadName} has no Service with port ${portName ?? ""}`);
    return { ...found, endpoint: { ...this.endpoint, ports: [found.port.targetPort] } };
  }

  /**
   * In an adopted namespace a Service selects by a label that pods from before lack. So it changes after the Deployment, when the
   * pods have it, and is never without pods.
   */
  private makeServices(
    name: string,
    args: WorkloadArgs & { readonly labels: Record<string, string> },
    deployment: pulumi.Resource,
  ): pulumi.Resource[] {
    const { namespace } = args;
    const own = { ...args, labels: namespace.selecting(args.labels), after: namespace.adopted ? [deployment] : [] };
    return this.services.map((one, i) =>
      service(`${name}-service${i === 0 ? "" : `-${i + 1}`}`, { ...own, ...one }, this),
    );
  }

  private deployment(
    name: string,
    args: WorkloadArgs & { readonly labels: Record<string, string> },
    template: types.input.core.v1.PodTemplateSpec,
    dependsOn: pulumi.Resource[],
  ): k8s.apps.v1.Deployment {
    const { replicas } = args.namespace.shape(args.workloadName);
    const fixed = typeof replicas === "number";
    const written = fixed ? replicas : replicas.startsWith;
    const deployment = new k8s.apps.v1.Deployment(
      name,
      {
        // The number of replicas may belong to an autoscaler that existed before, or to `kubectl scale`. Without force, the API
        // server refuses to let Pulumi set it.
        metadata: args.namespace.meta(args.workloadName, { annotations: { "pulumi.com/patchForce": "true" } }),
        spec: {
          // Not set if there is an autoscaler, or every update would undo what the autoscaler did.
          replicas: written,
          strategy: strategy(args.update, fixed ? replicas : replicas.min),
          selector: { matchLabels: args.labels },
          template,
        },
      },
      {
        parent: this,
        dependsOn,
        // If the number was fixed before, Pulumi keeps applying that one until the autoscaler takes over. If it left the field
        // out, the API server would reset it to one.
        ignoreChanges: written === undefined ? ["spec.replicas"] : undefined,
      },
    );
    if (replicas === 0) args.namespace.stopped.push(deployment);
    return deployment;
  }
}

/** Adds what Linkerd's proxy connects to, and takes from the proxies of the workload's other pods. */
function withMesh<Args extends WorkloadArgs>(args: Args): Args {
  if (args.meshed !== true) return args;
  return {
    ...args,
    connectsTo: [...args.connectsTo, linkerdControlPlane],
    peerPorts: [...(args.peerPorts ?? []), linkerdPort],
  };
}

/** Services lead to the ports of the shape, which the stack's settings may have changed, by the names of the ports. */
function listening({ namespace, workloadName, services = [] }: WorkloadArgs): Pick<WorkloadArgs, "services"> {
  const { ports } = namespace.shape(workloadName);
  return {
    services: services.map((one) => ({
      ...one,
      ports: one.ports.map((port) => ({ ...port, targetPort: ports[port.name] ?? port.targetPort })),
    })),
  };
}

function strategy(update: WorkloadArgs["update"], least: number): types.input.apps.v1.DeploymentStrategy {
  switch (update) {
    case "surge":
      return { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    case "in-place":
      return { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    case "recreate":
      return { type: "Recreate" };
    default:
      // Taking the only pod away first would interrupt what the new one could take over.
      return { type: "RollingUpdate", rollingUpdate: least > 1 ? update : { ...update, maxUnavailable: 0 } };
  }
}
