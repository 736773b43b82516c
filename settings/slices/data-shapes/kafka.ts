/** The workloads of Kafka and what stands beside it, as their components have them, for a system's table of workloads. Pure. */
import type { KafkaSetting } from "../data-services.ts";
import type { ShapeDefaults } from "../shape.ts";
import type { ProbeSetting } from "../workload.ts";
import { size, task, users, type Shapes } from "./task.ts";

/** Folders that the Confluent images write to beside their data. */
function confluentFolders(service: "kafka" | "zookeeper" | "schema-registry"): Record<string, string> {
  return service === "schema-registry"
    ? { "/etc/schema-registry": "16Mi", "/var/log/confluent": "256Mi", "/tmp": "256Mi" }
    : { "/etc/kafka": "16Mi", [`/etc/${service}/secrets`]: "1Mi", "/var/log/kafka": "256Mi", "/tmp": "256Mi" };
}

const confluent = { user: users.confluent };

/** What the variables of a JVM that runs beside the server must not inherit: its port for JMX, its agents, its heap. */
const asClient = ["env", "-u", "JMX_PORT", "-u", "KAFKA_JMX_OPTS", "-u", "KAFKA_OPTS", "KAFKA_HEAP_OPTS=-Xmx128m"];

/** Kafka's brokers and ZooKeepers in the cluster, and the task that makes the topics. */
export function kafkaShapes(
  names: { server: string; zookeeper: string; topics: string },
  setting: KafkaSetting,
  pool: string,
): Shapes {
  const topics = task(pool, {
    ...confluent,
    resources: size(["100m", "1"], ["256Mi", "384Mi"]),
    writable: confluentFolders("kafka"),
    mounts: ["/files", ...kafkaClientMounts(setting)],
  });
  if (setting.kind === "managed") return {};
  if (setting.kind === "existing") return { [names.topics]: topics };
  const versions: ProbeSetting = {
    exec: [...asClient, "kafka-broker-api-versions", "--bootstrap-server", "localhost:9092"],
  };
  const ask = (kind: string): ProbeSetting => ({
    exec: ["bash", "/scripts/zookeeper-probe.sh", kind],
    timeoutSeconds: 5,
    failureThreshold: 3,
  });
  return {
    [names.server]: {
      ...confluent,
      kind: "data",
      pool,
      ports: { broker: 9092 },
      resources: size(["500m", "2"], ["1Gi", "2Gi"]),
      writable: confluentFolders("kafka"),
      mounts: ["/var/lib/kafka/data"],
      probes: {
        // Half an hour for the recovery of logs after a crash, before the liveness probe counts.
        startup: { tcp: 9092, periodSeconds: 10, failureThreshold: 180 },
        readiness: { ...versions, initialDelaySeconds: 30, periodSeconds: 30, timeoutSeconds: 15, failureThreshold: 3 },
        // The command asks every broker, so one that hangs must not make the others look dead: a long time-out.
        liveness: { ...versions, initialDelaySeconds: 60, periodSeconds: 60, timeoutSeconds: 45, failureThreshold: 5 },
      },
      // A broker hands over its partitions before it stops.
      graceSeconds: 120,
    },
    [names.zookeeper]: {
      ...confluent,
      kind: "data",
      pool,
      ports: { client: 2181, follower: 2888, election: 3888 },
      resources: size(["250m", "1"], ["512Mi", "1Gi"]),
      writable: confluentFolders("zookeeper"),
      mounts: ["/var/lib/zookeeper/data", "/var/lib/zookeeper/log", "/scripts"],
      probes: {
        readiness: { ...ask("ready"), initialDelaySeconds: 10, periodSeconds: 10 },
        liveness: { ...ask("live"), initialDelaySeconds: 30, periodSeconds: 30 },
      },
      graceSeconds: 60,
    },
    [names.topics]: topics,
  };
}

/** Confluent's Schema Registry. */
export function schemaRegistryShape(pool: string, setting: KafkaSetting): ShapeDefaults {
  const http: ProbeSetting = { http: { path: "/", port: "http" } };
  return {
    ...confluent,
    kind: "deployment",
    pool,
    ports: { http: 8081 },
    resources: size(["250m", "1000m"], ["512Mi", "1Gi"]),
    replicas: 2,
    writable: confluentFolders("schema-registry"),
    mounts: kafkaClientMounts(setting),
    secretEnv: kafkaAsksForPassword(setting) ? ["SCHEMA_REGISTRY_KAFKASTORE_SASL_JAAS_CONFIG"] : [],
    probes: {
      readiness: { ...http, initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 5 },
      liveness: { ...http, initialDelaySeconds: 60, periodSeconds: 30, timeoutSeconds: 10 },
    },
    graceSeconds: 30,
  };
}

/** Whether clients prove themselves to brokers with a password. */
export function kafkaAsksForPassword(setting: KafkaSetting): boolean {
  return setting.kind === "managed" || (setting.kind === "existing" && "mechanism" in setting.security);
}

/** Where clients find what proves them to brokers. */
export function kafkaClientMounts(setting: KafkaSetting): string[] {
  const asks = setting.kind === "managed" || (setting.kind === "existing" && setting.security.protocol !== "PLAINTEXT");
  return asks ? ["/etc/kafka-client"] : [];
}
