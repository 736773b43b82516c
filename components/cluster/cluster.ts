import { cloudName } from "../../catalogue/names.ts";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterSetting } from "../../settings/platform.ts";
import type { ClusterAddress } from "./kubeconfig.ts";
import type { PriorityClassNames } from "../site/site.ts";
import type { DoksSite } from "../site/site.ts";

/** DigitalOcean's name of a stack's cluster: the one in the settings, else `doks-<stack>`. */
export function clusterName(setting: Extract<ClusterSetting, { source: "create" }>, stack: string): string {
  return setting.name ?? cloudName("doks", stack);
}

/** The stack output that other stacks read to deploy to this stack's cluster (`cluster.source: stack`); nothing secret. */
export interface SharedCluster extends ClusterAddress {
  /** DigitalOcean's id of the cluster, a UUID. */
  readonly clusterId: string;
  /** DigitalOcean's id of the cluster's VPC, a UUID. */
  readonly vpcId: string;
  /** CIDR block of the VPC, `10.20.0.0/20`. */
  readonly vpcRange: string;
  /** DigitalOcean's slug of the region, `nyc1`. */
  readonly region: string;
}

/** The Gateway of the stack that made the cluster, as that stack's outputs describe it to stacks with routes of their own. */
export interface SharedEdge {
  /** Address of the Gateway's load balancer, for DNS records; empty while it has none. */
  readonly address: pulumi.Output<string>;
  /** `metadata.name` of the ClusterIssuer; undefined if an older version of this program last updated that stack. */
  readonly issuer: pulumi.Output<string | undefined>;
}

/** A Kubernetes cluster: made by this stack or another one, found in the account, or known by its kubeconfig only. */
export interface Cluster {
  /** Kubernetes provider for everything that this program makes in the cluster. */
  readonly provider: k8s.Provider;
  /**
   * Makes a Kubernetes provider that takes over objects which exist already, where the usual one would refuse to create them,
   * and that forces fields which another field manager owns.
   */
  readonly adopter: (name: string, parent: pulumi.Resource) => k8s.Provider;
  /** Kubeconfig for people, without a credential; undefined for a cluster of another stack, or known by its kubeconfig. */
  readonly kubeconfig: pulumi.Output<string> | undefined;
  /** Ids and addresses at DigitalOcean; undefined for a cluster known by its kubeconfig only. */
  readonly doks: DoksSite | undefined;
  /** DigitalOcean's URN, `do:kubernetes:<id>`, for its project; undefined unless this stack makes the cluster. */
  readonly clusterUrn: pulumi.Output<string> | undefined;
  /** Output for stacks that deploy to this cluster; undefined for a cluster of another stack, or known by its kubeconfig. */
  readonly shared: pulumi.Output<SharedCluster> | undefined;
  /** The Gateway that another stack made on its cluster; undefined where this stack makes its own, or has no other stack. */
  readonly edge: SharedEdge | undefined;
  /** PriorityClasses that pods get, which may be none; undefined where this stack makes them. */
  readonly priorityClasses: PriorityClassNames | undefined;
  /** Addresses that requests to the internet come from; undefined where they are those of the nodes, which change. */
  readonly outgoingAddresses: pulumi.Output<string[]> | undefined;
  /** Node pools that this stack makes, and what they need to reach the internet; workloads wait for them. */
  readonly pools: readonly pulumi.Resource[];
}
