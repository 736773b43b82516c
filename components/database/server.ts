/** What every kind of PostgreSQL server takes and gives; `PostgresDatabase` chooses the kind. */
import type { ComponentArgs } from "../site/component.ts";
import * as pulumi from "@pulumi/pulumi";
import type { PostgresSetting } from "../../settings/slices/data-services.ts";
import { portText, type ServerEndpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";
import { SecretObject, type Values } from "../workload/config-objects.ts";
import type { Trust } from "./authority.ts";

type Tls = "disable" | "require" | "verify-ca" | "verify-full";

/** How clients reach a server. */
export interface Connection {
  readonly host: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
  readonly user: pulumi.Input<string>;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  readonly tls: Tls;
  /**
   * `postgresql://user:password@host:port/database?sslmode=…`, each part escaped; through the connection pool where there is
   * one. Secret.
   */
  url(database: string): pulumi.Output<string>;
}

/** The keys of a Secret that hold a connection, by what they hold; the URL is that of the first database. */
interface ConnectionKeys {
  readonly url?: string;
  readonly user?: string;
  readonly password: string;
  readonly host?: string;
  readonly port?: string;
}

export interface PostgresDatabaseArgs extends Place, ComponentArgs {
  readonly setting: PostgresSetting;
  /** Password of a server that exists already. */
  readonly existingPassword: pulumi.Output<string> | undefined;
  /** Name of the server where it is in the cluster, and of what belongs to it. */
  readonly serverName: string;
  /** Labels that select the server's pod. @default `app: <serverName>` */
  readonly labels?: Record<string, string>;
  /** Name of the claim's template. @default "data" */
  readonly claimName?: string;
  /** Names a server in the cluster by its full name, which other namespaces can use. @default false */
  readonly fullHostName?: boolean;
  /** @default the site's, which keeps volumes in production */
  readonly storageClass?: string;
  /** A Service for clients beside the headless one. @default none */
  readonly clientService?: string;
  /** DigitalOcean's name of a managed server. @default `<resource>-<stack>` */
  readonly cloudName?: string;
  /** The databases; the first one is made by the server's first start. */
  readonly databases: readonly [string, ...string[]];
  /** Role that owns the databases; an existing server's setting names its own. @default the first database's name */
  readonly user?: string;
  /** Name of the Secret that the system's workloads read the connection from. @default the server's */
  readonly secretName?: string;
  /** @default `user`, `password`, `host` and `port` under these names */
  readonly secretKeys?: ConnectionKeys;
  /** What else the Secret holds, by key. @default nothing */
  readonly secretValues?: (connection: Connection) => Values;
  /** Connections that the system's workloads may hold at once, all together. */
  readonly wantedConnections: number;
}

type Default = "claimName" | "user" | "secretName" | "secretKeys";

/** The arguments with every default in its place. */
export type ServerArgs = PostgresDatabaseArgs & Required<Pick<PostgresDatabaseArgs, Default>>;

export function withDefaults(args: PostgresDatabaseArgs): ServerArgs {
  return {
    ...args,
    claimName: args.claimName ?? "data",
    user: args.user ?? args.databases[0],
    secretName: args.secretName ?? args.serverName,
    secretKeys: args.secretKeys ?? { user: "user", password: "password", host: "host", port: "port" },
  };
}

/** A server, as whatever made it describes it. */
export interface Server {
  readonly connection: Connection;
  readonly secret: SecretObject;
  readonly endpoint: ServerEndpoint;
  readonly trust: Trust;
  /** Whether the program generated the password, or was told it by DigitalOcean. */
  readonly generatedPassword: boolean;
}

export function connectionSecret(
  name: string,
  args: ServerArgs,
  connection: Connection,
  parent: pulumi.Resource,
): SecretObject {
  const { secretName: objectName, databases } = args;
  const held = { ...connection, port: portText(connection.port), url: connection.url(databases[0]) };
  const keys = Object.entries(args.secretKeys) as [keyof ConnectionKeys, string][];
  const values = {
    ...Object.fromEntries(keys.map(([what, key]) => [key, held[what]])),
    ...args.secretValues?.(connection),
  };
  return new SecretObject(`${name}-connection`, { ...args, objectName, values }, { parent });
}

/** A connection with its URL. */
export function connectionOf(parts: Omit<Connection, "url">): Connection {
  return { ...parts, url: (database) => postgresUrl(parts, database) };
}

/** One function composes every URL: whatever somebody chose as a password stays one part of it. */
export function postgresUrl(
  { host, port, user, password, tls }: Omit<Connection, "url">,
  database: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.all([host, port, user, password, database]).apply(([h, p, u, secret, db]) => {
      const login = `${encodeURIComponent(u)}:${encodeURIComponent(secret)}`;
      return `postgresql://${login}@${h}:${p}/${db}?sslmode=${tls}`;
    }),
  );
}
