import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, type Destination, type Endpoint } from "../network/connections.ts";
import type { Site } from "../platform/site.ts";
import type { Namespace } from "./namespace.ts";
import { preparePods, type OwnedPod } from "./prepare.ts";
import { service, type ServicePort } from "./service.ts";

export interface StatefulWorkloadArgs {
  readonly site: Site;
  readonly namespace: Namespace;
  /** `metadata.name` of the StatefulSet, its headless Service, ServiceAccount and policy. */
  readonly workloadName: string;
  readonly labels: Record<string, string>;
  readonly pod: OwnedPod;
  readonly replicas: number;
  readonly ports: readonly ServicePort[];
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
export class StatefulWorkload extends pulumi.ComponentResource {
  readonly endpoint: Endpoint;

  constructor(name: string, args: StatefulWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    const connectsTo = args.connectsTo ?? [];
    super("doks-systems:workload:StatefulWorkload", name, { connectsTo: connectsTo.map(describe) }, opts);
    const headless = service(name, { ...args, serviceName: args.workloadName, headless: true }, this);
    const { template, before } = preparePods(
      name,
      { ...args, ownerName: args.workloadName, spread: args.replicas > 1, connectsTo },
      this,
    );
    const set = new k8s.apps.v1.StatefulSet(
      name,
      {
        metadata: { name: args.workloadName, namespace: args.namespace.namespaceName },
        spec: {
          serviceName: args.workloadName,
          replicas: args.replicas,
          selector: { matchLabels: args.labels },
          template,
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
          volumeClaimTemplates: [
            {
              metadata: { name: args.claim.name },
              spec: {
                accessModes: ["ReadWriteOnce"],
                ...(args.claim.storageClass === undefined ? {} : { storageClassName: args.claim.storageClass }),
                resources: { requests: { storage: args.claim.size } },
              },
            },
          ],
        },
      },
      { parent: this, dependsOn: [headless, ...before], protect: args.site.production },
    );
    this.endpoint = {
      kind: "pods",
      name: args.workloadName,
      namespace: args.namespace,
      labels: args.labels,
      ports: args.ports.map((port) => port.targetPort),
      ready: [set],
    };
    this.registerOutputs({});
  }
}
