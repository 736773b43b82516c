import * as digitalocean from "@pulumi/digitalocean";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import { systemPool } from "../../catalogue/doks.ts";
import type { ClusterSetting, PlatformSetting } from "../../settings/platform.ts";
import type { DoksSite } from "../site/site.ts";
import { clusterName, type Cluster, type SharedCluster } from "./cluster.ts";
import { execKubeconfig } from "./kubeconfig.ts";
import { NatGateway } from "./nat-gateway.ts";
import { nodePools } from "./node-pools.ts";
import { adopterOptions, doksProvider } from "./provider.ts";
import { Vpc } from "./vpc.ts";

/** Arguments of `DoksCluster`. */
export interface DoksClusterArgs extends ComponentArgs {
  /** Version, ranges, system pool and maintenance window: `platform.cluster`. */
  readonly setting: Extract<ClusterSetting, { source: "create" }>;
  /** Autoscaled node pools by name: `platform.pools`. */
  readonly pools: PlatformSetting["pools"];
  /** DigitalOcean's slug of the region, `nyc1`; a change replaces VPC and cluster. */
  readonly region: string;
  /** Protects VPC, cluster and node pools, and keeps load balancers and volumes if the cluster is destroyed. */
  readonly production: boolean;
  /** DigitalOcean's API token, which the API server of DOKS accepts as well; secret. */
  readonly token: pulumi.Output<string>;
}

/**
 * A DOKS cluster in a VPC of its own, with a small built-in node pool for add-ons and one autoscaled node pool for each entry
 * of `platform.pools`.
 *
 * Patch upgrades, autoscaling and expired credentials cause no difference in the next preview. The cluster is protected in
 * production, because a change of region, subnets or the built-in pool's size replaces it. Costs its nodes, and 40 $ a month
 * if its control plane is highly available (`ha`).
 */
export class DoksCluster extends Component implements Cluster {
  readonly provider: k8s.Provider;
  readonly adopter: Cluster["adopter"];
  readonly kubeconfig: pulumi.Output<string>;
  readonly doks: DoksSite;
  readonly clusterUrn: pulumi.Output<string>;
  readonly pools: readonly pulumi.Resource[];
  readonly outgoingAddresses: pulumi.Output<string[]> | undefined;
  readonly shared: pulumi.Output<SharedCluster>;
  readonly edge = undefined;
  readonly priorityClasses = undefined;

  constructor(name: string, args: DoksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:cluster:DoksCluster", name, {}, args, opts);
    const cloudName = clusterName(args.setting, pulumi.getStack());
    const vpcArgs = { ...args, vpcName: cloudName, range: args.setting.vpcRange };
    const vpc = new Vpc(`${name}-vpc`, vpcArgs, { parent: this });
    const cluster = this.createCluster(name, cloudName, vpc, args);
    const pools = nodePools(name, { ...args, clusterId: cluster.id }, this);
    const address = pulumi
      .all([cluster.name, cluster.endpoint, cluster.kubeConfigs])
      .apply(([given, endpoint, configs]) => ({
        name: given,
        endpoint,
        caCertificate: configs[0]?.clusterCaCertificate ?? "",
      }));
    const providerArgs = { address, clusterId: cluster.id, token: args.token };
    this.provider = doksProvider(name, providerArgs, this);
    const nat = this.createNat(name, cloudName, vpc, args);
    this.outgoingAddresses = nat?.addresses;
    this.pools = nat === undefined ? pools : [...pools, nat.ready];
    this.adopter = (adopterName, parent) =>
      doksProvider(adopterName, { ...providerArgs, options: adopterOptions }, parent);
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
        // Otherwise load balancers and volumes outlive a destroyed cluster, and go on costing. Production keeps them.
        destroyAllAssociatedResources: !production,
        // Without it the cluster has no kind for the route through a NAT gateway.
        ...(setting.nat === false ? {} : { routingAgent: { enabled: true } }),
      },
      {
        parent: this,
        protect: production,
        // DigitalOcean installs patches itself, which leaves an older version in the state. The provider would replace the
        // cluster to go back to it, so the version counts only while an upgrade is asked for.
        ...(setting.upgradeTo === undefined ? { ignoreChanges: ["version"] } : {}),
        customTimeouts: { create: "60m" },
      },
    );
  }

  private createNat(
    name: string,
    gatewayName: string,
    { vpcId }: Vpc,
    { setting: { nat }, region, production }: DoksClusterArgs,
  ): NatGateway | undefined {
    if (nat === false) return undefined;
    const args = { gatewayName, region, vpcId, size: nat.size, production, provider: this.provider };
    return new NatGateway(`${name}-nat`, args, { parent: this });
  }
}
