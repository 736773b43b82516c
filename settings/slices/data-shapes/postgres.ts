/** The workloads of PostgreSQL, as their components have them, for a system's table of workloads. Pure. */
import type { BackupSetting, PostgresSetting } from "../data-services.ts";
import type { Resources } from "../fields.ts";
import type { ShapeDefaults } from "../shape.ts";
import type { ProbeSetting } from "../workload.ts";
import { size, task, users, type Shapes } from "./task.ts";

/** A PostgreSQL's server and the tasks that prepare it, whichever kind it is. */
export function postgresShapes(
  serverName: string,
  setting: PostgresSetting,
  args: {
    pool: string;
    user: string;
    database: string;
    resources?: Resources;
    /** Whether the user's name is a key of the Secret, too. */
    userInSecret: boolean;
  },
): Shapes {
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
            // An hour: recovery after a crash must not be cut short by the liveness probe.
            startup: { ...isReady, periodSeconds: 10, failureThreshold: 360 },
            readiness: { ...isReady, initialDelaySeconds: 5, periodSeconds: 10 },
            liveness: { ...isReady, initialDelaySeconds: 30, periodSeconds: 30, failureThreshold: 5 },
          },
          // The signal is a fast shutdown, whose checkpoint can take longer than the default half minute.
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

/** A task that runs SQL with PostgreSQL's own client. */
export function sqlShape(pool: string, setting: PostgresSetting): ShapeDefaults {
  return task(pool, {
    user: users.postgres,
    mounts: ["/scripts", ...authorityMounts(setting)],
    secretEnv: ["PGPASSWORD"],
    connections: 1,
  });
}

/** A task that brings a database to the newest migration with dbmate. */
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

/** Where clients find the authority of a server that has one. */
export function authorityMounts(setting: PostgresSetting): string[] {
  const has = setting.kind === "managed" || (setting.kind === "existing" && setting.tls.startsWith("verify"));
  return has ? ["/etc/postgres-client"] : [];
}

/** The dumps of a database, and the drill that restores the newest. */
export function backupShapes(
  taskName: string,
  setting: BackupSetting | false,
  database: PostgresSetting,
  pool: string,
): Shapes {
  if (setting === false) return {};
  const step = {
    user: users.postgres,
    // Compression is what a dump takes its time for.
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
