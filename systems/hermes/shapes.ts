/** Shapes of Hermes' workloads: the values of its plan, or what the published image needs instead. Pure. */
import { authorityMounts, backupShapes, postgresShapes, sqlShape } from "../../settings/slices/data-shapes/postgres.ts";
import type { ShapeDefaults } from "../../settings/slices/shape.ts";
import { databaseName, workloadName } from "./names.ts";
import type { HermesSetting } from "./settings.ts";

export function hermesShapes(settings: HermesSetting): Record<string, ShapeDefaults> {
  const { pool, database, backup, metrics, sharding } = settings;
  return {
    [workloadName]: {
      kind: "deployment",
      ...(sharding ? {} : { single: "two pods would write one cursor" }),
      pool,
      user: { uid: 1001, gid: 1001 },
      ports: metrics === undefined ? {} : { metrics: metrics.port },
      writable: { "/tmp": "256Mi" },
      mounts: authorityMounts(database),
      secretEnv: ["DATABASE_URL", "SUBSTREAMS_ENDPOINT", "SUBSTREAMS_API_TOKEN"],
      resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "1000m", memory: "1Gi" } },
      graceSeconds: 30,
      // As process 1 the image ignores the signal to stop, and each update would wait until it is killed.
      shareProcesses: true,
      // Size of the image's connection pool.
      connections: 20,
    },
    "ipfs-cache-migrate": sqlShape(pool, database),
    ...postgresShapes("ipfs-cache-postgres", database, {
      pool,
      user: databaseName,
      database: databaseName,
      userInSecret: true,
      resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "1000m", memory: "512Mi" } },
    }),
    ...backupShapes("ipfs-cache-backup", backup, database, pool),
  };
}
