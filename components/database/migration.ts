import type * as pulumi from "@pulumi/pulumi";
import { SecretObject } from "../workload/config-objects.ts";
import type { ConfigSource } from "../site/config-source.ts";
import type { Place } from "../site/namespace.ts";
import { Task } from "../workload/task.ts";
import type { PostgresDatabase } from "./postgres-database.ts";
import { postgresUrl } from "./server.ts";

/** Arguments of `databaseMigration`. */
export interface DatabaseMigrationArgs extends Place {
  /** First part of the Job's name, `<taskName>-<hash>`, and of the Secret with the connection URL, `<taskName>-url`. */
  readonly taskName: string;
  /** Server that the database is on; the Job waits for it. */
  readonly database: PostgresDatabase;
  /** Name of the database to migrate; the server must have it already. */
  readonly databaseName: string;
  /** ConfigMaps with the migrations as dbmate names them, `20260131120000_add_reports.sql`; a change runs the Job again. */
  readonly migrations: readonly ConfigSource[];
}

/**
 * A Task that applies with dbmate every migration that a database does not have yet. It connects to the server itself, not to
 * a connection pool, and is safe to run again.
 *
 * A workload that waits for the Task is updated only after it has succeeded, so a migration that fails leaves the old version
 * of the workload running.
 */
export function databaseMigration(name: string, args: DatabaseMigrationArgs, parent: pulumi.Resource): Task {
  const { site, namespace, taskName, database, migrations } = args;
  const { connection, trust } = database;
  const values = { DATABASE_URL: postgresUrl(connection, args.databaseName) };
  const secret = new SecretObject(
    `${name}-url`,
    { site, namespace, objectName: `${taskName}-url`, values },
    { parent },
  );
  return new Task(
    name,
    {
      site,
      namespace,
      taskName,
      deadlineSeconds: 3600,
      connectsTo: [database.endpoint],
      pod: {
        containers: [
          {
            name: "migrate",
            image: site.images.dbmate,
            args: ["--migrations-dir", "/migrations", "--no-dump-schema", "--wait", "up"],
            env: { DATABASE_URL: secret.key("DATABASE_URL"), ...trust.env },
            mounts: [
              { path: "/migrations", volume: { kind: "files", name: "migrations", from: migrations } },
              ...trust.mounts,
            ],
          },
        ],
      },
    },
    { parent },
  );
}
