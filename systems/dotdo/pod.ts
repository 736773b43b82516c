/** dotdo's container, its ConfigMap, and how fast its autoscaler reacts. */
import type * as pulumi from "@pulumi/pulumi";
import type { RedisDatabase } from "../../components/cache/redis-database.ts";
import type { Destination } from "../../components/connections/destinations.ts";
import { secretKey, type ConfigObject, type Values } from "../../components/workload/config-objects.ts";
import type { ConfigSource } from "../../components/site/config-source.ts";
import { withTag } from "../../catalogue/image.ts";
import type { OwnedContainer } from "../../components/workload/shaped-pod.ts";
import { ports, shapeOf } from "./profiles.ts";
import type { DotdoSetting } from "./settings.ts";

/** The bucket for large objects, at Spaces or at Cloudflare R2. */
export interface Storage {
  /** URL of the S3 API without the bucket's name. */
  readonly endpoint: string;
  readonly bucket: pulumi.Input<string>;
  readonly accessKey: pulumi.Output<string> | undefined;
  readonly secretKey: pulumi.Output<string> | undefined;
  readonly destination: Destination;
}

/** Content of ConfigMap `dotdo-config`. */
export function configValues(settings: DotdoSetting, storage: Storage, redis: RedisDatabase | undefined): Values {
  const { maxConcurrent, idleTimeout, rpcTimeout, logLevel, env } = shapeOf(settings);
  return {
    TURSO_URL: settings.tursoUrl,
    R2_ENDPOINT: storage.endpoint,
    R2_BUCKET: storage.bucket,
    REDIS_URL: redis?.address,
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
  };
}

/** The only container of dotdo's pods. */
export function container(
  settings: DotdoSetting,
  config: ConfigObject,
  credentials: ConfigSource,
  redis: RedisDatabase | undefined,
): OwnedContainer {
  const { repository, alwaysPull } = shapeOf(settings);
  // Optional as in the Helm chart: the pods start if the Secret lacks a key.
  const key = (name: string) => secretKey(credentials, name, { optional: true });
  return {
    name: "dotdo",
    image: withTag(repository, settings.image.tag),
    alwaysPull,
    envFrom: [config],
    env: {
      TURSO_TOKEN: key("turso-token"),
      R2_ACCESS_KEY: key("r2-access-key"),
      R2_SECRET_KEY: key("r2-secret-key"),
      REDIS_PASSWORD: key("redis-password"),
      API_KEY: key("api-key"),
      POD_NAME: { fieldPath: "metadata.name" },
      POD_IP: { fieldPath: "status.podIP" },
      POD_NAMESPACE: { fieldPath: "metadata.namespace" },
      NODE_EXTRA_CA_CERTS: redis?.authorityPath,
    },
    mounts: redis?.clientMounts ?? [],
  };
}

/** Behaviour of the autoscaler, from the Helm chart: adds pods at once, removes them in small steps after five minutes. */
export const scalingBehavior = {
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
};
