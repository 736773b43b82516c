/** Shapes of Kafka, ZooKeeper, the task for topics and the Schema Registry; a system adds them to its own. Pure. */
import type { KafkaSetting } from "../data-services.ts";
import type { ShapeDefaults } from "../shape.ts";
import type { ProbeSetting } from "../workload.ts";
import { size, starting, task, users, type Shapes } from "./task.ts";

/** Folders that Confluent's images write to, beside their data, with the size of each. */
function confluentFolders(service: "kafka" | "zookeeper" | "schema-registry"): Record<string, string> {
  return service === "schema-registry"
    ? { "/etc/schema-registry": "16Mi", "/var/log/confluent": "256Mi", "/tmp": "256Mi" }
    : { "/etc/kafka": "16Mi", [`/etc/${service}/secrets`]: "1Mi", "/var/log/kafka": "256Mi", "/tmp": "256Mi" };
}

const confluent = { user: users.confluent };

/** Runs a command-line tool in a broker's container without the broker's JMX port and agents, and with a small heap. */
const asClient = ["env", "-u", "JMX_PORT", "-u", "KAFKA_JMX_OPTS", "-u", "KAFKA_OPTS", "KAFKA_HEAP_OPTS=-Xmx128m"];

/**
 * Shapes of the brokers and the ZooKeeper ensemble in the cluster, and of the task that makes the topics. A managed Kafka has
 * none of them, one that exists already only the task.
 */
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
        startup: starting(9092),
        readiness: { ...versions, initialDelaySeconds: 30, periodSeconds: 30, timeoutSeconds: 15, failureThreshold: 3 },
        // Not by the command, which asks every broker and gives up after five seconds: on a busy machine it fails for one that serves.
        liveness: { tcp: 9092, initialDelaySeconds: 60, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 5 },
      },
      // Before it stops, a broker hands the leadership of its partitions to others.
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
        startup: starting(2181),
        readiness: { ...ask("ready"), initialDelaySeconds: 10, periodSeconds: 10 },
        liveness: { ...ask("live"), initialDelaySeconds: 30, periodSeconds: 30 },
      },
      graceSeconds: 60,
    },
    [names.topics]: topics,
  };
}

/** Shape of Confluent's Schema Registry. */
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
    // Requests still come until every node knows that the pod is going.
    preStopSeconds: 10,
  };
}

/** Whether clients log in to the brokers with a password. */
export function kafkaAsksForPassword(setting: KafkaSetting): boolean {
  return setting.kind === "managed" || (setting.kind === "existing" && "mechanism" in setting.security);
}

/** Paths at which clients mount the Secret with password and certificate; none if the brokers use neither. */
export function kafkaClientMounts(setting: KafkaSetting): string[] {
  const asks = setting.kind === "managed" || (setting.kind === "existing" && setting.security.protocol !== "PLAINTEXT");
  return asks ? ["/etc/kafka-client"] : [];
}
