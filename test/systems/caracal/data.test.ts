/** Caracal's brokers and databases, its own and others'. */
import { describe, expect, it } from "vitest";
import { env, type Loose } from "../../support/stack.ts";
import {
  caracal,
  key,
  prod,
  staging,
  services,
  deployment,
  container,
  set,
  config,
  secret,
  storage,
} from "./support.ts";

describe("ZooKeeper and Kafka", () => {
  it("caracal 2: ZooKeeper is three with 10Gi each and a headless Service with its three ports", () => {
    expect(set("caracal-zookeeper")).toMatchObject({ replicas: 3, podManagementPolicy: "Parallel" });
    expect(storage("caracal-zookeeper")).toBe("10Gi");
    const { spec } = prod.object("Service", "caracal-zookeeper");
    expect(spec.clusterIP).toBe("None");
    expect(spec.publishNotReadyAddresses).toBe(true);
    expect(spec.ports.map(({ name, port }: Loose) => [name, port])).toEqual([
      ["client", 2181],
      ["follower", 2888],
      ["election", 3888],
    ]);
    const zookeeper = container("caracal-zookeeper", "StatefulSet");
    expect(zookeeper.livenessProbe.exec.command).toEqual(["bash", "/scripts/zookeeper-probe.sh", "live"]);
    expect(env(zookeeper, "KAFKA_OPTS")).toContain("4lw.commands.whitelist=ruok,srvr");
    const paths = zookeeper.volumeMounts.filter(({ name }: Loose) => name === "zookeeper-data");
    expect(paths.map(({ mountPath, subPath }: Loose) => [mountPath, subPath])).toEqual([
      ["/var/lib/zookeeper/data", "data"],
      ["/var/lib/zookeeper/log", "log"],
    ]);
  });

  it("caracal 3: each ZooKeeper takes its id from its ordinal, and knows all three", () => {
    const zookeeper = container("caracal-zookeeper", "StatefulSet");
    expect(zookeeper.command).toEqual(["bash", "/scripts/zookeeper-start.sh"]);
    expect(prod.object("ConfigMap", "caracal-zookeeper-scripts").data["zookeeper-start.sh"]).toContain(
      "ZOOKEEPER_SERVER_ID=$((${HOSTNAME##*-} + 1))",
    );
    const servers = [0, 1, 2].map((i) => `caracal-zookeeper-${i}.caracal-zookeeper:2888:3888`);
    expect(env(zookeeper, "ZOOKEEPER_SERVERS")).toBe(servers.join(";"));
  });

  it("caracal 4: Kafka is three with 20Gi each and a headless Service on 9092", () => {
    expect(set("caracal-kafka")).toMatchObject({ replicas: 3, podManagementPolicy: "Parallel" });
    expect(storage("caracal-kafka")).toBe("20Gi");
    const { spec } = prod.object("Service", "caracal-kafka");
    expect(spec.clusterIP).toBe("None");
    expect(spec.ports).toMatchObject([{ name: "broker", port: 9092 }]);
    const kafka = container("caracal-kafka", "StatefulSet");
    const { command } = kafka.readinessProbe.exec;
    expect(command.slice(-3)).toEqual(["kafka-broker-api-versions", "--bootstrap-server", "localhost:9092"]);
    // A second JVM beside the broker's: not on its port for JMX, not with its agents or its heap.
    expect(command.slice(0, -3)).toEqual([
      ...["env", "-u", "JMX_PORT", "-u", "KAFKA_JMX_OPTS", "-u", "KAFKA_OPTS"],
      "KAFKA_HEAP_OPTS=-Xmx128m",
    ]);
    // The command gives up after five seconds, whatever the probe waits: a real broker on a busy node was killed for that.
    expect(kafka.livenessProbe.tcpSocket).toEqual({ port: 9092 });
  });

  it("caracal 5: a broker's id is its pod's index, an integer", () => {
    const kafka = container("caracal-kafka", "StatefulSet");
    expect(env(kafka, "KAFKA_BROKER_ID")).toBe("metadata.labels['apps.kubernetes.io/pod-index']");
    expect(env(kafka, "KAFKA_ADVERTISED_LISTENERS")).toBe("PLAINTEXT://$(POD_NAME).caracal-kafka:9092");
    const names = kafka.env.map(({ name }: Loose) => name);
    expect(names.indexOf("POD_NAME")).toBeLessThan(names.indexOf("KAFKA_ADVERTISED_LISTENERS"));
    expect(prod.podSpec("StatefulSet", "caracal-kafka").enableServiceLinks).toBe(false);
  });

  it("caracal 6: Kafka's data is a folder of its volume, which may hold lost+found", () => {
    const { volumeMounts } = container("caracal-kafka", "StatefulSet");
    const mounts = volumeMounts.filter(({ name }: Loose) => name === "kafka-data");
    expect(mounts).toEqual([{ name: "kafka-data", mountPath: "/var/lib/kafka/data", subPath: "data" }]);
  });

  it("caracal 7: three copies, two of which a write must reach, and no topic by accident", () => {
    const kafka = container("caracal-kafka", "StatefulSet");
    expect(env(kafka, "KAFKA_DEFAULT_REPLICATION_FACTOR")).toBe("3");
    expect(env(kafka, "KAFKA_MIN_INSYNC_REPLICAS")).toBe("2");
    expect(env(kafka, "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR")).toBe("3");
    expect(env(kafka, "KAFKA_AUTO_CREATE_TOPICS_ENABLE")).toBe("false");
  });

  it("caracal 8: Schema Registry is two behind 8081, each known by its address, compatible backward", () => {
    expect(deployment("caracal-schema-registry").replicas).toBe(2);
    expect(prod.object("Service", "caracal-schema-registry").spec.ports).toMatchObject([{ port: 8081 }]);
    const registry = container("caracal-schema-registry");
    expect(env(registry, "SCHEMA_REGISTRY_HOST_NAME")).toBe("status.podIP");
    expect(env(registry, "SCHEMA_REGISTRY_SCHEMA_COMPATIBILITY_LEVEL")).toBe("backward");
    expect(env(registry, "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS")).toBe(config()["KAFKA_BOOTSTRAP_SERVERS"]);
  });

  it("caracal 29: a Job makes the five topics with their partitions and settings", () => {
    const [topics] = prod.one("Job", "caracal-kafka-topics").inputs.spec.template.spec.containers;
    expect(env(topics, "BOOTSTRAP_SERVERS")).toBe(config()["KAFKA_BOOTSTRAP_SERVERS"]);
    expect(env(topics, "REPLICATION")).toBe("3");
    const settings = "min.insync.replicas=2,retention.ms=2592000000,compression.type=snappy,cleanup.policy=delete";
    expect(prod.object("ConfigMap", "caracal-topics-files").data.topics.trim().split("\n")).toEqual([
      `caracal.metering.events 10 ${settings}`,
      `caracal.policy.decisions 5 ${settings}`,
      `caracal.agent.lifecycle 3 ${settings}`,
      `caracal.policy.changes 3 ${settings}`,
      `caracal.dlq 3 ${settings}`,
    ]);
  });

  it("caracal 33: brokers and ZooKeepers prefer hosts of their own", () => {
    for (const name of ["caracal-kafka", "caracal-zookeeper"]) {
      const [preferred] = prod.podSpec("StatefulSet", name).affinity.podAntiAffinity
        .preferredDuringSchedulingIgnoredDuringExecution;
      expect(preferred).toMatchObject({ weight: 100, podAffinityTerm: { topologyKey: "kubernetes.io/hostname" } });
    }
  });
});

describe("PostgreSQL and Redis", () => {
  it("caracal 9: PostgreSQL is one with 10Gi, database and user caracal, on 5432", () => {
    const postgres = container("caracal-postgres", "StatefulSet");
    expect(set("caracal-postgres").replicas).toBe(1);
    expect(storage("caracal-postgres")).toBe("10Gi");
    expect(env(postgres, "POSTGRES_DB")).toBe("caracal");
    expect(env(postgres, "POSTGRES_USER")).toBe("caracal");
    expect(env(postgres, "POSTGRES_PASSWORD")).toBe("caracal-secrets/DB_PASSWORD");
    expect(env(postgres, "PGDATA")).toBe("/var/lib/postgresql/data/pgdata");
    expect(postgres.livenessProbe.exec.command.slice(0, 3)).toEqual(["pg_isready", "-U", "caracal"]);
    expect(prod.object("Service", "caracal-postgres").spec.ports).toMatchObject([{ port: 5432 }]);
  });

  it("caracal 10: Redis is one with 10Gi behind 6379, which knows nobody without the password", () => {
    const redis = container("caracal-redis", "StatefulSet");
    expect(set("caracal-redis").replicas).toBe(1);
    expect(storage("caracal-redis")).toBe("10Gi");
    expect(prod.object("Service", "caracal-redis").spec.ports).toMatchObject([{ port: 6379 }]);
    // One user, known by a hash; none without a password.
    expect(secret("caracal-redis-users")["users.acl"]).toMatch(/^user default reset on #[0-9a-f]{64} /);
    expect(env(redis, "REDISCLI_AUTH")).toBe("caracal-redis-users/password");
    expect(redis.readinessProbe.exec.command).toEqual(["sh", "/probes/ping.sh", "ready"]);
    expect(prod.object("ConfigMap", "caracal-redis-config").data["redis.conf"]).toContain(
      "maxmemory-policy noeviction\n",
    );
    expect(redis.resources.limits.memory).toBe("1Gi");
  });

  it("caracal 20: caracal-secrets has both passwords, as they are used", () => {
    const { DB_PASSWORD: database = "", REDIS_PASSWORD: redis = "" } = secret("caracal-secrets");
    for (const password of [database, redis]) {
      expect(password.length).toBeGreaterThanOrEqual(40);
      expect(password).toMatch(/^[0-9a-z]+$/);
    }
    expect(secret("caracal-redis-users")["password"]).toBe(redis);
    expect(secret("caracal-postgres-setup")["passwords"]?.trim()).toBe(database);
  });

  it("caracal 42: a managed database takes the place of the set and fills host, port and TLS", async () => {
    const managed = await caracal("prod", {
      [key]: { database: { kind: "managed", size: "db-s-1vcpu-2gb", nodes: 2 } },
    });
    expect(managed.names("StatefulSet")).not.toContain("caracal-postgres");
    expect(config(managed)).toMatchObject({
      DB_HOST: expect.stringMatching(/^private-/),
      DB_PORT: "25060",
      PGSSLMODE: "require",
    });
    expect(config()).toMatchObject({ DB_HOST: "caracal-postgres", DB_PORT: "5432", PGSSLMODE: "disable" });
  });

  it("caracal: managed Valkey is reached over TLS", async () => {
    const managed = await caracal("prod", { [key]: { redis: { kind: "managed", size: "db-s-1vcpu-1gb" } } });
    expect(config(managed)).toMatchObject({ REDIS_SSL: "true", REDIS_PORT: "25061" });
    expect(managed.names("StatefulSet")).not.toContain("caracal-redis");
  });

  it("caracal 40: volumes are kept in production, and claims outlive their sets everywhere", () => {
    for (const name of prod.names("StatefulSet")) {
      expect(set(name).volumeClaimTemplates[0].spec.storageClassName).toBe("do-block-storage-retain");
      expect(set(name, staging).volumeClaimTemplates[0].spec.storageClassName).toBe("do-block-storage");
      expect(set(name).persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
    }
  });
});

describe("Kafka of somebody else", () => {
  const security = {
    protocol: "SASL_SSL",
    mechanism: "SCRAM-SHA-512",
    username: "caracal",
    caCertificate: "-----BEGIN CERTIFICATE-----\nca",
  };
  const existing = () =>
    caracal("prod", {
      [key]: {
        kafka: { kind: "existing", bootstrapServers: ["b1.example.com:9093", "b2.example.com:9093"], security },
      },
      "doks-systems:secrets": { caracal: { kafkaPassword: 'pass"word' } },
    });

  it("is reached with SASL over TLS by every client, whose password is in a Secret", async () => {
    const one = await existing();
    expect(one.names("StatefulSet")).toEqual(["caracal-postgres", "caracal-redis"]);
    expect(config(one)).toMatchObject({
      KAFKA_BOOTSTRAP_SERVERS: "b1.example.com:9093,b2.example.com:9093",
      KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
      KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
      KAFKA_SASL_USERNAME: "caracal",
      KAFKA_SSL_CA_LOCATION: "/etc/kafka-client/ca.crt",
    });
    for (const name of services) {
      expect(env(container(name, "Deployment", one), "KAFKA_SASL_PASSWORD")).toBe("caracal-kafka-client/password");
    }
    const registry = container("caracal-schema-registry", "Deployment", one);
    expect(env(registry, "SCHEMA_REGISTRY_KAFKASTORE_SASL_JAAS_CONFIG")).toBe("caracal-kafka-client/jaas");
    expect(env(registry, "SCHEMA_REGISTRY_KAFKASTORE_SSL_TRUSTSTORE_TYPE")).toBe("PEM");
    const { "client.properties": properties } = secret("caracal-kafka-client", one);
    expect(properties).toContain('username="caracal" password="pass\\\\"word";');
    expect(properties).toContain("ssl.truststore.location=/etc/kafka-client/ca.crt\n");
  });

  it("gets the topics from the same Job, and is reached on its own port", async () => {
    const one = await existing();
    const [topics] = one.one("Job", "caracal-kafka-topics").inputs.spec.template.spec.containers;
    expect(env(topics, "COMMAND_CONFIG")).toBe("/etc/kafka-client/client.properties");
    const { egress } = one.object("NetworkPolicy", "caracal-ledger-writer").spec;
    expect(egress.flatMap(({ ports }: Loose) => ports.map(({ port }: Loose) => port))).toContain(9093);
  });

  it("asks for the password only where there is one", async () => {
    const one = await caracal("prod", { [key]: { kafka: { kind: "existing", bootstrapServers: ["b:9092"] } } });
    expect(one.names("Secret")).not.toContain("caracal-kafka-client");
    expect(one.rendering.missing.map(({ path }) => path).filter((path) => path.includes("kafka"))).toEqual([]);
  });

  it("or is DigitalOcean's managed service, with topics of its own API", async () => {
    const managed = await caracal("prod", { [key]: { kafka: { kind: "managed", size: "db-s-2vcpu-4gb" } } });
    expect(managed.one("DatabaseCluster", "caracal-kafka-prod").inputs).toMatchObject({
      engine: "kafka",
      nodeCount: 3,
    });
    expect(managed.names("DatabaseKafkaTopic")).toHaveLength(5);
    expect(managed.one("DatabaseKafkaTopic", "caracal.dlq").inputs).toMatchObject({
      partitionCount: 3,
      replicationFactor: 3,
      configs: [
        { minInsyncReplicas: 2, retentionMs: "2592000000", compressionType: "snappy", cleanupPolicy: "delete" },
      ],
    });
    for (const name of services) {
      expect(managed.before("Deployment", name)).toContain("caracal-kafka-caracal-metering-events");
    }
    expect(config(managed)["KAFKA_SECURITY_PROTOCOL"]).toBe("SASL_SSL");
  });
});
