/** dotdo's pods: what is in them, and how many there are. */
import type * as pulumi from "@pulumi/pulumi";
import type { RedisDatabase } from "../../components/cache/redis-database.ts";
import type { Destination } from "../../components/network/connections.ts";
import { secretKey, type ConfigObject, type ConfigSource } from "../../components/workload/config-objects.ts";
import type { Container } from "../../components/workload/pod.ts";
import type { Replicas } from "../../components/workload/workload.ts";
import { shapeOf } from "./profiles.ts";
import type { DotdoSetting } from "./settings.ts";

export const ports = { http: 8787, rpc: 8788 };

/** What pods keep their objects in. */
export interface Storage {
  readonly endpoint: string;
  readonly bucket: pulumi.Input<string>;
  readonly accessKey: pulumi.Output<string> | undefined;
  readonly secretKey: pulumi.Output<string> | undefined;
  readonly destination: Destination;
}

export function configValues(
  settings: DotdoSetting,
  storage: Storage,
  redis: RedisDatabase | undefined,
): Record<string, pulumi.Input<string>> {
  const { maxConcurrent, idleTimeout, rpcTimeout, logLevel, env } = shapeOf(settings);
  return {
    TURSO_URL: settings.tursoUrl,
    R2_ENDPOINT: storage.endpoint,
    R2_BUCKET: storage.bucket,
    ...(redis === undefined ? {} : { REDIS_URL: redis.address }),
    DO_MAX_CONCURRENT: String(maxConcurrent),
    DO_IDLE_TIMEOUT: String(idleTimeout),
    DO_RPC_TIMEOUT: String(rpcTimeout),
    NODE_ENV: "production",
    LOG_LEVEL: logLevel,
    SERVICE_NAME: "dotdo",
    HEADLESS_SERVICE: "dotdo-headless",
    SERVICE_PORT: String(ports.http),
    RPC_PORT: String(ports.rpc),
    ...env,
    ...settings.env,
  };
}

export function container(settings: DotdoSetting, config: ConfigObject, credentials: ConfigSource): Container {
  const shape = shapeOf(settings);
  const { tag } = settings.image;
  const http = (path: string) => ({ httpGet: { path, port: "http" } });
  // The production profile gives everything twice the time.
  const slow = shape.slowStart;
  return {
    name: "dotdo",
    image: `${shape.repository}${tag.startsWith("sha256:") ? "@" : ":"}${tag}`,
    envFrom: [config],
    env: {
      TURSO_TOKEN: secretKey(credentials, "turso-token"),
      R2_ACCESS_KEY: secretKey(credentials, "r2-access-key"),
      R2_SECRET_KEY: secretKey(credentials, "r2-secret-key"),
      REDIS_PASSWORD: secretKey(credentials, "redis-password", { optional: true }),
      API_KEY: secretKey(credentials, "api-key", { optional: true }),
      POD_NAME: { fieldPath: "metadata.name" },
      POD_IP: { fieldPath: "status.podIP" },
      POD_NAMESPACE: { fieldPath: "metadata.namespace" },
    },
    ports,
    resources: shape.resources,
    ...(slow ? { startup: { ...http("/health"), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 } } : {}),
    liveness: {
      ...http("/health"),
      initialDelaySeconds: slow ? 15 : 10,
      periodSeconds: slow ? 15 : 10,
      timeoutSeconds: slow ? 10 : 5,
      failureThreshold: slow ? 5 : 3,
    },
    readiness: {
      ...http("/ready"),
      initialDelaySeconds: slow ? 10 : 5,
      periodSeconds: slow ? 10 : 5,
      timeoutSeconds: slow ? 5 : 3,
      failureThreshold: 3,
    },
    // Until every proxy knows that this pod leaves the ring.
    lifecycle: { preStop: { sleep: { seconds: 15 } } },
    mounts: [
      { path: "/tmp", volume: { kind: "scratch", name: "tmp", sizeLimit: "256Mi" } },
      { path: "/home/node/.cache", volume: { kind: "scratch", name: "cache", sizeLimit: "256Mi" } },
    ],
  };
}

export function replicasOf(settings: DotdoSetting): Replicas {
  const { scaling, replicas, podMetrics } = shapeOf(settings);
  if (scaling === undefined) return replicas;
  return {
    ...scaling,
    podMetrics,
    behavior: {
      scaleDown: {
        stabilizationWindowSeconds: 300,
        selectPolicy: "Min",
        policies: [
          { type: "Percent", value: 10, periodSeconds: 60 },
          { type: "Pods", value: 5, periodSeconds: 60 },
        ],
      },
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Max",
        policies: [
          { type: "Percent", value: 100, periodSeconds: 15 },
          { type: "Pods", value: 10, periodSeconds: 15 },
        ],
      },
    },
  };
}
