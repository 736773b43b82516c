import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { existingServer, portText, type ServerEndpoint } from "../connections/destinations.ts";
import type { SecretObject } from "../workload/config-objects.ts";
import type { Env, Mount } from "../workload/pod.ts";
import { authority, noAuthority, type Trust } from "./authority.ts";
import { inClusterPostgres } from "./in-cluster-postgres.ts";
import { managedPostgres } from "./managed-postgres.ts";
import {
  connectionOf,
  connectionSecret,
  withDefaults,
  type Connection,
  type PostgresDatabaseArgs,
  type Server,
  type ServerArgs,
} from "./server.ts";

/**
 * PostgreSQL with its databases, whichever kind it is: a StatefulSet, DigitalOcean's managed service, or a server that
 * exists already. All have the same face, and the Secret that the system's workloads read.
 *
 * Those who connect to `endpoint` start when the databases are there and the password is the current one.
 */
export class PostgresDatabase extends Component {
  readonly kind: PostgresDatabaseArgs["setting"]["kind"];
  readonly connection: Connection;
  readonly secret: SecretObject;
  readonly endpoint: ServerEndpoint;
  /** The password, where the program generated it or was told it by DigitalOcean; absent where the settings bring it. */
  readonly password: pulumi.Output<string> | undefined;
  readonly databases: readonly [string, ...string[]];
  /** Environment of PostgreSQL's own clients, past any connection pool. */
  readonly clientEnv: Env;
  /** What PostgreSQL's own clients mount: the server's authority, where it has one of its own. */
  readonly clientMounts: readonly Mount[];
  readonly trust: Trust;
  /** PostgreSQL's own clients, of the server's major version. */
  readonly clientImage: string;
  /** Size of its claim, where it is in the cluster. */
  readonly storage: string | undefined;

  constructor(name: string, given: PostgresDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const args = withDefaults(given);
    const { setting, serverName } = args;
    super("doks-systems:database:PostgresDatabase", name, { kind: setting.kind, serverName }, args, opts);
    const { connection, secret, endpoint, trust, generatedPassword } = this.server(name, args);
    this.kind = setting.kind;
    this.connection = connection;
    this.secret = secret;
    this.endpoint = endpoint;
    this.password = generatedPassword ? connection.password : undefined;
    this.databases = args.databases;
    this.clientEnv = {
      PGHOST: connection.host,
      PGPORT: portText(connection.port),
      PGUSER: connection.user,
      PGPASSWORD: secret.key(args.secretKeys.password),
      PGSSLMODE: connection.tls,
      ...trust.env,
    };
    this.trust = trust;
    this.clientMounts = trust.mounts;
    this.storage = setting.kind === "in-cluster" ? setting.storage : undefined;
    this.clientImage = args.site.images.postgres[setting.version];
    this.registerOutputs({});
  }

  private server(name: string, args: ServerArgs): Server {
    const { setting } = args;
    switch (setting.kind) {
      case "in-cluster":
        return inClusterPostgres(name, { ...args, setting }, this);
      case "managed":
        return managedPostgres(name, { ...args, setting }, this);
      case "existing": {
        if (args.existingPassword === undefined) throw new Error(`${name}: an existing server needs its password`);
        const { host, port, user, tls, privateRange, caCertificate } = setting;
        const endpoint = existingServer(args.serverName, [port], privateRange);
        const connection = connectionOf({ host, port, user, tls, password: args.existingPassword });
        const secret = connectionSecret(name, args, connection, this);
        const verified = tls.startsWith("verify");
        const trust = verified ? authority(name, { ...args, certificate: caCertificate }, this) : noAuthority;
        return { connection, secret, endpoint, trust, generatedPassword: false };
      }
    }
  }
}
