/** Shapes of dotdo's workloads: the values of the profile, or what the published image needs instead. Pure. */
import { redisClientMounts, redisShapes } from "../../settings/slices/data-shapes/redis.ts";
import type { Probes, ShapeDefaults } from "../../settings/slices/shape.ts";
import { ports, shapeOf, type ProbeTimes } from "./profiles.ts";
import type { DotdoSetting } from "./settings.ts";

export function dotdoShapes(settings: DotdoSetting): Record<string, ShapeDefaults> {
  const { pool, redis } = settings;
  const { scaling, resources, probeTimes, calledInCluster, reachesPostgres } = shapeOf(settings);
  return {
    dotdo: {
      kind: "deployment",
      pool,
      user: { uid: 1000, gid: 1000 },
      ports,
      env: { HOME: "/tmp" },
      // The image's server writes its state and its bundles to these folders.
      writable: { "/tmp": "256Mi", "/home/node/.cache": "256Mi", "/app/.wrangler": "1Gi" },
      mounts: redisClientMounts(redis),
      secretEnv: ["TURSO_TOKEN", "R2_ACCESS_KEY", "R2_SECRET_KEY", "REDIS_PASSWORD", "API_KEY"],
      resources,
      probes: probes(probeTimes),
      replicas: scaling,
      graceSeconds: 60,
      // Time for every proxy to notice that the pod leaves, and to send its objects' requests to another one.
      preStopSeconds: 15,
      reachedBy: calledInCluster ? { cluster: { kind: "cluster", ports: [ports.http] } } : {},
      reaches: reachesPostgres ? { postgres: { kind: "internet", ports: [5432] } } : {},
    },
    ...redisShapes("dotdo-redis", redis, pool),
  };
}

function probes({ slowStart, livenessDelay, readinessDelay }: ProbeTimes): Probes {
  // The only path that the published image answers; the chart's /health and /ready are 404 there.
  const health = { http: { path: "/api/health", port: "http" } };
  return {
    ...(slowStart ? { startup: { ...health, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 } } : {}),
    liveness: {
      ...health,
      initialDelaySeconds: livenessDelay,
      periodSeconds: slowStart ? 15 : 10,
      timeoutSeconds: slowStart ? 10 : 5,
      failureThreshold: slowStart ? 5 : 3,
    },
    readiness: {
      ...health,
      initialDelaySeconds: readinessDelay,
      periodSeconds: slowStart ? 10 : 5,
      timeoutSeconds: slowStart ? 5 : 3,
      failureThreshold: 3,
    },
  };
}
