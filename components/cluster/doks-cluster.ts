import * as digitalocean from "@pulumi/digitalocean";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import { systemPool } from "../../catalogue/doks.ts";
import type { ClusterSetting, PlatformSetting } from "../../settings/platform.ts";
import type { DoksSite } from "../site/site.ts";
import { clusterName, type Cluster, type SharedCluster } from "./cluster.ts";
import { execKubeconfig } from "./kubeconfig.ts";
import { adopterOptions, doksProvider } from "./provider.ts";
import { Vpc } from "./vpc.ts";

export interface DoksClusterArgs extends ComponentArgs {
  readonly setting: Extract<ClusterSetting, { source: "create" }>;
  readonly pools: PlatformSetting["pools"];
  readonly region: string;
  readonly production: boolean;
  /** DigitalOcean's API token, which the cluster accepts too. */
  readonly token: pulumi.Output<string>;
}

/**
 * A DOKS cluster in a VPC of its own, with a small built-in pool for add-ons and one autoscaled pool for each entry of
 * `platform.pools`.
 *
 * Survives patch upgrades, autoscaling and expired credentials without a difference in the next preview. Protected in
 * production: region, subnets and the built-in pool's size cannot change without a new cluster. Costs its nodes, and 40 $ a
 * month for the highly available control plane.
 */
export class DoksCluster extends Component implements Cluster {
  readonly provider: k8s.Provider;
  readonly adopter: Cluster["adopter"];
  readonly kubeconfig: pulumi.Output<string>;
  readonly doks: DoksSite;
  readonly clusterUrn: pulumi.Output<string>;
  readonly pools: readonly pulumi.Resource[];
  readonly shared: pulumi.Output<SharedCluster>;
  readonly edge = undefined;
  readonly priorityClasses = undefined;

  constructor(name: string, args: DoksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:cluster:DoksCluster", name, {}, args, opts);
    const cloudName = clusterName(args.setting, pulumi.getStack());
    const vpcArgs = { ...args, vpcName: cloudName, range: args.setting.vpcRange };
    const vpc = new Vpc(`${name}-vpc`, vpcArgs, { parent: this });
    const cluster = this.createCluster(name, cloudName, vpc, args);
    this.pools = this.createPools(name, cluster, args);
    const address = pulumi
      .all([cluster.name, cluster.endpoint, cluster.kubeConfigs])
      .apply(([given, endpoint, configs]) => ({
        name: given,
        endpoint,
        caCertificate: configs[0]?.clusterCaCertificate ?? "",
      }));
    const at = { address, clusterId: cluster.id, token: args.token };
    this.provider = doksProvider(name, at, this);
    this.adopter = (adopterName, parent) => doksProvider(adopterName, { ...at, options: adopterOptions }, parent);
    this.kubeconfig = pulumi.unsecret(pulumi.all([address, cluster.id]).apply(([to, id]) => execKubeconfig(to, id)));
    this.doks = { clusterId: cluster.id, vpcId: vpc.vpcId, vpcRange: args.setting.vpcRange, region: args.region };
    this.clusterUrn = cluster.clusterUrn;
    this.shared = pulumi.unsecret(
      pulumi.all([address, cluster.id, vpc.vpcId]).apply(([to, clusterId, vpcId]) => ({
        ...to,
        clusterId,
        vpcId,
        vpcRange: args.setting.vpcRange,
        region: args.region,
      })),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  private createCluster(
    name: string,
    cloudName: string,
    vpc: Vpc,
    { setting, region, production }: DoksClusterArgs,
  ): digitalocean.KubernetesCluster {
    const newest = digitalocean.getKubernetesVersionsOutput(
      { versionPrefix: `${setting.upgradeTo ?? setting.version}.` },
      { parent: this },
    );
    return new digitalocean.KubernetesCluster(
      name,
      {
        name: cloudName,
        region,
        version: newest.latestVersion,
        vpcUuid: vpc.vpcId,
        clusterSubnet: setting.clusterSubnet,
        serviceSubnet: setting.serviceSubnet,
        ha: setting.ha,
        autoUpgrade: true,
        surgeUpgrade: true,
        maintenancePolicy: setting.maintenance,
        nodePool: { name: systemPool, size: setting.systemPool.size, nodeCount: setting.systemPool.count },
        // Load balancers and volumes of a cluster that is thrown away would go on costing; production keeps them.
        destroyAllAssociatedResources: !production,
      },
      {
        parent: this,
        protect: production,
        // DigitalOcean installs patches itself. The version written here would then be the lower one, and the provider
        // replaces a cluster rather than lower its version. Only an upgrade that was asked for shows.
        ...(setting.upgradeTo === undefined ? { ignoreChanges: ["version"] } : {}),
        customTimeouts: { create: "60m" },
      },
    );
  }

  private createPools(
    name: string,
    cluster: digitalocean.KubernetesCluster,
    { pools, production }: DoksClusterArgs,
  ): digitalocean.KubernetesNodePool[] {
    return Object.entries(pools).map(
      ([pool, { size, min, max }]) =>
        new digitalocean.KubernetesNodePool(
          `${name}-${pool}`,
          // No node count: it is the autoscaler's, and stated here it would be a difference at each preview.
          { clusterId: cluster.id, name: pool, size, autoScale: true, minNodes: min, maxNodes: max },
          { parent: this, protect: production },
        ),
    );
  }
}
