import * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { existingServer } from "../connections/destinations.ts";
import { ConfigObject } from "../workload/config-objects.ts";
import type { Mount } from "../workload/volumes.ts";
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
 * Redis of any kind: a StatefulSet, DigitalOcean's managed Valkey, or a server that exists already. All require a password
 * and have the same properties, so that a system need not know which kind it uses.
 *
 * @throws {Error} if the server exists already and its password is not given
 */
export class RedisDatabase extends Component {
  /** Host, port, user and password, for clients that take them one by one. */
  readonly connection: RedisConnection;
  /** The server, for `connectsTo` of its clients. */
  readonly endpoint: RedisServer["endpoint"];
  /** `redis://user:password@redis:6379`, or `rediss://…` over TLS; secret. */
  readonly url: pulumi.Output<string>;
  /** `redis://redis:6379`: the URL without user and password, for clients that take those from elsewhere. */
  readonly address: pulumi.Output<string>;
  /**
   * Path in a client's container of the certificate (PEM) of the authority that signed the server's certificate; undefined
   * for a public authority or none. Each client has its own variable or option for it.
   */
  readonly authorityPath: string | undefined;
  /** Mounts that bring the file at `authorityPath` into a client's container; empty if that is undefined. */
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
        const { host, port, user, tls, where, caCertificate } = setting;
        return {
          connection: { host, port, user, tls, password: existingPassword },
          authority: tls ? caCertificate : undefined,
          endpoint: existingServer(args.serverName, [port], where, args.namespace),
        };
      }
    }
  }
}
