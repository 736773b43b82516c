import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { RedisSetting } from "../../settings/slices/data-services.ts";
import { managedCluster } from "../managed/managed-cluster.ts";
import type { RedisServer, ServerArgs } from "./server.ts";

type Args = ServerArgs & { readonly setting: Extract<RedisSetting, { kind: "managed" }> };

/** DigitalOcean managed Valkey in the stack's VPC, over TLS, which only the cluster may connect to. Costs from 15 $ a month. */
export function managedValkey(name: string, args: Args, parent: pulumi.Resource): RedisServer {
  const { setting } = args;
  const { cluster, endpoint } = managedCluster(
    name,
    { ...args, ...setting, engine: "valkey", version: "8", cloudName: setting.name, evictionPolicy: setting.eviction },
    parent,
  );
  const { privateHost: host, port, user, password } = cluster;
  const { certificate } = digitalocean.getDatabaseCaOutput({ clusterId: cluster.id }, { parent });
  return {
    connection: { host, port, user, password: pulumi.secret(password), tls: true },
    endpoint,
    authority: certificate,
  };
}
