/** What every kind of PostgreSQL server takes and gives; `PostgresDatabase` chooses the kind. */
import * as pulumi from "@pulumi/pulumi";
import type { PostgresSetting } from "../../settings/slices/data-services.ts";
import type { ServerEndpoint } from "../connections/destinations.ts";
import type { Site } from "../site/site.ts";
import { SecretObject } from "../workload/config-objects.ts";
import type { Namespace } from "../site/namespace.ts";
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

/** The Secret that a system's workloads read the connection from. */
interface ConnectionSecret {
  /** `metadata.name`. */
  readonly objectName: string;
  /** Its content; may hold more than the connection. */
  readonly values: (connection: Connection) => Record<string, pulumi.Input<string>>;
  readonly passwordKey: string;
  /** Key of the user's name, where the Secret has it. */
  readonly userKey?: string;
}

export interface PostgresDatabaseArgs {
  readonly site: Site;
  readonly namespace: Namespace;
  readonly setting: PostgresSetting;
  /** Name of the server where it is in the cluster, and of what belongs to it. */
  readonly serverName: string;
  /** Labels that select the server's pod. @default `app: <serverName>` */
  readonly labels?: Record<string, string>;
  /** Name of the claim's template. */
  readonly claimName: string;
  /** Names a server in the cluster by its full name, which other namespaces can use. @default false */
  readonly fullHostName?: boolean;
  /** @default the site's, which keeps volumes in production */
  readonly storageClass?: string;
  /** A Service for clients beside the headless one. @default none */
  readonly clientService?: string;
  /** DigitalOcean's name of a managed server. @default `<resource>-<stack>` */
  readonly cloudName?: string;
  /** Role that owns the databases; an existing server's setting names its own. */
  readonly user: string;
  /** The databases; the first one is made by the server's first start. */
  readonly databases: readonly [string, ...string[]];
  readonly secret: ConnectionSecret;
  /** Connections that the system's workloads may hold at once, all together. */
  readonly wantedConnections: number;
  /** Password of a server that exists already. */
  readonly existingPassword: pulumi.Output<string> | undefined;
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
  args: PostgresDatabaseArgs,
  connection: Connection,
  parent: pulumi.Resource,
): SecretObject {
  const { objectName, values } = args.secret;
  return new SecretObject(`${name}-connection`, { ...args, objectName, values: values(connection) }, { parent });
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
