import { cloudName } from "../../catalogue/names.ts";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterSetting } from "../../settings/platform.ts";
import type { ClusterAddress } from "./kubeconfig.ts";
import type { PriorityClassNames } from "../site/site.ts";
import type { DoksSite } from "../site/site.ts";

/** What DigitalOcean calls a stack's cluster. */
export function clusterName(setting: Extract<ClusterSetting, { source: "create" }>, stack: string): string {
  return setting.name ?? cloudName("doks", stack);
}

/** What a stack says of its cluster, for stacks that deploy to it; nothing secret. */
export interface SharedCluster extends ClusterAddress {
  readonly clusterId: string;
  readonly vpcId: string;
  readonly vpcRange: string;
  readonly region: string;
}

/** What a stack says of its Gateway, for routes of others. */
export interface SharedEdge {
  readonly address: pulumi.Output<string>;
  /** Absent where that stack was last updated before it told. */
  readonly issuer: pulumi.Output<string | undefined>;
}

/** A Kubernetes cluster, whoever made it. */
export interface Cluster {
  readonly provider: k8s.Provider;
  /** Makes a provider that takes over what exists, instead of refusing to make it, and forces fields that others own. */
  readonly adopter: (name: string, parent: pulumi.Resource) => k8s.Provider;
  /** Kubeconfig for people, without a credential; only for clusters of this stack. */
  readonly kubeconfig: pulumi.Output<string> | undefined;
  readonly doks: DoksSite | undefined;
  /** `do:kubernetes:…` */
  readonly clusterUrn: pulumi.Output<string> | undefined;
  /** For stacks that deploy to it. */
  readonly shared: pulumi.Output<SharedCluster> | undefined;
  /** The Gateway that its stack made: its address, and the issuer of certificates. */
  readonly edge: SharedEdge | undefined;
  /** Those that it has of its own; absent where this stack makes them. */
  readonly priorityClasses: PriorityClassNames | undefined;
  /** What workloads on a pool wait for. */
  readonly pools: readonly pulumi.Resource[];
}
