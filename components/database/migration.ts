import type * as pulumi from "@pulumi/pulumi";
import { SecretObject } from "../workload/config-objects.ts";
import type { ConfigSource } from "../site/config-source.ts";
import type { Place } from "../site/namespace.ts";
import { Task } from "../workload/task.ts";
import type { PostgresDatabase } from "./postgres-database.ts";
import { postgresUrl } from "./server.ts";

export interface DatabaseMigrationArgs extends Place {
  readonly taskName: string;
  readonly database: PostgresDatabase;
  readonly databaseName: string;
  /** dbmate's files. */
  readonly migrations: readonly ConfigSource[];
}

/**
 * A Task that brings one database to the newest migration with dbmate, past any connection pool; safe to run again.
 *
 * Whoever connects after it rolls only when it has succeeded: a migration that fails leaves the old workload as it is.
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
