import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { defaultConnections } from "../../catalogue/databases.ts";
import type { PostgresServerSetting } from "../../settings/slices/postgres/servers.ts";
import { readScripts } from "../workload/file-objects.ts";
import { after, type Endpoint } from "../connections/destinations.ts";
import { RotatingPassword } from "../secrets/rotating-password.ts";
import { ConfigObject, secretKey, SecretObject, type SecretKey } from "../workload/config-objects.ts";
import { existingSecret, type ConfigSource } from "../site/config-source.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { samePort } from "../workload/service.ts";
import { hostService, StatefulWorkload } from "../workload/stateful-workload.ts";
import { Task } from "../workload/task.ts";
import { scramVerifier } from "./scram.ts";
import { noAuthority } from "./authority.ts";
import { scriptPod } from "./script-pod.ts";
import { connectionOf, connectionSecret, type Connection, type Server, type ServerArgs } from "./server.ts";

type Args = ServerArgs & { readonly setting: Extract<PostgresServerSetting, { kind: "in-cluster" }> };

const port = 5432;
const scripts = new URL("scripts/", import.meta.url);

/**
 * PostgreSQL as a StatefulSet of one pod; its claim is kept when the StatefulSet is deleted.
 *
 * There is no standby: when its node fails, the server is away until it has started on another one. If its volume is lost, so
 * is what changed since the last dump.
 */
export function inClusterPostgres(name: string, args: Args, parent: pulumi.Resource): Server {
  const { passwordVersion: version } = args.setting;
  const password = new RotatingPassword(`${name}-password`, { version, taken: args.existingPassword }, { parent });
  const service = args.clientService ?? hostService(args.namespace, args.serverName);
  const host = args.fullHostName === true ? args.namespace.hostName(service) : service;
  const connection = connectionOf({ host, port, user: args.user, password: password.current, tls: "disable" });
  const secret =
    args.setting.generation === 1 && args.serving ? connectionSecret(name, args, connection, parent) : undefined;
  const set = statefulSet(
    name,
    args,
    secret === undefined ? ownLogin(name, args, connection, parent) : loginIn(args, secret),
    parent,
  );
  const setup = setupTask(name, args, set.endpoint, password, parent);
  return { connection, secret, endpoint: after(set.endpoint, setup.done), trust: noAuthority, generatedPassword: true };
}

/** Where the server finds its user and password at its first start. */
interface Login {
  readonly user: string | SecretKey;
  readonly password: SecretKey;
}

// The server reads them only when the volume is empty. The setup task changes the password later, so a new one must not restart
// the server.
const onceOnly = { rollsPods: false };

/** The first server of a system reads them where the workloads do. */
function loginIn({ secretKeys, user }: Args, secret: ConfigSource): Login {
  return {
    user: secretKeys.user === undefined ? user : secretKey(secret, secretKeys.user, onceOnly),
    password: secretKey(secret, secretKeys.password, onceOnly),
  };
}

/**
 * A later server has a Secret of its own: that of the workloads is written when all data is there, and that is after the server
 * has started. The first server keeps its pod as it is, whoever writes the workloads' Secret.
 */
function ownLogin(name: string, args: Args, { user, password }: Connection, parent: pulumi.Resource): Login {
  if (args.setting.generation === 1) return loginIn(args, existingSecret(args.secretName));
  const { site, namespace, serverName: objectName } = args;
  const secret = new SecretObject(
    `${name}-login`,
    { site, namespace, objectName, values: { user, password } },
    { parent },
  );
  return { user: secret.key("user", onceOnly), password: secret.key("password", onceOnly) };
}

function statefulSet(name: string, args: Args, login: Login, parent: pulumi.Resource): StatefulWorkload {
  const { site, namespace, setting, serverName, databases } = args;
  const init = new ConfigObject(
    `${name}-init`,
    { site, namespace, objectName: `${serverName}-init-scripts`, data: readScripts(scripts, ["databases.sh"]) },
    { parent },
  );
  const parameters = serverParameters(setting.parameters, args.wantedConnections);
  const container: OwnedContainer = {
    name: "postgres",
    image: site.images.postgres[setting.version],
    args: parameters.length === 0 ? undefined : ["postgres", ...parameters],
    env: {
      POSTGRES_USER: login.user,
      POSTGRES_PASSWORD: login.password,
      POSTGRES_DB: databases[0],
      POSTGRES_INITDB_ARGS: "--data-checksums --auth-host=scram-sha-256",
      // A folder of the volume, because initdb refuses the volume's root, which contains lost+found.
      PGDATA: "/var/lib/postgresql/data/pgdata",
      DATABASES: databases.join(" "),
    },
    mounts: [
      { path: "/var/lib/postgresql/data", volume: { kind: "claim", name: args.claimName } },
      { path: "/docker-entrypoint-initdb.d", volume: { kind: "files", name: "init", from: init, executable: true } },
      { path: "/dev/shm", volume: { kind: "scratch", name: "shm", sizeLimit: "128Mi", memory: true } },
    ],
  };

  return new StatefulWorkload(
    name,
    {
      site,
      namespace,
      workloadName: serverName,
      labels: args.labels,
      replicas: 1,
      ports: [samePort("postgres", port)],
      clientService: args.clientService,
      forLastBackup: true,
      claim: {
        name: args.claimName,
        size: setting.storage,
        storageClass: setting.storageClass ?? site.storageClass(args.storageClass),
      },
      released: args.released,
      pod: { containers: [container] },
    },
    { parent },
  );
}

/** Connections beside those of the workloads: some that PostgreSQL reserves for superusers, some for tasks and people. */
const spareConnections = 10;

/**
 * Command-line arguments of the server: the parameters of the settings, and a `max_connections` that suffices for the
 * workloads where PostgreSQL's default does not. Pure.
 *
 * @param wantedConnections connections that all pods of the system may open together
 */
export function serverParameters(parameters: Readonly<Record<string, string>>, wantedConnections: number): string[] {
  const needed = wantedConnections + spareConnections;
  const all = { ...(needed > defaultConnections ? { max_connections: String(needed) } : {}), ...parameters };
  return Object.entries(all).flatMap(([parameter, value]) => ["-c", `${parameter}=${value}`]);
}

/** The Job that sets the current password in a running server and makes the databases that it lacks. */
function setupTask(
  name: string,
  args: Args,
  server: Endpoint,
  password: RotatingPassword,
  parent: pulumi.Resource,
): Task {
  const { site, namespace, serverName } = args;
  const salt = new random.RandomBytes(`${name}-salt`, { length: 16 }, { parent });
  const credentials = new SecretObject(
    `${name}-setup`,
    {
      site,
      namespace,
      objectName: `${serverName}-setup`,
      values: {
        passwords: pulumi.all(password.history).apply((all) => `${all.join("\n")}\n`),
        verifier: pulumi
          .all([password.current, salt.base64])
          .apply(([current, bytes]) => scramVerifier(current, Buffer.from(bytes, "base64"))),
      },
    },
    { parent },
  );
  const files = new ConfigObject(
    `${name}-scripts`,
    {
      site,
      namespace,
      objectName: `${serverName}-scripts`,
      data: readScripts(scripts, ["setup.sh", "wait.sh", "databases.sh"]),
    },
    { parent },
  );
  return new Task(
    `${name}-setup`,
    {
      site,
      namespace,
      taskName: `${serverName}-setup`,
      deadlineSeconds: 600,
      connectsTo: [server],
      forLastBackup: true,
      pod: scriptPod(site.images.postgres[args.setting.version], args.databases, {
        name: "setup",
        script: "setup.sh",
        files: { kind: "files", name: "scripts", from: files, executable: true },
        env: {
          PGHOST: args.clientService ?? hostService(namespace, serverName),
          PGPORT: String(port),
          PGUSER: args.user,
          CREDENTIALS: "/credentials",
        },
        mounts: [{ path: "/credentials", volume: { kind: "files", name: "credentials", from: credentials } }],
      }),
    },
    { parent },
  );
}
