import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { defaultConnections } from "../../catalogue/databases.ts";
import type { PostgresSetting } from "../../settings/slices/data-services.ts";
import { readScripts } from "../workload/file-objects.ts";
import { after, type Endpoint } from "../connections/destinations.ts";
import { RotatingPassword } from "../secrets/rotating-password.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { samePort } from "../workload/service.ts";
import { StatefulWorkload } from "../workload/stateful-workload.ts";
import { Task } from "../workload/task.ts";
import { scramVerifier } from "./scram.ts";
import { noAuthority } from "./authority.ts";
import { scriptPod } from "./script-pod.ts";
import { connectionOf, connectionSecret, type Server, type ServerArgs } from "./server.ts";

type Args = ServerArgs & { readonly setting: Extract<PostgresSetting, { kind: "in-cluster" }> };

const port = 5432;
const scripts = new URL("scripts/", import.meta.url);

/**
 * PostgreSQL as a StatefulSet of one pod; its claim is kept when the StatefulSet is deleted.
 *
 * There is no standby: when its node fails, the server is away until it has started on another one. If its volume is lost, so
 * is what changed since the last dump.
 */
export function inClusterPostgres(name: string, args: Args, parent: pulumi.Resource): Server {
  const password = new RotatingPassword(`${name}-password`, { version: args.setting.passwordVersion }, { parent });
  const service = args.clientService ?? args.serverName;
  const host = args.fullHostName === true ? args.namespace.hostName(service) : service;
  const connection = connectionOf({ host, port, user: args.user, password: password.current, tls: "disable" });
  const secret = connectionSecret(name, args, connection, parent);
  const set = statefulSet(name, args, secret, parent);
  const setup = setupTask(name, args, set.endpoint, password, parent);
  return { connection, secret, endpoint: after(set.endpoint, setup.done), trust: noAuthority, generatedPassword: true };
}

function statefulSet(name: string, args: Args, secret: SecretObject, parent: pulumi.Resource): StatefulWorkload {
  const { site, namespace, setting, serverName, databases } = args;
  const init = new ConfigObject(
    `${name}-init`,
    { site, namespace, objectName: `${serverName}-init-scripts`, data: readScripts(scripts, ["databases.sh"]) },
    { parent },
  );
  // The server reads user and password only at its first start, when the volume is empty. The setup task changes the password
  // later, so a new one must not restart the server.
  const onceOnly = { rollsPods: false };
  const parameters = serverParameters(setting.parameters, args.wantedConnections);
  const container: OwnedContainer = {
    name: "postgres",
    image: site.images.postgres[setting.version],
    args: parameters.length === 0 ? undefined : ["postgres", ...parameters],
    env: {
      POSTGRES_USER: args.secretKeys.user === undefined ? args.user : secret.key(args.secretKeys.user, onceOnly),
      POSTGRES_PASSWORD: secret.key(args.secretKeys.password, onceOnly),
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
      claim: { name: args.claimName, size: setting.storage, storageClass: site.storageClass(args.storageClass) },
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
    { site, namespace, objectName: `${serverName}-scripts`, data: readScripts(scripts, ["setup.sh", "databases.sh"]) },
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
      pod: scriptPod(site.images.postgres[args.setting.version], args.databases, {
        name: "setup",
        script: "setup.sh",
        files: { kind: "files", name: "scripts", from: files, executable: true },
        env: {
          PGHOST: args.clientService ?? serverName,
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
