/** Shapes of GX Protocol's workloads: the values of the guide, or what the published images need instead. Pure. */
import { authorityMounts, backupShapes, postgresShapes } from "../../settings/slices/data-shapes/postgres.ts";
import { redisClientMounts, redisShapes } from "../../settings/slices/data-shapes/redis.ts";
import type { ShapeDefaults } from "../../settings/slices/shape.ts";
import type { ProbeSetting } from "../../settings/slices/workload.ts";
import { databaseName, fabricPath, ports } from "./names.ts";
import type { GxSetting } from "./settings.ts";

/** User of the official Node image, on which the system's images are based. */
const user = { uid: 1000, gid: 1000 };
const databaseEnv = ["DATABASE_USER", "DATABASE_PASSWORD", "DATABASE_URL"];

export function gxShapes(settings: GxSetting): Record<string, ShapeDefaults> {
  const { pool, database, redis, backup, fabric, migration, connectionLimit } = settings;
  const common = {
    kind: "deployment" as const,
    pool,
    user,
    writable: { "/tmp": "256Mi" },
    mounts: authorityMounts(database),
    secretEnv: databaseEnv,
    connections: connectionLimit,
    graceSeconds: 30,
  };
  const http = (path: string): ProbeSetting => ({ http: { path, port: "http" } });
  return {
    "svc-identity": {
      ...common,
      replicas: { min: 3, max: 10, cpuPercent: 70, memoryPercent: 80 },
      ports: { http: ports.api },
      mounts: [...common.mounts, ...redisClientMounts(redis)],
      secretEnv: [...databaseEnv, "JWT_SECRET", "REDIS_URL"],
      resources: { requests: { cpu: "200m", memory: "256Mi" }, limits: { cpu: "1000m", memory: "512Mi" } },
      probes: {
        startup: {
          ...http("/health"),
          initialDelaySeconds: 5,
          periodSeconds: 5,
          timeoutSeconds: 3,
          failureThreshold: 10,
        },
        readiness: {
          ...http("/readyz"),
          initialDelaySeconds: 10,
          periodSeconds: 5,
          timeoutSeconds: 3,
          failureThreshold: 2,
        },
        liveness: {
          ...http("/livez"),
          initialDelaySeconds: 30,
          periodSeconds: 10,
          timeoutSeconds: 5,
          failureThreshold: 3,
        },
      },
      // Time for the proxies to stop sending requests to the pod.
      preStopSeconds: 10,
    },
    ...(fabric === false ? {} : workerShapes(common)),
    ...(migration === "none"
      ? {}
      : {
          "gx-migrate": {
            ...common,
            kind: "task" as const,
            command: migration.command,
            resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } },
          },
        }),
    ...postgresShapes("postgres", database, { pool, user: "gx_admin", database: databaseName, userInSecret: true }),
    ...redisShapes("redis", redis, pool),
    ...backupShapes("postgres-backup", backup, database, pool),
  };
}

type Common = Omit<ShapeDefaults, "resources">;

function workerShapes(common: Common): Record<string, ShapeDefaults> {
  const health: ProbeSetting = { http: { path: "/health", port: "metrics" }, timeoutSeconds: 5 };
  const open: ProbeSetting = { tcp: "metrics", timeoutSeconds: 5 };
  const worker = { ...common, mounts: [...(common.mounts ?? []), fabricPath] };
  return {
    "outbox-submitter": {
      ...worker,
      ports: { metrics: ports.outbox },
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1000m", memory: "1Gi" } },
      // Not /health: it queries PostgreSQL, and the process ends if that fails. Without the query it survives an outage.
      probes: {
        liveness: { ...open, initialDelaySeconds: 30, periodSeconds: 30, failureThreshold: 3 },
        readiness: { ...open, initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 2 },
      },
    },
    projector: {
      ...worker,
      single: "the projector applies events in order",
      ports: { metrics: ports.projector },
      resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2000m", memory: "2Gi" } },
      probes: {
        liveness: { ...health, initialDelaySeconds: 60, periodSeconds: 30, failureThreshold: 5 },
        readiness: { ...health, initialDelaySeconds: 30, periodSeconds: 10, failureThreshold: 3 },
      },
      graceSeconds: 60,
    },
  };
}
