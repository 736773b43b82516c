import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { ClusterSetting } from "../../settings/platform.ts";
import type { PriorityClassNames } from "../site/site.ts";
import type { DoksSite } from "../site/site.ts";
import type { Cluster, SharedCluster, SharedEdge } from "./cluster.ts";
import { adopterOptions, doksProvider } from "./provider.ts";

/** A DOKS cluster that another stack of this program makes; the systems of this stack run on it beside that stack's own. */
export class StackCluster extends Component implements Cluster {
  readonly provider: k8s.Provider;
  readonly adopter: Cluster["adopter"];
  readonly kubeconfig = undefined;
  readonly doks: DoksSite;
  readonly clusterUrn = undefined;
  readonly pools = [];
  readonly outgoingAddresses = undefined;
  readonly shared = undefined;
  readonly edge: SharedEdge;
  readonly priorityClasses: PriorityClassNames;

  constructor(
    name: string,
    args: ComponentArgs & { setting: Extract<ClusterSetting, { source: "stack" }>; token: pulumi.Output<string> },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:cluster:StackCluster", name, { stack: args.setting.stack }, args, opts);
    const stack = new pulumi.StackReference(`${name}-stack`, { name: args.setting.stack }, { parent: this });
    const platform = stack.requireOutput("platform") as pulumi.Output<{
      cluster: SharedCluster;
      loadBalancer?: string;
      issuer?: string;
      priorityClasses?: Record<keyof PriorityClassNames, string>;
    }>;
    const address = platform.apply((output) => output.cluster);
    const { clusterId, vpcId, vpcRange, region } = address;
    const providerArgs = { address, clusterId, token: args.token };
    this.provider = doksProvider(name, providerArgs, this);
    this.adopter = (adopterName, parent) =>
      doksProvider(adopterName, { ...providerArgs, options: adopterOptions }, parent);
    this.doks = { clusterId, vpcId, vpcRange, region };
    this.edge = {
      address: platform.apply((output) => output.loadBalancer ?? ""),
      issuer: platform.apply((output) => output.issuer),
    };
    // If an older version of this program last updated that stack, it has made no classes. Kubernetes refuses pods of a class
    // that does not exist, so pods then get none.
    const priorityClass = (kind: keyof PriorityClassNames) =>
      platform.apply((output) => output.priorityClasses?.[kind]);
    this.priorityClasses = {
      data: priorityClass("data"),
      deployment: priorityClass("deployment"),
      task: priorityClass("task"),
    };
    this.registerOutputs({});
  }
}
