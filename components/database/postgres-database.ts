import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { after, existingServer, portText, readiness, type ServerEndpoint } from "../connections/destinations.ts";
import type { SecretSource } from "../workload/config-objects.ts";
import type { Env } from "../workload/pod.ts";
import type { Mount } from "../workload/volumes.ts";
import { authority, noAuthority, type Trust } from "./authority.ts";
import { inClusterPostgres } from "./in-cluster-postgres.ts";
import { managedPostgres } from "./managed-postgres.ts";
import { moveTask, type Side } from "./move.ts";
import { suffixOf } from "../../catalogue/names.ts";
import {
  connectionAfter,
  connectionOf,
  connectionSecret,
  serverArgs,
  withDefaults,
  type Connection,
  type FullArgs,
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
  readonly secret: SecretSource;
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
  readonly #name: string;
  readonly #args: FullArgs;
  readonly #serving: Side;
  /** Undefined unless data moves. */
  readonly #beside: Side | undefined;

  constructor(name: string, given: PostgresDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const args = withDefaults(given);
    const { setting } = args;
    const own = serverArgs(args, setting);
    const { serverName } = own;
    super("doks-systems:database:PostgresDatabase", name, { kind: setting.kind, serverName }, args, opts);
    this.#name = name;
    this.#args = args;
    this.#serving = this.server(name, own);
    this.#beside = setting.beside && this.server(name, serverArgs(args, setting.beside));
    const { trust, generatedPassword } = this.#serving;
    const { connection, endpoint } = this.published();
    this.kind = setting.kind;
    this.connection = connection;
    this.secret = this.#serving.secret ?? connectionSecret(name, args, connection, this);
    this.endpoint = endpoint;
    this.password = generatedPassword ? connection.password : undefined;
    this.databases = args.databases;
    this.clientEnv = {
      PGHOST: connection.host,
      PGPORT: portText(connection.port),
      PGUSER: connection.user,
      PGPASSWORD: this.secret.key(args.secretKeys.password),
      PGSSLMODE: connection.tls,
      ...trust.env,
    };
    this.trust = trust;
    this.clientMounts = trust.mounts;
    this.storage = setting.kind === "in-cluster" ? setting.storage : undefined;
    this.clientImage = args.site.images.postgres[setting.version];
    this.registerOutputs({});
  }

  /**
   * Copies everything into the server beside, if the settings say so; to be called once all workloads are made, as it waits for
   * those that stop.
   */
  copy(): void {
    const { setting, namespace } = this.#args;
    if (this.#beside === undefined || setting.beside?.step !== "copy") return;
    const sides = { step: "copy" as const, from: this.#serving, to: this.#beside };
    moveTask(`${this.#name}-move`, { ...this.#args, ...sides, dependsOn: namespace.stopped }, this);
  }

  /**
   * How the workloads reach the server. With another one beside it they learn that only after a Job has seen that the data is
   * here. While it is copied they wait for the other one, so that they stop no sooner than necessary.
   */
  private published(): Pick<Server, "connection" | "endpoint"> {
    const [serving, beside] = [this.#serving, this.#beside];
    if (beside === undefined) return serving;
    if (this.#args.setting.beside?.step === "copy")
      return { ...serving, endpoint: after(serving.endpoint, ...readiness([beside.endpoint])) };
    const sides = { step: "serve" as const, from: beside, to: serving };
    const { done } = moveTask(`${this.#name}-move`, { ...this.#args, ...sides, dependsOn: [] }, this);
    return { connection: connectionAfter(serving.connection, done), endpoint: after(serving.endpoint, done) };
  }

  private server(base: string, args: ServerArgs): Side {
    const { setting } = args;
    const { version } = setting;
    const name = `${base}${suffixOf(setting)}`;
    switch (setting.kind) {
      case "in-cluster":
        return { ...inClusterPostgres(name, { ...args, setting }, this), version };
      case "managed":
        return { ...managedPostgres(name, { ...args, setting }, this), version };
      case "existing": {
        if (args.existingPassword === undefined && args.existingSecret === undefined)
          throw new Error(`${name}: an existing server needs its password`);
        const { host, port, user, tls, where, caCertificate } = setting;
        const endpoint = existingServer(args.serverName, [port], where, args.namespace);
        const connection = knownConnection(name, { host, port, user, tls }, args.existingPassword);
        const verified = tls.startsWith("verify");
        const trust = verified ? authority(name, { ...args, certificate: caCertificate }, this) : noAuthority;
        return { connection, endpoint, trust, generatedPassword: false, version };
      }
    }
  }
}

/** The connection to a server whose password may be known to a Secret of others alone: whoever asks for it then, is told. */
function knownConnection(
  name: string,
  parts: Omit<Connection, "url" | "password">,
  password: pulumi.Output<string> | undefined,
): Connection {
  if (password !== undefined) return connectionOf({ ...parts, password });
  const unknown = (): never => {
    throw new Error(`${name}: the password is in a Secret that exists already, and is not known here`);
  };
  return {
    ...parts,
    url: unknown,
    get password() {
      return unknown();
    },
  };
}
