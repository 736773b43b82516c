/** Miniflux's workloads. Pure. */
import { authorityMounts, backupShapes, postgresShapes } from "../../settings/slices/data-shapes/postgres.ts";
import type { ShapeDefaults } from "../../settings/slices/shape.ts";
import type { MinifluxSetting } from "./settings.ts";

export function minifluxShapes({ pool, database, backup }: MinifluxSetting): Record<string, ShapeDefaults> {
  return {
    miniflux: {
      kind: "deployment",
      single: "each pod would fetch every feed",
      pool,
      // `nobody`, as in the image.
      user: { uid: 65_534, gid: 65_534 },
      ports: { http: 8080 },
      mounts: authorityMounts(database),
      secretEnv: ["DATABASE_URL", "ADMIN_PASSWORD"],
      resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
      probes: {
        // It migrates its database before it listens.
        startup: { http: { path: "/liveness", port: "http" }, periodSeconds: 5, failureThreshold: 60 },
        readiness: { http: { path: "/readiness", port: "http" }, periodSeconds: 10 },
        liveness: { http: { path: "/liveness", port: "http" }, periodSeconds: 30 },
      },
      graceSeconds: 30,
      connections: 20,
    },
    ...postgresShapes("miniflux-postgres", database, {
      pool,
      user: "miniflux",
      database: "miniflux",
      userInSecret: true,
    }),
    ...backupShapes("miniflux-backup", backup, database, pool),
  };
}
