/** Shapes of PostgreSQL, its tasks and its backups; a system adds them to its own. Pure. */
import type { BackupSetting, PostgresSetting } from "../data-services.ts";
import type { Resources } from "../fields.ts";
import { suffixOf } from "../../../catalogue/names.ts";
import type { PostgresServerSetting } from "../postgres/servers.ts";
import type { ShapeDefaults } from "../shape.ts";
import type { ProbeSetting } from "../workload.ts";
import { size, task, users, type Shapes } from "./task.ts";

interface ServerParts {
  readonly pool: string;
  readonly user: string;
  readonly database: string;
  readonly resources?: Resources;
  /** Whether the server takes the user's name from the Secret as well. */
  readonly userInSecret: boolean;
}

/** Names of all workloads that a server may bring along, for `workloadsSetting`. */
export function postgresWorkloads(serverName: string): string[] {
  return ["", "-setup", "-grant", "-move"].map((part) => `${serverName}${part}`);
}

/**
 * Shapes of a server in the cluster and its setup task, or of the task that prepares a managed server; with another server
 * beside it those of both, and of the task that copies.
 */
export function postgresShapes(serverName: string, setting: PostgresSetting, args: ServerParts): Shapes {
  const { beside } = setting;
  const own = serverShapes(`${serverName}${suffixOf(setting)}`, setting, args);
  if (beside === undefined) return own;
  const other = Object.entries(serverShapes(`${serverName}${suffixOf(beside)}`, beside, args));
  return {
    ...own,
    // Not counted: another `max_connections` would restart the server that has the data.
    ...Object.fromEntries(other.map(([name, one]) => [name, { ...one, connections: 0 }])),
    [`${serverName}-move`]: moveShape(args.pool),
  };
}

/** Shape of the task that copies one server into another. */
function moveShape(pool: string): ShapeDefaults {
  return task(pool, {
    user: users.postgres,
    // Dump and restore each take a core while rows are streamed.
    resources: size(["250m", "2"], ["128Mi", "512Mi"]),
    mounts: ["/scripts", "/from", "/to"],
    secretEnv: ["FROM_PASSWORD", "TO_PASSWORD", "ADMIN_USER", "ADMIN_PASSWORD"],
  });
}

function serverShapes(serverName: string, setting: PostgresServerSetting, args: ServerParts): Shapes {
  const { pool, user, database, userInSecret } = args;
  switch (setting.kind) {
    case "in-cluster": {
      const isReady: ProbeSetting = { exec: ["pg_isready", "-U", user, "-d", database], timeoutSeconds: 5 };
      return {
        [serverName]: {
          kind: "data",
          pool,
          user: users.postgres,
          ports: { postgres: 5432 },
          resources: args.resources ?? size(["250m", "1"], ["256Mi", "512Mi"]),
          writable: { "/var/run/postgresql": "16Mi", "/tmp": "256Mi" },
          mounts: ["/var/lib/postgresql/data", "/docker-entrypoint-initdb.d", "/dev/shm"],
          secretEnv: ["POSTGRES_PASSWORD", ...(userInSecret ? ["POSTGRES_USER"] : [])],
          probes: {
            // An hour, since the server recovers after a crash. Until then the liveness probe does not run.
            startup: { ...isReady, periodSeconds: 10, failureThreshold: 360 },
            readiness: { ...isReady, initialDelaySeconds: 5, periodSeconds: 10 },
            liveness: { ...isReady, initialDelaySeconds: 30, periodSeconds: 30, failureThreshold: 5 },
          },
          // At the signal the server writes a checkpoint, which can take longer than Kubernetes' default of 30 seconds.
          graceSeconds: 120,
        },
        [`${serverName}-setup`]: task(pool, {
          user: users.postgres,
          mounts: ["/scripts", "/credentials"],
          connections: 1,
        }),
      };
    }
    case "managed":
      return {
        [`${serverName}-grant`]: task(pool, {
          user: users.postgres,
          mounts: ["/scripts", "/etc/postgres-client"],
          secretEnv: ["PGUSER", "PGPASSWORD"],
          connections: 1,
        }),
      };
    case "existing":
      return {};
  }
}

/** Shape of a task that runs SQL files with `psql`. */
export function sqlShape(pool: string, setting: PostgresSetting): ShapeDefaults {
  return task(pool, {
    user: users.postgres,
    mounts: ["/scripts", ...authorityMounts(setting)],
    secretEnv: ["PGPASSWORD"],
    connections: 1,
  });
}

/** Shape of a task that applies migrations with dbmate. */
export function dbmateShape(pool: string, setting: PostgresSetting): ShapeDefaults {
  return {
    kind: "task",
    pool,
    user: users.nobody,
    resources: size(["50m", "250m"], ["64Mi", "128Mi"]),
    graceSeconds: 30,
    mounts: ["/migrations", ...authorityMounts(setting)],
    secretEnv: ["DATABASE_URL"],
    connections: 1,
  };
}

/** Paths at which clients mount the certificate of the server's authority; none if they verify no authority. */
export function authorityMounts(setting: PostgresSetting): string[] {
  const has = setting.kind === "managed" || (setting.kind === "existing" && setting.tls.startsWith("verify"));
  return has ? ["/etc/postgres-client"] : [];
}

/** Shapes of the CronJob that dumps the databases, and of the one that restores the newest dump, if there is one. */
export function backupShapes(
  taskName: string,
  setting: BackupSetting | false,
  database: PostgresSetting,
  pool: string,
): Shapes {
  if (setting === false) return {};
  const step = {
    user: users.postgres,
    // Most of the time of a dump goes into compression, hence the high limit of CPU.
    resources: size(["100m", "2"], ["128Mi", "512Mi"]),
    writable: { "/tmp": "64Mi" },
  };
  const spaces = ["SPACES_NAME", "SPACES_REGION", "SPACES_KEY", "SPACES_SECRET"];
  return {
    [taskName]: task(pool, {
      ...step,
      mounts: ["/scripts", "/dumps", ...authorityMounts(database)],
      secretEnv: ["PGPASSWORD", ...spaces],
      connections: 1,
    }),
    ...(setting.restoreDrill === undefined
      ? {}
      : {
          [`${taskName}-drill`]: task(pool, {
            ...step,
            mounts: ["/scripts", "/dumps", "/restored"],
            secretEnv: spaces,
          }),
        }),
  };
}
