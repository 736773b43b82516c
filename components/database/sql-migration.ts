import { readFileSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import { fileObjects, readFiles } from "../workload/file-objects.ts";
import type { Place } from "../site/namespace.ts";
import { Task } from "../workload/task.ts";
import type { PostgresDatabase } from "./postgres-database.ts";
import { scriptPod } from "./script-pod.ts";

/** Arguments of `sqlMigration`. */
export interface SqlMigrationArgs extends Place {
  /** First part of the Job's name, `<taskName>-<hash>`. */
  readonly taskName: string;
  /** `metadata.name` of the ConfigMap with the files; if they need several, the others are named `<objectName>-part-2` and so on. */
  readonly objectName: string;
  /** Folder of `.sql` files, relative to the project's root. They run in the order of their names, and all run again after a change. */
  readonly folder: string;
  /** Server to run the files on, in its first database. */
  readonly database: PostgresDatabase;
}

/** A Task that runs a folder of SQL files, again after each change of one of them. Each file must be safe to run twice. */
export function sqlMigration(name: string, args: SqlMigrationArgs, parent: pulumi.Resource): Task {
  const { site, namespace, taskName, database, objectName } = args;
  const script = (name: string) => readFileSync(new URL(`scripts/${name}`, import.meta.url));
  const scripts = { "migrate.sh": script("migrate.sh"), "wait.sh": script("wait.sh") };
  const files = { ...readFiles(args.folder, ".sql"), ...scripts };
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
