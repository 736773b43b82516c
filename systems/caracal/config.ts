/** Content of ConfigMap `caracal-config-v03`, and the topics. The values are those of the v0.3 manifests. */
import type { RedisConnection } from "../../components/cache/server.ts";
import type { Connection } from "../../components/database/server.ts";
import { portText } from "../../components/connections/destinations.ts";
import type { Kafka } from "../../components/messaging/kafka.ts";
import type { Topic } from "../../components/messaging/brokers.ts";
import type { Values } from "../../components/workload/config-objects.ts";
import { keysPath, ports, tlsPath, topicNames } from "./names.ts";
import type { CaracalSetting } from "./settings.ts";

/** Kafka's topics, with the partitions and the retention of the settings. */
export function topicsOf({ topics }: CaracalSetting): Topic[] {
  const settings = {
    "retention.ms": String(topics.retentionDays * 24 * 3_600_000),
    "compression.type": "snappy",
    "cleanup.policy": "delete",
  };
  return Object.entries(topicNames).map(([key, name]) => ({
    name,
    partitions: topics[key as keyof typeof topicNames],
    settings,
  }));
}

/** The ConfigMap's content; `config` of the settings adds to it, or replaces values. */
export function configValues(
  settings: CaracalSetting,
  {
    database,
    redis,
    kafka,
    schemaRegistryUrl,
  }: {
    database: Connection;
    redis: RedisConnection;
    kafka: Kafka;
    schemaRegistryUrl: string;
  },
): Values {
  return {
    DB_HOST: database.host,
    DB_PORT: portText(database.port),
    DB_NAME: "caracal",
    DB_USER: database.user,
    // The name that libpq reads; the images do not read DB_SSLMODE of the manifests.
    PGSSLMODE: database.tls,
    DB_POOL_SIZE: "10",
    DB_MAX_OVERFLOW: "5",
    DB_POOL_TIMEOUT: "30",
    REDIS_HOST: redis.host,
    REDIS_PORT: portText(redis.port),
    REDIS_DB: "0",
    REDIS_SSL: String(redis.tls),
    REDIS_SPENDING_CACHE_TTL: "86400",
    REDIS_METRICS_CACHE_TTL: "3600",
    KAFKA_BOOTSTRAP_SERVERS: kafka.brokers.bootstrapServers,
    ...kafka.clientSettings,
    KAFKA_AUTO_OFFSET_RESET: "earliest",
    KAFKA_ENABLE_AUTO_COMMIT: "false",
    KAFKA_ISOLATION_LEVEL: "read_committed",
    KAFKA_MAX_POLL_RECORDS: "500",
    KAFKA_SESSION_TIMEOUT_MS: "30000",
    KAFKA_ENABLE_IDEMPOTENCE: "true",
    KAFKA_ACKS: "all",
    KAFKA_MAX_IN_FLIGHT_REQUESTS: "5",
    SCHEMA_REGISTRY_URL: schemaRegistryUrl,
    MERKLE_BATCH_SIZE_LIMIT: "1000",
    MERKLE_BATCH_TIMEOUT_SECONDS: "300",
    MERKLE_SIGNING_ALGORITHM: "ECDSA-P256",
    MERKLE_SIGNING_KEY_PATH: `${keysPath}/merkle_signing_key.pem`,
    ...gatewayConfig(settings),
    MCP_ADAPTER_LISTEN_ADDRESS: `0.0.0.0:${ports.adapter}`,
    MCP_SERVERS: Object.entries(settings.mcpServers)
      .map(([name, url]) => `${name}:${url}`)
      .join(","),
    MCP_SERVER_TIMEOUT: "30",
    METRICS_PORT: String(ports.aggregatorMetrics),
    ANOMALY_DETECTION_THRESHOLD: "2.0",
    AUDIT_LOG_RETENTION_DAYS: "2555",
    ENABLE_PROMETHEUS_METRICS: "true",
    ENABLE_STRUCTURED_LOGGING: "true",
    ...settings.config,
  };
}

function gatewayConfig({ logLevel, mtls }: CaracalSetting): Values {
  const listen = `0.0.0.0:${ports.gateway}`;
  return {
    GATEWAY_LISTEN_ADDRESS: listen,
    LISTEN_ADDRESS: listen,
    AUTH_MODE: "jwt",
    LOG_LEVEL: logLevel,
    REQUEST_TIMEOUT: "30",
    MAX_REQUEST_SIZE_MB: "10",
    TLS_CERT_FILE: `${tlsPath}/server.crt`,
    TLS_KEY_FILE: `${tlsPath}/server.key`,
    // If this is set, the gateway requires a certificate of every client, signed by this authority.
    TLS_CA_FILE: mtls ? `${tlsPath}/ca.crt` : undefined,
    JWT_PUBLIC_KEY_PATH: `${tlsPath}/jwt_public.pem`,
    JWT_ALGORITHM: "RS256",
    ENABLE_REPLAY_PROTECTION: "true",
    NONCE_CACHE_TTL: "300",
    NONCE_CACHE_SIZE: "100000",
    TIMESTAMP_WINDOW: "300",
    ENABLE_POLICY_CACHE: "true",
    POLICY_CACHE_TTL: "60",
    POLICY_CACHE_MAX_SIZE: "10000",
    PROVISIONAL_CHARGE_EXPIRATION: "300",
    PROVISIONAL_CHARGE_MAX_TIMEOUT: "60",
    PROVISIONAL_CHARGE_CLEANUP_INTERVAL: "60",
    PROVISIONAL_CHARGE_CLEANUP_BATCH_SIZE: "1000",
  };
}
