import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { PostgresServerSetting } from "../../settings/slices/postgres/servers.ts";
import { readScripts } from "../workload/file-objects.ts";
import { after, type VpcService } from "../connections/destinations.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import { Task } from "../workload/task.ts";
import { authority, type Trust } from "./authority.ts";
import { scriptPod } from "./script-pod.ts";
import { managedCluster } from "../managed/managed-cluster.ts";
import { connectionOf, postgresUrl, type Connection, type Server, type ServerArgs } from "./server.ts";

type Args = ServerArgs & { readonly setting: Extract<PostgresServerSetting, { kind: "managed" }> };

/**
 * DigitalOcean managed PostgreSQL in the stack's VPC, which only the cluster may connect to. DigitalOcean makes daily
 * backups and can restore any moment of the last seven days. Costs from 15.15 $ a month and node.
 */
export function managedPostgres(name: string, args: Args, parent: pulumi.Resource): Server {
  const { site, setting, released } = args;
  const { cluster, endpoint } = managedCluster(
    name,
    { ...args, ...setting, engine: "pg", cloudName: setting.name ?? args.cloudName },
    parent,
  );
  const user = new digitalocean.DatabaseUser(
    name,
    { clusterId: cluster.id, name: args.user },
    { parent, retainOnDelete: site.production && released ? true : undefined },
  );
  const databases = args.databases.map(
    (database) =>
      new digitalocean.DatabaseDb(
        `${name}-${database.replaceAll("_", "-")}`,
        { clusterId: cluster.id, name: database },
        { parent, protect: site.production && !released, retainOnDelete: site.production },
      ),
  );
  const direct = connectionOf({
    host: cluster.privateHost,
    port: cluster.port,
    user: user.name,
    password: pulumi.secret(user.password),
    tls: setting.tls,
  });
  const ca = digitalocean.getDatabaseCaOutput({ clusterId: cluster.id }, { parent });
  const trust = authority(name, { ...args, certificate: ca.certificate }, parent);
  const pools =
    setting.connectionPool === undefined
      ? {}
      : connectionPools(name, args, cluster, user, setting.connectionPool, databases, parent);
  const connection: Connection = {
    ...direct,
    url: (database) => {
      const pool = pools[database];
      if (pool === undefined) return direct.url(database);
      return postgresUrl({ ...direct, host: pool.privateHost, port: pool.port }, pool.name);
    },
  };
  const pooled = Object.values(pools);
  const server: VpcService = {
    ...after(endpoint, user, ...databases, ...pooled),
    ports: [...endpoint.ports, ...pooled.map((pool) => pool.port)],
  };
  const grant = grantTask(name, args, cluster, server, trust, parent);
  const admin = { user: cluster.user, password: pulumi.secret(cluster.password) };
  return { connection, endpoint: after(server, grant.done), trust, generatedPassword: true, admin };
}

/**
 * Connection pools, one for each database, by the name of the database. In session mode, because prepared statements belong to
 * a session.
 */
function connectionPools(
  name: string,
  args: Args,
  cluster: digitalocean.DatabaseCluster,
  user: digitalocean.DatabaseUser,
  { size }: { size: number },
  databases: pulumi.Resource[],
  parent: pulumi.Resource,
): Record<string, digitalocean.DatabaseConnectionPool> {
  return Object.fromEntries(
    args.databases.map((database) => [
      database,
      new digitalocean.DatabaseConnectionPool(
        `${name}-${database.replaceAll("_", "-")}-pool`,
        { clusterId: cluster.id, name: `${database}_pool`, mode: "session", size, dbName: database, user: user.name },
        { parent, dependsOn: databases },
      ),
    ]),
  );
}

/**
 * The Job that lets the application's user create tables. From PostgreSQL 15 on only a database's owner may create objects in
 * its schema `public`, and DigitalOcean makes its admin the owner.
 */
function grantTask(
  name: string,
  args: Args,
  cluster: digitalocean.DatabaseCluster,
  server: VpcService,
  trust: Trust,
  parent: pulumi.Resource,
): Task {
  const { site, namespace, serverName } = args;
  const admin = new SecretObject(
    `${name}-admin`,
    {
      site,
      namespace,
      objectName: `${serverName}-admin`,
      values: { user: cluster.user, password: pulumi.secret(cluster.password) },
    },
    { parent },
  );
  const data = readScripts(new URL("scripts/", import.meta.url), ["grant.sh", "wait.sh"]);
  const files = new ConfigObject(
    `${name}-scripts`,
    { site, namespace, objectName: `${serverName}-scripts`, data },
    { parent },
  );
  return new Task(
    `${name}-grant`,
    {
      site,
      namespace,
      taskName: `${serverName}-grant`,
      deadlineSeconds: 600,
      connectsTo: [server],
      forLastBackup: true,
      pod: scriptPod(site.images.postgres[args.setting.version], args.databases, {
        name: "grant",
        script: "grant.sh",
        files: { kind: "files", name: "scripts", from: files, executable: true },
        env: {
          PGHOST: cluster.privateHost,
          PGPORT: cluster.port.apply(String),
          PGSSLMODE: args.setting.tls,
          ...trust.env,
          PGUSER: admin.key("user"),
          PGPASSWORD: admin.key("password"),
          OWNER: args.user,
        },
        mounts: trust.mounts,
      }),
    },
    { parent },
  );
}
