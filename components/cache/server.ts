/** Arguments and properties that every kind of Redis server has; `RedisDatabase` chooses the kind. */
import type { ComponentArgs } from "../site/component.ts";
import * as pulumi from "@pulumi/pulumi";
import type { RedisSetting } from "../../settings/slices/data-services.ts";
import type { ServerEndpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";

/** Arguments of `RedisDatabase`. */
export interface RedisDatabaseArgs extends Place, ComponentArgs {
  /** Kind of server with its size and options, from `redis` in the system's settings. */
  readonly setting: RedisSetting;
  /**
   * Password from the stack's secrets: of a server that exists already, which needs one; of one in the cluster, the one that it
   * has already; undefined for a managed one.
   */
  readonly existingPassword: pulumi.Output<string> | undefined;
  /** `metadata.name` of the StatefulSet, and prefix of the names of its ConfigMaps and Secrets. */
  readonly serverName: string;
  /** `metadata.name` of the Service that clients use. @default - `serverName` */
  readonly serviceName?: string;
  /** Labels that select the server's pod; they cannot be changed later. @default - `app: <serverName>` */
  readonly labels?: Record<string, string>;
  /** Name of the claim's template; a change starts with an empty volume. @default "data" */
  readonly claimName?: string;
  /**
   * Whether the host of a server in the cluster is `redis.gx.svc.cluster.local`, which resolves in every namespace, instead of
   * `redis`. @default false
   */
  readonly fullHostName?: boolean;
  /** User of a server in the cluster; clients that send only a password log in as `default`. @default "default" */
  readonly user?: string;
}

/** The arguments after `withDefaults`. */
export type ServerArgs = RedisDatabaseArgs & Required<Omit<RedisDatabaseArgs, "labels" | "transform">>;

/** Fills in the arguments that were left out. */
export function withDefaults(args: RedisDatabaseArgs): ServerArgs {
  return {
    ...args,
    serviceName: args.serviceName ?? args.serverName,
    claimName: args.claimName ?? "data",
    fullHostName: args.fullHostName ?? false,
    user: args.user ?? "default",
  };
}

/** What clients need to log in to a server. */
export interface RedisConnection {
  /** DNS name or IP address; in the cluster the name of the Service. */
  readonly host: pulumi.Input<string>;
  /** TCP port: 6379 in the cluster, 25061 or so where DigitalOcean chooses it. */
  readonly port: pulumi.Input<number>;
  /** User of Redis' access control, `default` for clients that send only a password. */
  readonly user: pulumi.Input<string>;
  /** Password of the user, in plain text; secret. */
  readonly password: pulumi.Output<string>;
  /** Whether clients must use TLS; false for a server in the cluster. */
  readonly tls: boolean;
}

/** A server of any kind, as the function that makes it describes it to `RedisDatabase`. */
export interface RedisServer {
  /** What clients need to log in. */
  readonly connection: RedisConnection;
  /** The server, for `connectsTo` of its clients. */
  readonly endpoint: ServerEndpoint;
  /** Certificate (PEM) of the authority that signed the server's; undefined for a public authority or without TLS. */
  readonly authority: pulumi.Input<string> | undefined;
}

/** `redis://user:password@host:port`, or `rediss` over TLS, with user and password escaped; secret. */
export function redisUrl({ host, port, user, password, tls }: RedisConnection): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.all([host, port, user, password]).apply(([h, p, u, secret]) => {
      const login = `${encodeURIComponent(u)}:${encodeURIComponent(secret)}`;
      return `${tls ? "rediss" : "redis"}://${login}@${h}:${p}`;
    }),
  );
}
