/** Shape of Redis; a system adds it to its own. Pure. */
import type { RedisSetting } from "../data-services.ts";
import type { ProbeSetting } from "../workload.ts";
import { size, users, type Shapes } from "./task.ts";

/** Paths at which clients mount the certificate of the server's authority; none for a public authority or without TLS. */
export function redisClientMounts(setting: RedisSetting | false): string[] {
  if (setting === false || setting.kind === "in-cluster") return [];
  const has = setting.kind === "managed" || (setting.tls && setting.caCertificate !== undefined);
  return has ? ["/etc/redis-client"] : [];
}

/** Shape of a Redis in the cluster, by its name; empty for the other kinds. */
export function redisShapes(serverName: string, setting: RedisSetting | false, pool: string): Shapes {
  if (setting === false || setting.kind !== "in-cluster") return {};
  const ping = (kind: string): ProbeSetting => ({
    exec: ["sh", "/probes/ping.sh", kind],
    timeoutSeconds: 5,
    failureThreshold: 3,
  });
  return {
    [serverName]: {
      kind: "data",
      pool,
      user: users.redis,
      ports: { redis: 6379 },
      resources: size(["250m", "1"], ["256Mi", "1Gi"]),
      mounts: ["/data", "/etc/redis/redis.conf", "/etc/redis/users", "/probes"],
      secretEnv: ["REDISCLI_AUTH"],
      probes: {
        readiness: { ...ping("ready"), initialDelaySeconds: 10, periodSeconds: 10 },
        liveness: { ...ping("live"), initialDelaySeconds: 30, periodSeconds: 30 },
      },
      // Redis saves its data before it stops.
      graceSeconds: 60,
    },
  };
}
