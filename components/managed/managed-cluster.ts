import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { cloudName } from "../../catalogue/names.ts";
import type { VpcService } from "../connections/destinations.ts";
import type { Site } from "../site/site.ts";

export interface ManagedClusterArgs {
  readonly site: Site;
  readonly engine: "pg" | "valkey" | "kafka";
  readonly version: string;
  /** DigitalOcean's name. @default `<resource>-<stack>` */
  readonly cloudName: string | undefined;
  readonly size: string;
  readonly nodes: number;
  /** What happens when a Valkey is full. */
  readonly evictionPolicy?: string;
  /** What connections call it. */
  readonly serverName: string;
}

/**
 * A managed service of DigitalOcean's in the stack's VPC, open to the cluster alone; protected and kept in production.
 *
 * A new name, or another VPC, is a new and empty one.
 */
export function managedCluster(
  name: string,
  args: ManagedClusterArgs,
  parent: pulumi.Resource,
): { cluster: digitalocean.DatabaseCluster; endpoint: VpcService } {
  const { site, engine, version, size, nodes, evictionPolicy } = args;
  if (site.doks === undefined) throw new Error(`${name}: a managed service needs a cluster on DigitalOcean`);
  const cluster = new digitalocean.DatabaseCluster(
    name,
    {
      engine,
      version,
      name: args.cloudName ?? cloudName(name, pulumi.getStack()),
      region: site.doks.region,
      size,
      nodeCount: nodes,
      privateNetworkUuid: site.doks.vpcId,
      evictionPolicy,
    },
    { parent, protect: site.production, retainOnDelete: site.production },
  );
  site.adopt(name, cluster.clusterUrn, parent);
  const firewall = new digitalocean.DatabaseFirewall(
    name,
    { clusterId: cluster.id, rules: [{ type: "k8s", value: site.doks.clusterId }] },
    { parent },
  );
  const endpoint: VpcService = {
    kind: "vpc",
    name: args.serverName,
    ports: [cluster.port],
    range: site.doks.vpcRange,
    ready: [cluster, firewall],
  };
  return { cluster, endpoint };
}
