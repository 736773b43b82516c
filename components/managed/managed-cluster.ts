import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { cloudName } from "../../catalogue/names.ts";
import type { VpcService } from "../connections/destinations.ts";
import type { Site } from "../site/site.ts";

/** Arguments of `managedCluster`. */
export interface ManagedClusterArgs {
  /** Gives the service its region, its VPC, and the cluster that its firewall lets in. */
  readonly site: Site;
  /** DigitalOcean's name of the software: PostgreSQL, Valkey or Kafka. */
  readonly engine: "pg" | "valkey" | "kafka";
  /** Version as DigitalOcean lists it: `16` for PostgreSQL, `8` for Valkey, `3.8` for Kafka. */
  readonly version: string;
  /** DigitalOcean's name of the service; a change replaces it. @default - `<name>-<stack>` */
  readonly cloudName: string | undefined;
  /** DigitalOcean's slug of each node's size, `db-s-1vcpu-2gb`. */
  readonly size: string;
  /** Number of nodes: of PostgreSQL and Valkey one works and the others stand by, of Kafka all are brokers. */
  readonly nodes: number;
  /** What a Valkey does when its memory is full: `noeviction`, `allkeys_lru`. @default - DigitalOcean's default */
  readonly evictionPolicy?: string;
  /** Whether it may be taken away although it is production; at DigitalOcean it stays, as clients know it. @default false */
  readonly released?: boolean;
  /** Name of the service in the connections that the preview shows. */
  readonly serverName: string;
}

/**
 * A managed database or broker of DigitalOcean in the stack's VPC. Its firewall lets only the cluster in. Protected in
 * production, and retained when it leaves the program.
 *
 * Another name or VPC replaces it with an empty one.
 *
 * @returns the service, and the destination that clients name in `connectsTo`
 * @throws {Error} if the cluster is not on DigitalOcean
 */
export function managedCluster(
  name: string,
  args: ManagedClusterArgs,
  parent: pulumi.Resource,
): { cluster: digitalocean.DatabaseCluster; endpoint: VpcService } {
  const { site, engine, version, size, nodes, evictionPolicy, released = false } = args;
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
    { parent, protect: site.production && !released, retainOnDelete: site.production },
  );
  site.addToProject(name, cluster.clusterUrn, parent);
  const firewall = new digitalocean.DatabaseFirewall(
    name,
    { clusterId: cluster.id, rules: [{ type: "k8s", value: site.doks.clusterId }] },
    // A service without a firewall lets the whole internet ask for a password.
    { parent, retainOnDelete: site.production && released ? true : undefined },
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
