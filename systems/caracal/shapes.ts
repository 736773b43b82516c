/** Shapes of Caracal's workloads: the values of the v0.3 manifests, or what the images need instead. Pure. */
import { portOf } from "../../catalogue/addresses.ts";
import {
  kafkaAsksForPassword,
  kafkaClientMounts,
  kafkaShapes,
  schemaRegistryShape,
} from "../../settings/slices/data-shapes/kafka.ts";
import { authorityMounts, backupShapes, postgresShapes } from "../../settings/slices/data-shapes/postgres.ts";
import { redisClientMounts, redisShapes } from "../../settings/slices/data-shapes/redis.ts";
import { apiTaskShape } from "../../settings/slices/data-shapes/task.ts";
import type { Probes, ShapeDefaults } from "../../settings/slices/shape.ts";
import type { ProbeSetting, Reach } from "../../settings/slices/workload.ts";
import { consumers, keysPath, ports, tlsPath, type Consumer } from "./names.ts";
import type { CaracalSetting } from "./settings.ts";

/** User of Caracal's images. */
const user = { uid: 1000, gid: 1000 };
/** Connections that SQLAlchemy opens in each pod: `DB_POOL_SIZE` and `DB_MAX_OVERFLOW` together. */
const poolSize = 15;

/** What all of Caracal's images have in common: folders that they write to, and a home that is one of them. */
const common = {
  kind: "deployment" as const,
  user,
  writable: { "/tmp": "256Mi", "/var/log/caracal": "256Mi", "/etc/caracal/config": "16Mi" },
  env: { HOME: "/tmp" },
};

export function caracalShapes(settings: CaracalSetting): Record<string, ShapeDefaults> {
  const { pool, database, redis, kafka, backup, snapshots } = settings;
  const clientMounts = [...authorityMounts(database), ...kafkaClientMounts(kafka), ...redisClientMounts(redis)];
  const kafkaEnv = kafkaAsksForPassword(kafka) ? ["KAFKA_SASL_PASSWORD"] : [];
  const service = {
    ...common,
    pool,
    secretEnv: ["DB_PASSWORD", "REDIS_PASSWORD", ...kafkaEnv],
    resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "2000m", memory: "1Gi" } },
    connections: poolSize,
    graceSeconds: 45,
    preStopSeconds: 10,
  };
  return {
    "caracal-gateway": {
      ...service,
      replicas: 3,
      ports: { https: ports.gateway },
      mounts: [tlsPath, ...clientMounts],
      env: { ...common.env, ...(settings.mtls ? {} : { TLS_CA_FILE: "" }) },
      probes: gatewayProbes(settings.mtls),
      // It forwards each call to the address that the caller names in a header.
      reaches: { targets: { kind: "internet", ports: [443] } },
    },
    "caracal-mcp-adapter": {
      ...service,
      replicas: 2,
      ports: { http: ports.adapter },
      mounts: clientMounts,
      env: { ...common.env, LISTEN_ADDRESS: `0.0.0.0:${ports.adapter}` },
      // Its /health fails if PostgreSQL or an MCP server is away, which a restart would not cure; so it decides about readiness
      // only.
      probes: timings({ tcp: "http" }, { tcp: "http" }, { http: { path: "/health", port: "http" } }),
      reaches: mcpReaches(settings.mcpServers),
    },
    ...Object.fromEntries(
      (Object.keys(consumers) as Consumer[]).map((which) => {
        const aggregates = which === "metrics-aggregator";
        const shape: ShapeDefaults = {
          ...common,
          pool,
          replicas: 2,
          // No probes: only Prometheus uses its Service, and must reach pods that are not ready as well.
          ...(aggregates ? { ports: { metrics: ports.aggregatorMetrics } } : {}),
          mounts: [...(which === "ledger-writer" ? [keysPath] : []), ...clientMounts],
          secretEnv: [aggregates ? "REDIS_PASSWORD" : "DB_PASSWORD", ...kafkaEnv],
          resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "1000m", memory: "512Mi" } },
          // The image does not react to the signal to stop, so it is killed after this time.
          graceSeconds: 60,
          connections: aggregates ? 0 : poolSize,
        };
        return [`caracal-${which}`, shape];
      }),
    ),
    "caracal-db-migrate": {
      ...common,
      kind: "task",
      pool,
      command: ["python", "/scripts/migrate.py"],
      mounts: ["/scripts", ...authorityMounts(database)],
      secretEnv: ["DB_PASSWORD"],
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "256Mi" } },
      graceSeconds: 30,
      connections: 1,
    },
    "caracal-schema-registry": schemaRegistryShape(pool, kafka),
    ...kafkaShapes({ server: "caracal-kafka", zookeeper: "caracal-zookeeper", topics: "caracal-topics" }, kafka, pool),
    ...postgresShapes("caracal-postgres", database, {
      pool,
      user: "caracal",
      database: "caracal",
      userInSecret: false,
      resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "2000m", memory: "2Gi" } },
    }),
    ...redisShapes("caracal-redis", redis, pool),
    ...backupShapes("caracal-backup", backup, database, pool),
    ...(snapshots === false ? {} : { "volume-snapshots": apiTaskShape(pool, ["/scripts"]) }),
  };
}

/**
 * Probes of the gateway. With `mtls` they only open a connection, because the kubelet has no client certificate. Without it,
 * readiness asks /health. That fails if PostgreSQL is away, which a restart would not cure, so liveness does not ask it.
 */
function gatewayProbes(mtls: boolean): Probes {
  const open: ProbeSetting = { tcp: "https" };
  return timings(open, open, mtls ? open : { http: { path: "/health", port: "https", scheme: "HTTPS" } });
}

function timings(startup: ProbeSetting, liveness: ProbeSetting, readiness: ProbeSetting): Probes {
  return {
    startup: { ...startup, initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 12 },
    liveness: { ...liveness, initialDelaySeconds: 60, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
    readiness: { ...readiness, initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  };
}

/** Each MCP server as a destination: pods of the cluster if its URL names a Service, otherwise a host on the internet. */
function mcpReaches(servers: CaracalSetting["mcpServers"]): Record<string, Reach> {
  return Object.fromEntries(
    Object.entries(servers).map(([name, url]): [string, Reach] => {
      const { hostname } = new URL(url);
      const ports = [portOf(url)];
      const [, namespace] = /^[^.]+\.([^.]+)\.svc(\.cluster\.local)?$/.exec(hostname) ?? [];
      if (namespace !== undefined) return [name, { kind: "pods", namespace, ports }];
      return [name, { kind: hostname.includes(".") ? "internet" : "pods", ports }];
    }),
  );
}
