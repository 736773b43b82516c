import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { ClusterSetting } from "../../settings/platform.ts";
import { noPriorities } from "./priority-classes.ts";
import type { Cluster } from "./cluster.ts";
import { adopterOptions, providerOptions } from "./provider.ts";

/** A cluster of which only a kubeconfig is known: kind, k3d, the sandbox, another team's DOKS. */
export class KubeconfigCluster extends Component implements Cluster {
  readonly provider: k8s.Provider;
  readonly adopter: Cluster["adopter"];
  readonly kubeconfig = undefined;
  readonly doks = undefined;
  readonly clusterUrn = undefined;
  readonly pools = [];
  readonly outgoingAddresses = undefined;
  readonly shared = undefined;
  readonly edge = undefined;
  readonly priorityClasses = noPriorities;

  constructor(
    name: string,
    args: ComponentArgs & { readonly setting: Extract<ClusterSetting, { source: "kubeconfig" }> },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    // The type is in the URN of every object of such a stack, so it stays as it was first called.
    super("doks-systems:cluster:ExistingCluster", name, {}, args, opts);
    const { path, context } = args.setting;
    const connection = {
      kubeconfig: path,
      context,
      // The provider's identity is the context: a moved file or a renewed credential changes nothing, another context
      // replaces every object.
      clusterIdentifier: context ?? "kubeconfig",
    };
    this.provider = new k8s.Provider(name, { ...connection, ...providerOptions }, { parent: this });
    this.adopter = (adopterName, parent) =>
      new k8s.Provider(adopterName, { ...connection, ...adopterOptions }, { parent });
    this.registerOutputs({});
  }
}
