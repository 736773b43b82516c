/** Arguments and properties that every kind of PostgreSQL server has; `PostgresDatabase` chooses the kind. */
import type { ComponentArgs } from "../site/component.ts";
import * as pulumi from "@pulumi/pulumi";
import type { PostgresSetting } from "../../settings/slices/data-services.ts";
import { suffixOf } from "../../catalogue/names.ts";
import type { PostgresServerSetting } from "../../settings/slices/postgres/servers.ts";
import { portText, type ServerEndpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";
import { ExistingSecret, SecretObject, type SecretSource, type Values } from "../workload/config-objects.ts";
import type { Trust } from "./authority.ts";

type Tls = "disable" | "require" | "verify-ca" | "verify-full";

/** What clients need to log in to a server. */
export interface Connection {
  /** DNS name or IP address of the server itself, not of a connection pool. */
  readonly host: pulumi.Input<string>;
  /** TCP port: 5432 in the cluster; DigitalOcean chooses that of a managed server. */
  readonly port: pulumi.Input<number>;
  /** Role that the workloads log in as, and that may create tables in the databases. */
  readonly user: pulumi.Input<string>;
  /** Password of the role, in plain text; secret. */
  readonly password: pulumi.Output<string>;
  /**
   * libpq's `sslmode`: `require` encrypts, `verify-ca` also verifies the authority, `verify-full` the host name as well. A
   * server in the cluster has `disable`.
   */
  readonly tls: Tls;
  /**
   * `postgresql://user:password@host:port/database?sslmode=…` with user and password escaped; secret. Leads to the database's
   * connection pool if it has one.
   */
  url(database: string): pulumi.Output<string>;
}

/** Names of a Secret's keys, by what they hold; a part without a key is not in the Secret. The URL is the first database's. */
interface ConnectionKeys {
  readonly url?: string;
  readonly user?: string;
  readonly password: string;
  readonly host?: string;
  readonly port?: string;
}

/** Arguments of `PostgresDatabase`. */
export interface PostgresDatabaseArgs extends Place, ComponentArgs {
  /** Kind of server with its size, version and options, and the server beside it, from `database` in the system's settings. */
  readonly setting: PostgresSetting;
  /**
   * Password from the stack's secrets: of a server that exists already, which needs one; of one in the cluster, the one that it
   * has already; undefined for a managed one.
   */
  readonly existingPassword: pulumi.Output<string> | undefined;
  /**
   * `metadata.name` of the StatefulSet in the cluster. For every kind it begins the names of the ConfigMaps, Secrets and Jobs
   * that belong to the server. A second server has its number at the end, `postgres-2`; so have its labels and Services.
   */
  readonly serverName: string;
  /**
   * Labels that select the server's pod, by the end of its name, which is empty or `-2`; they cannot be changed later.
   * @default - `app: <serverName>`
   */
  readonly labels?: (suffix: string) => Record<string, string>;
  /** Name of the claim's template; a change starts with an empty volume. @default "data" */
  readonly claimName?: string;
  /**
   * Whether the host of a server in the cluster is `postgres.hermes.svc.cluster.local`, which resolves in every namespace,
   * instead of `postgres`. @default false
   */
  readonly fullHostName?: boolean;
  /** Storage class of the claim on DOKS. @default - in production the one that keeps a volume whose claim is deleted */
  readonly storageClass?: string;
  /** `metadata.name` of a Service for clients, beside the StatefulSet's headless one. @default - clients use the headless one */
  readonly clientService?: string;
  /** DigitalOcean's name of a managed server, where the settings give none. @default - `<name>-<stack>` */
  readonly cloudName?: string;
  /** Names of the databases to make; of a server that exists already, those to use. */
  readonly databases: readonly [string, ...string[]];
  /** Role that the workloads log in as; a server that exists already has it in its settings. @default - name of the first database */
  readonly user?: string;
  /** `metadata.name` of the Secret with the connection. @default - `serverName` */
  readonly secretName?: string;
  /** Name of a Secret with the same keys that exists already, and is read in its place. @default - it is made */
  readonly existingSecret?: string | undefined;
  /** Keys of that Secret. @default - `user`, `password`, `host` and `port`, each under its own name */
  readonly secretKeys?: ConnectionKeys;
  /** Further content of that Secret, by key. @default - nothing */
  readonly secretValues?: (connection: Connection) => Values;
  /** Connections that all pods of the system may open together; `max_connections` of a server in the cluster follows. */
  readonly wantedConnections: number;
}

type Default = "claimName" | "user" | "secretName" | "secretKeys";

/** The arguments after `withDefaults`. */
export type FullArgs = PostgresDatabaseArgs & Required<Pick<PostgresDatabaseArgs, Default>>;

/** What one server is made of; all names are its own, except those of the Secret that the workloads read. */
export interface ServerArgs extends Omit<FullArgs, "setting" | "labels"> {
  /** What the stack file says of this server. */
  readonly setting: PostgresServerSetting;
  /** Labels of its pods. */
  readonly labels: Record<string, string> | undefined;
  /** Whether the workloads use it, and not the one beside it. */
  readonly serving: boolean;
  /** Whether it is protected in production: not if the next update may take it away. */
  readonly released: boolean;
}

/** The arguments of one of the servers of a database. */
export function serverArgs(args: FullArgs, setting: PostgresServerSetting & { readonly step?: string }): ServerArgs {
  const suffix = suffixOf(setting);
  const numbered = (name: string | undefined) => (name === undefined ? undefined : `${name}${suffix}`);
  return {
    ...args,
    setting,
    serverName: `${args.serverName}${suffix}`,
    clientService: numbered(args.clientService),
    cloudName: numbered(args.cloudName),
    labels: args.labels?.(suffix),
    serving: setting === args.setting,
    released: setting.step === "release",
  };
}

/** Fills in the arguments that were left out. */
export function withDefaults(args: PostgresDatabaseArgs): FullArgs {
  return {
    ...args,
    claimName: args.claimName ?? "data",
    user: args.user ?? args.databases[0],
    secretName: args.secretName ?? args.serverName,
    secretKeys: args.secretKeys ?? { user: "user", password: "password", host: "host", port: "port" },
  };
}

/** A server of any kind, as the function that makes it describes it to `PostgresDatabase`. */
export interface Server {
  /** What clients need to log in. */
  readonly connection: Connection;
  /** Secret with the connection, for the workloads; undefined if the server itself does not need it. */
  readonly secret?: SecretSource | undefined;
  /** The server, for `connectsTo` of its clients. */
  readonly endpoint: ServerEndpoint;
  /** What clients need to verify its certificate. */
  readonly trust: Trust;
  /** Whether this program or DigitalOcean generated the password; if not, it comes from the settings. */
  readonly generatedPassword: boolean;
  /** Who may make extensions and roles. @default - the workloads' user */
  readonly admin?: { readonly user: pulumi.Input<string>; readonly password: pulumi.Output<string> };
}

/** The Secret that workloads read the connection from: made here, or there already. */
export function connectionSecret(
  name: string,
  args: Omit<FullArgs, "setting" | "labels">,
  connection: Connection,
  parent: pulumi.Resource,
): SecretSource {
  const { secretName: objectName, databases } = args;
  if (args.existingSecret !== undefined) return new ExistingSecret(args.existingSecret);
  const held = { ...connection, port: portText(connection.port), url: connection.url(databases[0]) };
  const keys = Object.entries(args.secretKeys) as [keyof ConnectionKeys, string][];
  const values = {
    ...Object.fromEntries(keys.map(([what, key]) => [key, held[what]])),
    ...args.secretValues?.(connection),
  };
  return new SecretObject(`${name}-connection`, { ...args, objectName, values }, { parent });
}

/** A connection whose values are known only when a resource is done; a preview knows them all the same. */
export function connectionAfter(connection: Connection, done: pulumi.Resource): Connection {
  const later = <Value>(value: pulumi.Input<Value>) =>
    pulumi.all([value, done.urn]).apply(([known]) => known) as pulumi.Output<Value>;
  const { host, port, user, password, tls } = connection;
  const parts = {
    host: later(host),
    port: later(port),
    user: later(user),
    password: pulumi.secret(later(password)),
    tls,
  };
  return { ...parts, url: (database) => pulumi.secret(later(connection.url(database))) };
}

/** Adds `url` to a connection whose databases have no connection pools. */
export function connectionOf(parts: Omit<Connection, "url">): Connection {
  return { ...parts, url: (database) => postgresUrl(parts, database) };
}

/**
 * The URL of a connection, `postgresql://user:password@host:port/database?sslmode=…`; secret. User and password are escaped, so
 * they may contain any character. Every URL is made here.
 */
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
