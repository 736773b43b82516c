import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Dns } from "../network/dns.ts";
import type { Monitoring } from "../monitoring/monitoring.ts";
import type { Edge } from "../network/edge.ts";
import type { Registry } from "../storage/registry.ts";
import type { Images } from "./images.ts";
import type { PriorityClassNames } from "../cluster/priority-classes.ts";

/** What a component needs to know about the place it is built in. `Platform` is one; tests may bring their own. */
export interface Site {
  /** Production: what holds data is protected, and kept when its resource goes. */
  readonly production: boolean;
  /** Of the cluster. */
  readonly provider: k8s.Provider;
  readonly images: Images;
  /** Keys the checksums that pods carry, so that a checksum says nothing about the secret behind it. */
  readonly checksumKey: pulumi.Output<string>;
  /** The cluster, when this stack makes it: where managed databases and firewalls are tied to. */
  readonly doks: DoksSite | undefined;
  /** Node pools of this stack, for pods to wait for. */
  readonly pools: readonly pulumi.Resource[];
  /** What goes first where there is no room for everything, and what pods of a class wait for. */
  readonly priorities: { readonly names: PriorityClassNames; readonly ready: readonly pulumi.Resource[] };
  readonly storageRegion: string;
  readonly registry: Registry | undefined;
  readonly dns: Dns;
  readonly edge: Edge | undefined;
  /** The Prometheus Operator, where the cluster has one. */
  readonly monitoring: Monitoring | undefined;
  /** Whether the cluster has a Linkerd control plane, which injects its proxy into pods that ask for it. */
  readonly linkerd: boolean;
  /** Puts a DigitalOcean resource into the stack's project. No-op where there is none. */
  adopt(name: string, urn: pulumi.Input<string>, parent: pulumi.Resource): void;
  /** Node selector for a pool of this stack; none on clusters whose pools are not ours. */
  nodeSelector(pool: string): Record<string, string> | undefined;
  /**
   * Storage class where the cluster is DOKS; elsewhere the cluster's default.
   *
   * @param doksClass @default in production the one that keeps a volume whose claim is deleted
   */
  storageClass(doksClass?: string): string | undefined;
}

export interface DoksSite {
  readonly clusterId: pulumi.Output<string>;
  readonly vpcId: pulumi.Output<string>;
  readonly vpcRange: pulumi.Input<string>;
  readonly region: pulumi.Input<string>;
}
