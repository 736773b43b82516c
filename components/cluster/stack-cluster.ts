import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { ClusterSetting } from "../../settings/platform.ts";
import type { PriorityClassNames } from "../site/site.ts";
import type { DoksSite } from "../site/site.ts";
import type { Cluster, SharedCluster, SharedEdge } from "./cluster.ts";
import { adopterOptions, doksProvider } from "./provider.ts";

/** A DOKS cluster that another stack of this program made; this stack's systems run beside that one's. */
export class StackCluster extends Component implements Cluster {
  readonly provider: k8s.Provider;
  readonly adopter: Cluster["adopter"];
  readonly kubeconfig = undefined;
  readonly doks: DoksSite;
  readonly clusterUrn = undefined;
  readonly pools = [];
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
    const at = { address, clusterId, token: args.token };
    this.provider = doksProvider(name, at, this);
    this.adopter = (adopterName, parent) => doksProvider(adopterName, { ...at, options: adopterOptions }, parent);
    this.doks = { clusterId, vpcId, vpcRange, region };
    this.edge = {
      address: platform.apply((output) => output.loadBalancer ?? ""),
      issuer: platform.apply((output) => output.issuer),
    };
    // None where that stack was last updated before it made them: an unknown class would refuse every pod.
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
