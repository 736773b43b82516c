import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Shape } from "../../settings/slices/shape.ts";
import type { Images } from "./images.ts";

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
  readonly registry: ImageRegistry | undefined;
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

/** Names of the classes of pods, by what their owner is; of pods without a class nothing. */
export type PriorityClassNames = Readonly<Record<Shape["kind"], pulumi.Input<string | undefined>>>;

/** The registry that the systems' own images are pulled from. */
interface ImageRegistry {
  /** What the names of its images begin with: `registry.digitalocean.com/geo`. */
  readonly path: string;
  /** Docker configuration (JSON) for pull Secrets; secret. */
  readonly dockerConfig: pulumi.Output<string>;
}

/** The zones whose records a stack writes. */
export interface Dns {
  readonly domains: readonly string[];
  /** Zones that the stack makes itself, for records to wait for. */
  readonly ready: readonly pulumi.Resource[];
}

/** How traffic from the internet reaches the cluster, and what routes attach to. */
export interface Edge {
  readonly kind: "gateway" | "ingress";
  /** Namespace of the proxies, as NetworkPolicies name it. */
  readonly proxyNamespace: string;
  /** The shared Gateway's load balancer; an Ingress brings its own. */
  readonly address: pulumi.Output<string> | undefined;
  readonly ingressClass: string | undefined;
  readonly gateway: { readonly name: string; readonly namespace: string } | undefined;
  /** Name of the ClusterIssuer of certificates. */
  readonly issuer: pulumi.Input<string>;
  /** Whether hosts of a route have a certificate each, or one together. */
  readonly certificates: "host" | "system";
  /** What routes wait for. */
  readonly ready: readonly pulumi.Resource[];
}

/** The Prometheus Operator of a cluster, where there is one: what alerts, scrape targets and dashboards are made for. */
export interface Monitoring {
  /** Namespace of Prometheus, as NetworkPolicies name it. */
  readonly namespace: string;
  /** Labels that its Prometheus selects monitors and rules by. */
  readonly labels: Record<string, string>;
  /** What resources of its kinds wait for. */
  readonly ready: readonly pulumi.Resource[];
}
