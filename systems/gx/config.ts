/**
 * Content of ConfigMap `backend-config` and Secret `backend-secrets`, which API and workers read. The values are those of the public
 * manifests of the guide's revision.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { RedisDatabase } from "../../components/cache/redis-database.ts";
import type { RedisConnection } from "../../components/cache/server.ts";
import type { Connection } from "../../components/database/server.ts";
import { portText } from "../../components/connections/destinations.ts";
import type { Values } from "../../components/workload/config-objects.ts";
import { databaseName, fabricPath, ports } from "./names.ts";
import type { GxSetting } from "./settings.ts";

/** The ConfigMap's content; `config` of the settings adds to it, or replaces values. */
export function backendConfig(settings: GxSetting, database: Connection, redis: RedisConnection): Values {
  return {
    NODE_ENV: "production",
    LOG_LEVEL: settings.logLevel,
    TENANT_ID: "default",
    IDENTITY_SERVICE_PORT: String(ports.api),
    DATABASE_HOST: database.host,
    DATABASE_PORT: portText(database.port),
    DATABASE_NAME: databaseName,
    REDIS_HOST: redis.host,
    REDIS_PORT: portText(redis.port),
    ...(settings.fabric === false ? {} : fabricConfig(settings.fabric)),
    POLL_INTERVAL: "100",
    BATCH_SIZE: "10",
    // One every 100 ms, so commands are given up after half an hour.
    MAX_RETRIES: "18000",
    LOCK_TIMEOUT: "300000",
    ENABLE_METRICS: "true",
    OUTBOX_METRICS_PORT: String(ports.outbox),
    CHECKPOINT_INTERVAL: "10",
    PROJECTOR_METRICS_PORT: String(ports.projector),
    JWT_EXPIRY: "24h",
    JWT_REFRESH_EXPIRY: "7d",
    ENABLE_IDEMPOTENCY: "true",
    IDEMPOTENCY_TTL_HOURS: "24",
    // Ten years. The image compares this with the age of the last event, so a chain without events would look like a slow
    // projector.
    PROJECTION_LAG_THRESHOLD_MS: String(10 * 365 * 24 * 3_600_000),
    RATE_LIMIT_WINDOW_MS: "900000",
    RATE_LIMIT_MAX_REQUESTS: "100",
    ...settings.config,
  };
}

/** The Secret's content beside the database's user and password. */
export function backendSecrets(
  { connectionLimit }: GxSetting,
  database: Connection,
  redis: RedisDatabase,
  jwtSecret: pulumi.Output<string>,
): Values {
  const prisma = `?schema=public&connection_limit=${connectionLimit}&`;
  return {
    DATABASE_URL: database.url(databaseName).apply((plain) => plain.replace("?", prisma)),
    JWT_SECRET: jwtSecret,
    REDIS_PASSWORD: redis.connection.password,
    REDIS_URL: redis.url,
  };
}

function peerHost({ peer }: Exclude<GxSetting["fabric"], false>): string {
  return peer.kind === "outside" ? peer.host : `${peer.service}.${peer.namespace}.svc.cluster.local`;
}

function fabricConfig(fabric: Exclude<GxSetting["fabric"], false>): Values {
  return {
    FABRIC_PEER_ENDPOINT: `${peerHost(fabric)}:${fabric.port}`,
    FABRIC_TLS_SERVER_NAME_OVERRIDE: fabric.tlsServerName,
    FABRIC_MSP_ID: fabric.mspId,
    FABRIC_CHANNEL_NAME: fabric.channel,
    FABRIC_CHAINCODE_NAME: fabric.chaincode,
    FABRIC_GRPC_KEEPALIVE: "true",
    FABRIC_GRPC_KEEPALIVE_TIMEOUT: "120000",
    FABRIC_CERT_PATH: `${fabricPath}/cert.pem`,
    FABRIC_KEY_PATH: `${fabricPath}/key.pem`,
    FABRIC_PEER_TLS_CA_CERT_PATH: `${fabricPath}/ca-cert.pem`,
    START_BLOCK: String(fabric.startBlock),
  };
}
