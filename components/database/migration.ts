import type { Images } from "../platform/images.ts";
import type { ConfigObject, SecretKey } from "../workload/config-objects.ts";
import type { Container } from "../workload/pod.ts";
import type { PostgresDatabase } from "./postgres-database.ts";

/**
 * A container that brings one database to the newest migration with dbmate; safe to run again.
 *
 * dbmate takes no lock, so it belongs where nothing runs beside it: an init container of a single pod, or a Task.
 */
export function migrationContainer(args: {
  images: Images;
  database: PostgresDatabase;
  /** Environment value of the database's name. */
  databaseName: SecretKey;
  migrations: ConfigObject;
}): Container {
  const { database, migrations } = args;
  return {
    name: "migrate",
    image: args.images.dbmate,
    args: ["--migrations-dir", "/migrations", "--no-dump-schema", "--wait", "up"],
    env: {
      POSTGRES_USER: database.secret.key("user"),
      POSTGRES_PASSWORD: database.secret.key("password"),
      POSTGRES_HOST: database.secret.key("host"),
      POSTGRES_PORT: database.secret.key("port"),
      POSTGRES_DB: args.databaseName,
      // Composed by Kubernetes from the variables above, so that the URL is in no object.
      DATABASE_URL:
        "postgres://$(POSTGRES_USER):$(POSTGRES_PASSWORD)@$(POSTGRES_HOST):$(POSTGRES_PORT)/$(POSTGRES_DB)" +
        `?sslmode=${database.connection.tls}`,
    },
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "250m", memory: "128Mi" } },
    mounts: [{ path: "/migrations", volume: { kind: "files", name: "migrations", from: migrations } }],
  };
}
