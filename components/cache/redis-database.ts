import * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { existingServer } from "../connections/destinations.ts";
import { ConfigObject } from "../workload/config-objects.ts";
import type { Mount } from "../workload/pod.ts";
import { inClusterRedis } from "./in-cluster-redis.ts";
import { managedValkey } from "./managed-valkey.ts";
import {
  redisUrl,
  withDefaults,
  type RedisConnection,
  type RedisDatabaseArgs,
  type RedisServer,
  type ServerArgs,
} from "./server.ts";

/**
 * Redis, whichever kind it is: a StatefulSet, DigitalOcean's managed Valkey, or a server that exists already. All ask for
 * a password and have the same face.
 */
export class RedisDatabase extends Component {
  readonly connection: RedisConnection;
  readonly endpoint: RedisServer["endpoint"];
  /** `redis://…` or `rediss://…` with user and password; secret. */
  readonly url: pulumi.Output<string>;
  /** The same without them, for clients that take them apart. */
  readonly address: pulumi.Output<string>;
  /** Where clients find the server's authority, where that is no public one; they name it in words of their own. */
  readonly authorityPath: string | undefined;
  readonly clientMounts: readonly Mount[] = [];

  constructor(name: string, given: RedisDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const args = withDefaults(given);
    super(
      "doks-systems:cache:RedisDatabase",
      name,
      { kind: args.setting.kind, serverName: args.serverName },
      args,
      opts,
    );
    const { connection, endpoint, authority } = this.server(name, args);
    this.connection = connection;
    this.endpoint = endpoint;
    this.url = redisUrl(connection);
    const scheme = connection.tls ? "rediss" : "redis";
    this.address = pulumi.interpolate`${scheme}://${connection.host}:${connection.port}`;
    if (authority !== undefined) {
      const data = { "ca.crt": authority };
      const object = new ConfigObject(
        `${name}-authority`,
        { ...args, objectName: `${args.serverName}-authority`, data },
        { parent: this },
      );
      this.authorityPath = "/etc/redis-client/ca.crt";
      this.clientMounts = [
        { path: "/etc/redis-client", volume: { kind: "files", name: "redis-client", from: object } },
      ];
    }
    this.registerOutputs({});
  }

  private server(name: string, args: ServerArgs): RedisServer {
    const { setting, existingPassword } = args;
    switch (setting.kind) {
      case "in-cluster":
        return inClusterRedis(name, { ...args, setting }, this);
      case "managed":
        return managedValkey(name, { ...args, setting }, this);
      case "existing": {
        if (existingPassword === undefined) throw new Error(`${name}: an existing server needs its password`);
        const { host, port, user, tls, privateRange, caCertificate } = setting;
        return {
          connection: { host, port, user, tls, password: existingPassword },
          authority: tls ? caCertificate : undefined,
          endpoint: existingServer(args.serverName, [port], privateRange),
        };
      }
    }
  }
}
