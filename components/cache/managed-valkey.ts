import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { RedisSetting } from "../../settings/data-services.ts";
import type { RedisDatabaseArgs, RedisServer } from "./server.ts";

type Args = RedisDatabaseArgs & { readonly setting: Extract<RedisSetting, { kind: "managed" }> };

/**
 * DigitalOcean managed Valkey in the stack's VPC, over TLS, open to the cluster only. Costs from 15 $ a month.
 */
export function managedValkey(name: string, args: Args, parent: pulumi.Resource): RedisServer {
  const { site, setting } = args;
  if (site.doks === undefined) throw new Error(`${name}: a managed database needs a cluster on DigitalOcean`);
  const cluster = new digitalocean.DatabaseCluster(
    name,
    {
      engine: "valkey",
      version: "8",
      name: setting.name ?? `${name}-${pulumi.getStack()}`,
      region: site.doks.region,
      size: setting.size,
      nodeCount: setting.nodes,
      privateNetworkUuid: site.doks.vpcId,
      evictionPolicy: setting.eviction,
    },
    { parent, protect: site.production, retainOnDelete: site.production },
  );
  site.adopt(name, cluster.clusterUrn, parent);
  const firewall = new digitalocean.DatabaseFirewall(
    name,
    { clusterId: cluster.id, rules: [{ type: "k8s", value: site.doks.clusterId }] },
    { parent },
  );
  return {
    connection: {
      host: cluster.privateHost,
      port: cluster.port,
      user: cluster.user,
      password: pulumi.secret(cluster.password),
      tls: true,
    },
    endpoint: {
      kind: "vpc",
      name: args.serverName,
      ports: [cluster.port],
      range: site.doks.vpcRange,
      ready: [cluster, firewall],
    },
  };
}
