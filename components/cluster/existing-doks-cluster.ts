import * as digitalocean from "@pulumi/digitalocean";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { ClusterSetting, PlatformSetting } from "../../settings/platform.ts";
import type { DoksSite } from "../site/site.ts";
import type { Cluster, SharedCluster } from "./cluster.ts";
import { execKubeconfig } from "./kubeconfig.ts";
import { nodePools } from "./node-pools.ts";
import { noPriorities } from "./priority-classes.ts";
import { adopterOptions, doksProvider } from "./provider.ts";

/** Arguments of `ExistingDoksCluster`. */
export interface ExistingDoksClusterArgs extends ComponentArgs {
  /** Which cluster: `platform.cluster`. */
  readonly setting: Extract<ClusterSetting, { source: "existing" }>;
  /** Pools that the cluster has, and pools to be made in it: `platform.pools`. */
  readonly pools: PlatformSetting["pools"];
  /** DigitalOcean's slug of the cluster's region, `nyc1`; preflight compares it with the cluster's own. */
  readonly region: string;
  /** Protects the node pools that this stack makes. */
  readonly production: boolean;
  /** DigitalOcean's API token, which the API server of DOKS accepts as well; secret. */
  readonly token: pulumi.Output<string>;
}

/**
 * A DOKS cluster of the account that this program has not made. It is looked up, never a resource of this stack: nothing that
 * happens to the stack changes or deletes it. Managed databases join its VPC, and their firewalls admit it. Node pools of
 * `platform.pools` are made in it, except those of kind `existing`.
 *
 * No PriorityClasses: pods of a higher one would push out those of whoever else runs there.
 *
 * It is looked up with the provider's function, which takes a name only, and reads the first twenty clusters of the account.
 * Where the settings have an id, preflight finds its name. The provider's `KubernetesCluster.get` would take an id, but adds a
 * tag to the pool of a cluster with one pool, and refuses a cluster with several that has no such tag.
 * Source: terraform-provider-digitalocean, `kubernetes/datasource_kubernetes_cluster.go` and `resource_kubernetes_cluster.go`.
 */
export class ExistingDoksCluster extends Component implements Cluster {
  readonly provider: k8s.Provider;
  readonly adopter: Cluster["adopter"];
  readonly kubeconfig: pulumi.Output<string>;
  readonly doks: DoksSite;
  readonly clusterUrn = undefined;
  readonly outgoingAddresses = undefined;
  readonly pools: readonly pulumi.Resource[];
  readonly shared: pulumi.Output<SharedCluster>;
  readonly edge = undefined;
  readonly priorityClasses = noPriorities;

  constructor(name: string, args: ExistingDoksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { setting, region, token } = args;
    const called = setting.name ?? setting.id ?? "";
    // The preview counts the pools that are there by these, and says whose cluster it is.
    const there = Object.entries(args.pools).filter(([, { kind }]) => kind === "existing");
    super(
      "doks-systems:cluster:ExistingDoksCluster",
      name,
      { cluster: called, pools: Object.fromEntries(there) },
      args,
      opts,
    );
    const looked = digitalocean.getKubernetesClusterOutput({ name: called }, { parent: this });
    // The answer has credentials of its own, which make all of it secret; what is used of it is none.
    const found = pulumi.unsecret(
      looked.apply(({ id, vpcUuid, name: given, endpoint, kubeConfigs }) => ({
        ...{ id, vpcUuid },
        address: { name: given, endpoint, caCertificate: kubeConfigs[0]?.clusterCaCertificate ?? "" },
      })),
    );
    const { id: clusterId, vpcUuid: vpcId } = found;
    const address = found.apply((one) => one.address);
    const vpcRange = digitalocean.getVpcOutput({ id: vpcId }, { parent: this }).ipRange;
    this.pools = nodePools(name, { ...args, clusterId }, this);
    const providerArgs = { address, clusterId, token };
    this.provider = doksProvider(name, providerArgs, this);
    this.adopter = (adopterName, parent) =>
      doksProvider(adopterName, { ...providerArgs, options: adopterOptions }, parent);
    this.kubeconfig = pulumi.all([address, clusterId]).apply(([to, id]) => execKubeconfig(to, id));
    this.doks = { clusterId, vpcId, vpcRange, region };
    this.shared = pulumi
      .all([address, clusterId, vpcId, vpcRange])
      .apply(([to, cluster, vpc, range]) => ({ ...to, clusterId: cluster, vpcId: vpc, vpcRange: range, region }));
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
