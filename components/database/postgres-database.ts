import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { existingServer, portText, type ServerEndpoint } from "../connections/destinations.ts";
import type { SecretObject } from "../workload/config-objects.ts";
import type { Env } from "../workload/pod.ts";
import type { Mount } from "../workload/volumes.ts";
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
 * PostgreSQL of any kind with its databases: a StatefulSet, DigitalOcean's managed service, or a server that exists already.
 * All have the same properties, and a Secret with the connection, so that a system need not know which kind it uses.
 *
 * A workload that connects to `endpoint` starts after the databases are made and the current password is set. Of a server that
 * exists already this is not checked.
 *
 * @throws {Error} if the server exists already and its password is not given
 */
export class PostgresDatabase extends Component {
  /** Kind of the server, for what only one kind has, such as a volume to watch. */
  readonly kind: PostgresDatabaseArgs["setting"]["kind"];
  /** Host, port, user, password and URLs, for workloads that do not read them from `secret`. */
  readonly connection: Connection;
  /** Secret with the connection, in the keys that `secretKeys` and `secretValues` name. */
  readonly secret: SecretObject;
  /** The server, for `connectsTo` of its clients. */
  readonly endpoint: ServerEndpoint;
  /** Password that this program or DigitalOcean generated, for operators; undefined for one from the settings. Secret. */
  readonly password: pulumi.Output<string> | undefined;
  /** Names of the databases; `psql` and migrations use the first one unless they name another. */
  readonly databases: readonly [string, ...string[]];
  /** Variables for `psql`, `pg_dump` and other clients of libpq; they connect to the server itself, not to a connection pool. */
  readonly clientEnv: Env;
  /** Mounts that `clientEnv` refers to: the certificate of the server's authority. Empty if there is none. */
  readonly clientMounts: readonly Mount[];
  /** What clients other than libpq need to verify the server's certificate. */
  readonly trust: Trust;
  /** Image with `psql` and `pg_dump` of the server's major version. */
  readonly clientImage: string;
  /** Size of the claim as a Kubernetes quantity, `10Gi`; undefined for a server outside the cluster. */
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
