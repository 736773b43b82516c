import type * as pulumi from "@pulumi/pulumi";
import { after, portText } from "../connections/destinations.ts";
import { readScripts } from "../workload/file-objects.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import type { Env } from "../workload/pod.ts";
import { Task } from "../workload/task.ts";
import type { Mount } from "../workload/volumes.ts";
import { scriptPod } from "./script-pod.ts";
import type { FullArgs, Server } from "./server.ts";

/** One of the two servers of a move. */
export interface Side extends Server {
  /** Its major version, `16`. */
  readonly version: keyof FullArgs["site"]["images"]["postgres"];
}

/** Arguments of `moveTask`. */
export interface MoveArgs extends FullArgs {
  /**
   * `copy` copies all databases from one server into the other one, which must be empty. `serve` only checks that the data is
   * there: it fails if the server that is to serve is empty and the other one is not.
   */
  readonly step: "copy" | "serve";
  /** Server that has the data. */
  readonly from: Side;
  /** Server that is to have it. */
  readonly to: Side;
  /** What must be done before, such as the workloads that stop. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * The Job between two servers of a system, `<serverName>-move-<hash>`. It writes nothing to the one that it copies from, and
 * fills the other one in one transaction for each database. It is safe to run again: what is the same on both sides already is
 * left alone, and a target with anything else in it is refused.
 */
export function moveTask(name: string, args: MoveArgs, parent: pulumi.Resource): Task {
  const { site, namespace, serverName, databases, from, to, step } = args;
  const taskName = `${serverName}-move`;
  const admin = to.admin ?? to.connection;
  const secret = new SecretObject(
    `${name}-login`,
    {
      site,
      namespace,
      objectName: taskName,
      values: {
        from: from.connection.password,
        to: to.connection.password,
        adminUser: admin.user,
        adminPassword: admin.password,
      },
    },
    { parent },
  );
  const data = readScripts(new URL("scripts/moving/", import.meta.url), ["move.sh", "contents.sql"]);
  const files = new ConfigObject(
    `${name}-scripts`,
    { site, namespace, objectName: `${taskName}-scripts`, data },
    { parent },
  );
  // The tools of the newer version read and write both servers.
  const newest = Number(from.version) > Number(to.version) ? from.version : to.version;
  return new Task(
    name,
    {
      site,
      namespace,
      taskName,
      deadlineSeconds: step === "copy" ? 20 * 3600 : 900,
      connectsTo: [from.endpoint, after(to.endpoint, ...args.dependsOn)],
      pod: scriptPod(site.images.postgres[newest], databases, {
        name: step,
        script: "move.sh",
        files: { kind: "files", name: "scripts", from: files, executable: true },
        env: {
          STEP: step,
          ...sideEnv("FROM", from),
          FROM_PASSWORD: secret.key("from"),
          ...sideEnv("TO", to),
          TO_PASSWORD: secret.key("to"),
          ADMIN_USER: secret.key("adminUser"),
          ADMIN_PASSWORD: secret.key("adminPassword"),
        },
        mounts: [...sideMounts("from", from), ...sideMounts("to", to)],
      }),
    },
    { parent },
  );
}

function sideEnv(side: "FROM" | "TO", { connection, trust }: Side): Env {
  const { host, port, user, tls } = connection;
  const file = trust.path?.split("/").at(-1);
  return {
    [`${side}_HOST`]: host,
    [`${side}_PORT`]: portText(port),
    [`${side}_USER`]: user,
    [`${side}_SSLMODE`]: tls,
    ...(file === undefined ? {} : { [`${side}_SSLROOTCERT`]: `/${side.toLowerCase()}/${file}` }),
  };
}

/** Two servers may each have an authority, so each has a folder of its own. */
function sideMounts(side: "from" | "to", { trust }: Side): Mount[] {
  return trust.mounts.map(({ volume }) => ({ path: `/${side}`, volume: { ...volume, name: side } }));
}
