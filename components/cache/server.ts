/** What every kind of Redis server takes and gives; `RedisDatabase` chooses the kind. */
import type { ComponentArgs } from "../site/component.ts";
import * as pulumi from "@pulumi/pulumi";
import type { RedisSetting } from "../../settings/slices/data-services.ts";
import type { ServerEndpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";

export interface RedisDatabaseArgs extends Place, ComponentArgs {
  readonly setting: RedisSetting;
  /** Password of a server that exists already. */
  readonly existingPassword: pulumi.Output<string> | undefined;
  /** Name of the StatefulSet. */
  readonly serverName: string;
  /** Name of the Service that clients use. @default the server's */
  readonly serviceName?: string;
  /** Labels that select the server's pod. @default `app: <serverName>` */
  readonly labels?: Record<string, string>;
  /** Name of the claim's template. @default "data" */
  readonly claimName?: string;
  /** Names a server in the cluster by its full name, which other namespaces can use. @default false */
  readonly fullHostName?: boolean;
  /** The user of a server in the cluster. @default `default`, which clients are that know only a password */
  readonly user?: string;
}

/** The arguments with every default in its place. */
export type ServerArgs = RedisDatabaseArgs & Required<Omit<RedisDatabaseArgs, "labels" | "transform">>;

export function withDefaults(args: RedisDatabaseArgs): ServerArgs {
  return {
    ...args,
    serviceName: args.serviceName ?? args.serverName,
    claimName: args.claimName ?? "data",
    fullHostName: args.fullHostName ?? false,
    user: args.user ?? "default",
  };
}

/** How clients reach a server. */
export interface RedisConnection {
  readonly host: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
  readonly user: pulumi.Input<string>;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  readonly tls: boolean;
}

export interface RedisServer {
  readonly connection: RedisConnection;
  readonly endpoint: ServerEndpoint;
  /** PEM of whoever signed its certificate, where that is no public authority. */
  readonly authority: pulumi.Input<string> | undefined;
}

/** `redis://user:password@host:port`, or `rediss` over TLS, each part escaped; secret. */
export function redisUrl({ host, port, user, password, tls }: RedisConnection): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.all([host, port, user, password]).apply(([h, p, u, secret]) => {
      const login = `${encodeURIComponent(u)}:${encodeURIComponent(secret)}`;
      return `${tls ? "rediss" : "redis"}://${login}@${h}:${p}`;
    }),
  );
}
