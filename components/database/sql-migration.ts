import { readFileSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import { fileObjects, readFiles } from "../workload/file-objects.ts";
import type { Place } from "../site/namespace.ts";
import { Task } from "../workload/task.ts";
import type { PostgresDatabase } from "./postgres-database.ts";
import { scriptPod } from "./script-pod.ts";

export interface SqlMigrationArgs extends Place {
  readonly taskName: string;
  /** Name of the ConfigMap with the files. */
  readonly objectName: string;
  /** Folder of `.sql` files that are safe to run again, from the project's root. */
  readonly folder: string;
  /** The files run on its first database. */
  readonly database: PostgresDatabase;
}

/** A Task that runs a folder of SQL files, once for each change of them; returns it, to wait for. */
export function sqlMigration(name: string, args: SqlMigrationArgs, parent: pulumi.Resource): Task {
  const { site, namespace, taskName, database, objectName } = args;
  const script = readFileSync(new URL("scripts/migrate.sh", import.meta.url));
  const files = { ...readFiles(args.folder, ".sql"), "migrate.sh": script };
  const from = fileObjects(`${name}-files`, { site, namespace, objectName, files }, parent);
  const [first] = database.databases;
  return new Task(
    name,
    {
      site,
      namespace,
      taskName,
      deadlineSeconds: 3600,
      connectsTo: [database.endpoint],
      pod: scriptPod(database.clientImage, database.databases, {
        name: "migrate",
        script: "migrate.sh",
        files: { kind: "files", name: "scripts", from, executable: true },
        env: { ...database.clientEnv, PGDATABASE: first, MIGRATIONS: "/scripts" },
        mounts: database.clientMounts,
      }),
    },
    { parent },
  );
}
