import * as pulumi from "@pulumi/pulumi";
import type { PostgresSetting } from "../../settings/data-services.ts";
import { outside, type Destination } from "../network/connections.ts";
import type { Site } from "../platform/site.ts";
import { SecretObject } from "../workload/config-objects.ts";
import type { Namespace } from "../workload/namespace.ts";
import { inClusterPostgres } from "./in-cluster-postgres.ts";
import { managedPostgres } from "./managed-postgres.ts";

export type Tls = "disable" | "require" | "verify-full";

export interface PostgresDatabaseArgs {
  readonly site: Site;
  readonly namespace: Namespace;
  readonly setting: PostgresSetting;
  /** Name of the Secret, and of the server where it is in the cluster. */
  readonly serverName: string;
  /** Role that owns the databases; an existing server's setting names its own. */
  readonly user: string;
  /** The databases; the first one is made by the server's first start. */
  readonly databases: readonly [string, ...string[]];
  /** Keys of the Secret beside `user`, `password`, `host` and `port`. */
  readonly extraKeys: Record<string, string>;
  readonly pool: string;
  /** Password of a server that exists already. */
  readonly existingPassword: pulumi.Output<string> | undefined;
}

/** A server, as whatever made it describes it. */
export interface Server {
  readonly host: pulumi.Input<string>;
  readonly port: number;
  readonly user: pulumi.Input<string>;
  readonly tls: Tls;
  readonly secret: SecretObject;
  readonly endpoint: Destination;
  /** The password the program generated or was told by DigitalOcean; absent where the settings bring it. Secret. */
  readonly password: pulumi.Output<string> | undefined;
}

/**
 * PostgreSQL with its databases, whichever kind it is: a StatefulSet, DigitalOcean's managed service, or a server that
 * exists already. All have the same face, and the same Secret with `user`, `password`, `host` and `port`.
 *
 * Those who connect to `endpoint` start when the databases are there and the password is the current one.
 */
export class PostgresDatabase extends pulumi.ComponentResource implements Server {
  readonly host: pulumi.Input<string>;
  readonly port: number;
  readonly user: pulumi.Input<string>;
  readonly tls: Tls;
  readonly secret: SecretObject;
  readonly endpoint: Destination;
  readonly password: pulumi.Output<string> | undefined;
  readonly databases: readonly string[];

  constructor(name: string, args: PostgresDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:database:PostgresDatabase", name, { kind: args.setting.kind }, opts);
    const server = this.server(name, args);
    this.host = server.host;
    this.port = server.port;
    this.user = server.user;
    this.tls = server.tls;
    this.secret = server.secret;
    this.endpoint = server.endpoint;
    this.password = server.password;
    this.databases = args.databases;
    this.registerOutputs({});
  }

  private server(name: string, args: PostgresDatabaseArgs): Server {
    const { setting } = args;
    switch (setting.kind) {
      case "in-cluster":
        return inClusterPostgres(name, { ...args, setting }, this);
      case "managed":
        return managedPostgres(name, { ...args, setting }, this);
      case "existing": {
        if (args.existingPassword === undefined) throw new Error(`${name}: an existing server needs its password`);
        const { host, port, user, tls } = setting;
        const secret = connectionSecret(name, args, { host, port, user, password: args.existingPassword }, this);
        return { host, port, user, tls, secret, endpoint: outside(args.serverName, port), password: undefined };
      }
    }
  }
}

/** The Secret that every reader of the database uses. */
export function connectionSecret(
  name: string,
  args: PostgresDatabaseArgs,
  connection: {
    host: pulumi.Input<string>;
    port: number;
    user: pulumi.Input<string>;
    password: pulumi.Output<string>;
  },
  parent: pulumi.Resource,
): SecretObject {
  const values = { ...connection, port: String(connection.port), ...args.extraKeys };
  return new SecretObject(`${name}-connection`, { ...args, objectName: args.serverName, values }, { parent });
}
