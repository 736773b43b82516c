import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import { connectionTo, type Destination, type Endpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";
import { disruptionBudget } from "./disruption-budget.ts";
import { admitVisitors, connectionsOf, preparePods } from "./prepare.ts";
import type { OwnedPod } from "./shaped-pod.ts";
import { service, type ServicePort } from "./service.ts";

export interface StatefulWorkloadArgs extends Place, ComponentArgs {
  /** `metadata.name` of the StatefulSet, its headless Service, ServiceAccount and policy. */
  readonly workloadName: string;
  /** Labels that select the pods; never changed later: they are immutable. @default `app: <workloadName>` */
  readonly labels?: Record<string, string>;
  readonly pod: OwnedPod;
  readonly replicas: number;
  readonly ports: readonly ServicePort[];
  /**
   * A Service with an address of its own for clients; the set's headless one is then named after the set and `headless`.
   * @default clients use the headless one, which has the set's name
   */
  readonly clientService?: string;
  /** Ports on which the pods reach each other; several pods then start at once and find each other before they are ready. */
  readonly peerPorts?: readonly number[];
  /** The claim each pod gets; its template is immutable, so every field of it is for life. */
  readonly claim: { readonly name: string; readonly size: string; readonly storageClass: string | undefined };
  readonly connectsTo?: readonly Destination[];
}

/**
 * A StatefulSet with a headless Service of the same name and one claim per pod.
 *
 * Claims outlive the set: retained when it is deleted or scaled down. In production the set is protected, because most
 * of its fields replace it.
 */
export class StatefulWorkload extends Component {
  readonly endpoint: Endpoint;

  constructor(name: string, given: StatefulWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    const args = { ...given, labels: given.labels ?? { app: given.workloadName } };
    const connectsTo = args.connectsTo ?? [];
    const edges = connectionsOf({ ...args, connectsTo, ownerName: args.workloadName });
    super("doks-systems:workload:StatefulWorkload", name, { connectsTo: edges.map(connectionTo) }, args, opts);
    const services = this.services(name, args);
    const { template, before } = preparePods(
      name,
      { ...args, ownerName: args.workloadName, spread: args.replicas > 1, connectsTo },
      this,
    );
    const set = new k8s.apps.v1.StatefulSet(
      name,
      {
        metadata: args.namespace.meta(args.workloadName),
        spec: {
          serviceName: governingService(args),
          replicas: args.replicas,
          podManagementPolicy: args.peerPorts === undefined ? undefined : "Parallel",
          selector: { matchLabels: args.labels },
          template,
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
          volumeClaimTemplates: [
            {
              metadata: { name: args.claim.name },
              spec: {
                accessModes: ["ReadWriteOnce"],
                storageClassName: args.claim.storageClass,
                resources: { requests: { storage: args.claim.size } },
              },
            },
          ],
        },
      },
      { parent: this, dependsOn: [...services, ...before], protect: args.site.production },
    );
    if (args.replicas > 1) disruptionBudget(name, { ...args, budget: { maxUnavailable: 1 } }, this);
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

  private services(
    name: string,
    args: StatefulWorkloadArgs & { readonly labels: Record<string, string> },
  ): pulumi.Resource[] {
    const governing = {
      serviceName: governingService(args),
      headless: true,
      publishNotReady: args.peerPorts !== undefined,
    };
    const headless = service(`${name}-service`, { ...args, ...governing }, this);
    if (args.clientService === undefined) return [headless];
    return [headless, service(`${name}-client-service`, { ...args, serviceName: args.clientService }, this)];
  }
}

function governingService({ workloadName, clientService }: StatefulWorkloadArgs): string {
  return clientService === undefined ? workloadName : `${workloadName}-headless`;
}
