import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Running } from "../../settings/slices/running.ts";
import { Component, type ComponentArgs } from "../site/component.ts";
import { connectionTo, type Destination, type Endpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";
import { disruptionBudget } from "./replicas.ts";
import { admitVisitors, connectionsOf, preparePods } from "./prepare.ts";
import type { OwnedPod } from "./shaped-pod.ts";
import { service, type ServicePort } from "./service.ts";

/** Arguments of `StatefulWorkload`. */
export interface StatefulWorkloadArgs extends Place, ComponentArgs {
  /** `metadata.name` of the StatefulSet, its headless Service, ServiceAccount and NetworkPolicy; its shape has this name too. */
  readonly workloadName: string;
  /** Labels that select the pods; Kubernetes lets nobody change them later. @default - `app: <workloadName>` */
  readonly labels?: Record<string, string>;
  /** Containers and volumes. The volume of kind `claim` that has the claim's name is the pod's own disk. */
  readonly pod: OwnedPod;
  /** Number of pods; from two on they are put on different nodes and have a disruption budget. */
  readonly replicas: number;
  /** Ports of the Services, and what clients may connect to. */
  readonly ports: readonly ServicePort[];
  /**
   * `metadata.name` of a Service with one address, for clients; the headless Service is then named `<workloadName>-headless`.
   * @default - clients use the headless Service, which has the StatefulSet's name
   */
  readonly clientService?: string;
  /**
   * TCP ports on which the pods may connect to each other. With them all pods start at once, and DNS has those that are not
   * ready. @default - none: the pods start one after the other
   */
  readonly peerPorts?: readonly number[];
  /** Claim that each pod gets. Kubernetes lets nobody change its template, so a change replaces the StatefulSet. */
  readonly claim: {
    /** Name of the template; the claims are named `<name>-<workloadName>-0` and so on. */
    readonly name: string;
    /** Kubernetes quantity, `10Gi`. */
    readonly size: string;
    /** `storageClassName`; undefined means the cluster's default class. */
    readonly storageClass: string | undefined;
  };
  /** Whether it may be taken away although it is production. @default false */
  readonly released?: boolean;
  /** What the pods may connect to, beside what the stack's settings add; the pods start once it is ready. @default [] */
  readonly connectsTo?: readonly Destination[];
  /** Whether it runs for the last dump of a retired system, too. @default false */
  readonly forLastBackup?: boolean;
}

/** Annotation of a StatefulSet without pods, because its system is retired: the number of pods that it has claims of. */
const keptClaims = "doks-systems/kept-claims";

/**
 * A StatefulSet with a headless Service and one claim for each pod.
 *
 * Its claims are kept when it is deleted or gets fewer replicas. In production it is protected, because a change of most of its
 * fields replaces it. In a retired system it stays with no pod, and nothing else of it does.
 */
export class StatefulWorkload extends Component {
  /** Its pods on all its ports, for `connectsTo` of clients. */
  readonly endpoint: Endpoint;

  constructor(name: string, given: StatefulWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    const running = given.namespace.shape(given.workloadName).running ?? {};
    const args = { ...given, running, labels: running.selector ?? given.labels ?? { app: given.workloadName } };
    const connectsTo = args.connectsTo ?? [];
    const edges = connectionsOf({ ...args, connectsTo, ownerName: args.workloadName });
    super("doks-systems:workload:StatefulWorkload", name, { connectsTo: edges.map(connectionTo) }, args, opts);
    const runs = args.namespace.runs(args.forLastBackup);
    const services = runs ? this.services(name, args) : [];
    const { template, before } = preparePods(
      name,
      { ...args, ownerName: args.workloadName, spread: args.replicas > 1, connectsTo },
      this,
    );
    const set = new k8s.apps.v1.StatefulSet(
      name,
      {
        // Whoever asks what stays, and what it costs, finds the number of claims there.
        metadata: args.namespace.meta(args.workloadName, {
          annotations: runs ? undefined : { [keptClaims]: String(args.replicas) },
        }),
        spec: {
          serviceName: governingService(args),
          replicas: runs ? args.replicas : 0,
          podManagementPolicy: running.podManagement ?? (args.peerPorts === undefined ? undefined : "Parallel"),
          selector: { matchLabels: args.labels },
          template,
          persistentVolumeClaimRetentionPolicy: {
            // Claims in a namespace that somebody else made would stay without an owner, and cost.
            whenDeleted: args.namespace.presence === "given-up" ? "Delete" : "Retain",
            whenScaled: "Retain",
          },
          volumeClaimTemplates: (running.claims ?? [args.claim]).map(claimTemplate),
        },
      },
      { parent: this, dependsOn: [...services, ...before], protect: args.site.production && args.released !== true },
    );
    if (runs && args.replicas > 1) disruptionBudget(name, { ...args, budget: { maxUnavailable: 1 } }, this);
    this.endpoint = {
      kind: "pods",
      name: args.workloadName,
      namespace: args.namespace,
      labels: args.labels,
      ports: args.ports.map((port) => port.targetPort),
      ready: [set],
    };
    const ports = Object.values(args.namespace.shape(args.workloadName).ports);
    admitVisitors(name, { ...this.endpoint, ports }, this);
    this.registerOutputs({});
  }

  /**
   * Its Services select by the workload's labels alone, in an adopted namespace too: members of an ensemble that runs there
   * since before find each other by them, while they are replaced one after the other.
   */
  private services(
    name: string,
    args: StatefulWorkloadArgs & { readonly labels: Record<string, string>; readonly running: Partial<Running> },
  ): pulumi.Resource[] {
    const governing = {
      serviceName: governingService(args),
      headless: args.running.headless ?? true,
      publishNotReady: args.peerPorts !== undefined,
    };
    const headless = service(`${name}-service`, { ...args, ...governing }, this);
    if (args.clientService === undefined || args.clientService === governing.serviceName) return [headless];
    return [headless, service(`${name}-client-service`, { ...args, serviceName: args.clientService }, this)];
  }
}

function governingService({
  workloadName,
  clientService,
  running,
}: StatefulWorkloadArgs & { readonly running: Partial<Running> }): string {
  return running.serviceName ?? (clientService === undefined ? workloadName : `${workloadName}-headless`);
}

/** Name of the Service that gives the pods of a StatefulSet their host names: its own, unless another one ran before. */
export function hostService(namespace: Place["namespace"], workloadName: string): string {
  return namespace.shape(workloadName).running?.serviceName ?? workloadName;
}

function claimTemplate(claim: {
  readonly name: string;
  readonly size: string;
  readonly storageClass?: string | undefined;
  readonly labels?: Record<string, string> | undefined;
}): types.input.core.v1.PersistentVolumeClaim {
  return {
    metadata: { name: claim.name, ...(claim.labels && { labels: claim.labels }) },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: claim.storageClass,
      resources: { requests: { storage: claim.size } },
    },
  };
}
