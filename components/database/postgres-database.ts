import * as pulumi from "@pulumi/pulumi";
import { outside, type Destination } from "../network/connections.ts";
import type { SecretObject } from "../workload/config-objects.ts";
import { inClusterPostgres } from "./in-cluster-postgres.ts";
import { managedPostgres } from "./managed-postgres.ts";
import { connectionSecret, type PostgresDatabaseArgs, type Server, type Tls } from "./server.ts";

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
        const { host, port, user, tls, privateRange } = setting;
        const endpoint: Destination =
          privateRange === undefined
            ? outside(args.serverName, port)
            : { kind: "vpc", name: args.serverName, ports: [port], range: privateRange, ready: [] };
        const secret = connectionSecret(name, args, { host, port, user, password: args.existingPassword }, this);
        return { host, port, user, tls, secret, endpoint, password: undefined };
      }
    }
  }
}
