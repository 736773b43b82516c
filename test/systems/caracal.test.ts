/** Caracal's acceptance lines. What only a running server shows is in test/servers, under the same numbers. */
import { describe, expect, it } from "vitest";
import { publicResources } from "../../preview/render/public-resource.ts";
import { restrictedViolations } from "../../policy/pod-security.ts";
import { alone, changes, env, problems, type Loose } from "../support/stack.ts";

const caracal = alone("caracal");
const key = "doks-systems:caracal";
const prod = await caracal("prod");
const staging = await caracal("staging");
const local = await caracal("local");

const consumers = ["ledger-writer", "metrics-aggregator", "audit-logger"];
const services = ["caracal-gateway", "caracal-mcp-adapter", ...consumers.map((name) => `caracal-${name}`)];
const deployment = (name: string, one = prod): Loose => one.object("Deployment", name).spec;
const container = (name: string, kind = "Deployment", one = prod): Loose => one.podSpec(kind, name).containers[0];
const set = (name: string, one = prod): Loose => one.object("StatefulSet", name).spec;
const config = (one = prod): Record<string, string> => one.object("ConfigMap", "caracal-config-v03").data;
const secret = (name: string, one = prod): Record<string, string> =>
  one.object("kubernetes:core/v1:Secret", name).stringData;
const own = (one = prod) =>
  one.objects().filter(({ metadata }) => metadata.namespace === "caracal") as unknown as Loose[];
const storage = (name: string, one = prod): string =>
  set(name, one).volumeClaimTemplates[0].spec.resources.requests.storage;

describe("namespace and labels", () => {
  it("caracal 1: namespace caracal exists and holds everything of it", () => {
    expect(prod.names("kubernetes:core/v1:Namespace")).toContain("caracal");
    const placed = prod.rendering.resources.filter(({ urn }) => urn.includes("doks-systems:caracal:Caracal$"));
    const namespaces = placed
      .map(({ inputs }) => (inputs["metadata"] as { namespace?: string } | undefined)?.namespace)
      .filter((given) => given !== undefined);
    expect(new Set(namespaces)).toEqual(new Set(["caracal"]));
  });

  it("caracal 19: every object has the name label, every component its own, and no selector a version", () => {
    for (const { kind, metadata } of own()) {
      expect(metadata.labels?.["app.kubernetes.io/name"], `${kind} ${metadata.name}`).toBe("caracal");
    }
    const components: Record<string, string> = {
      "caracal-zookeeper": "zookeeper",
      "caracal-kafka": "kafka",
      "caracal-postgres": "database",
      "caracal-redis": "redis",
      "caracal-schema-registry": "schema-registry",
      "caracal-gateway": "gateway",
      "caracal-mcp-adapter": "mcp-adapter",
      ...Object.fromEntries(consumers.map((name) => [`caracal-${name}`, name])),
    };
    const sets = own().filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
    expect(sets.map(({ metadata }) => metadata.name).toSorted()).toEqual(Object.keys(components).toSorted());
    for (const { metadata, spec } of sets) {
      const labels = {
        "app.kubernetes.io/name": "caracal",
        "app.kubernetes.io/component": components[metadata.name],
      };
      expect(spec.selector.matchLabels).toEqual(labels);
      expect(spec.template.metadata.labels).toMatchObject(labels);
    }
  });
});

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
    for (const probe of ["livenessProbe", "readinessProbe"]) {
      expect(kafka[probe].exec.command).toEqual(["kafka-broker-api-versions", "--bootstrap-server", "localhost:9092"]);
    }
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
    const [mount] = container("caracal-kafka", "StatefulSet").volumeMounts;
    expect(mount).toEqual({ name: "kafka-data", mountPath: "/var/lib/kafka/data", subPath: "data" });
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
      DB_SSLMODE: "require",
      CARACAL_DB_PORT: "25060",
    });
    expect(config()).toMatchObject({ DB_HOST: "caracal-postgres", DB_PORT: "5432", DB_SSLMODE: "disable" });
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

describe("gateway, adapter and consumers", () => {
  it("caracal 11: the gateway is three, with 8443 and 9090", () => {
    expect(deployment("caracal-gateway").replicas).toBe(3);
    expect(container("caracal-gateway").ports).toEqual([
      { name: "https", containerPort: 8443 },
      { name: "metrics", containerPort: 9090 },
    ]);
  });

  it("caracal 12: its Service is a load balancer for 8443 alone that passes TLS through", async () => {
    const { metadata, spec } = prod.object("Service", "caracal-gateway");
    expect(spec).toMatchObject({ type: "LoadBalancer", externalTrafficPolicy: "Local", sessionAffinity: "ClientIP" });
    expect(spec.sessionAffinityConfig.clientIP.timeoutSeconds).toBe(10_800);
    expect(spec.ports).toMatchObject([{ port: 8443, targetPort: 8443 }]);
    const prefix = "service.beta.kubernetes.io/do-loadbalancer";
    expect(metadata.annotations).toEqual({
      [`${prefix}-name`]: "prod-caracal-gateway",
      [`${prefix}-type`]: "REGIONAL_NETWORK",
    });
    const limited = await caracal("prod", {
      [key]: { exposure: { sourceRanges: ["203.0.113.0/24"], kind: "load-balancer" } },
    });
    expect(limited.object("Service", "caracal-gateway").spec.loadBalancerSourceRanges).toEqual(["203.0.113.0/24"]);
    const admitted = limited.object("NetworkPolicy", "internet-to-caracal-gateway").spec.ingress;
    expect(admitted).toEqual([
      { from: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: [{ protocol: "TCP", port: 8443 }] },
    ]);
    const [record] = prod.all("DnsRecord");
    expect(record?.inputs).toMatchObject({ domain: "example.com", name: "gateway", value: "192.0.2.40" });
  });

  it("caracal 13 and 18: metrics of gateway and aggregator are Services inside the cluster", () => {
    const metrics = { "caracal-gateway-metrics": 9090, "caracal-metrics-aggregator": 9091 };
    for (const [name, port] of Object.entries(metrics)) {
      const { spec } = prod.object("Service", name);
      expect(spec).toMatchObject({ type: "ClusterIP", ports: [{ name: "metrics", port }] });
    }
    expect(container("caracal-metrics-aggregator").ports).toEqual([{ name: "metrics", containerPort: 9091 }]);
  });

  it("caracal 14: no probe of the gateway needs a certificate while clients do", async () => {
    expect(config()["TLS_CA_FILE"]).toBe("/etc/caracal/tls/ca.crt");
    const { startupProbe, livenessProbe, readinessProbe } = container("caracal-gateway");
    for (const probe of [startupProbe, livenessProbe])
      expect(probe.httpGet).toEqual({ path: "/metrics", port: "metrics" });
    expect(readinessProbe.tcpSocket).toEqual({ port: "https" });
    const open = await caracal("prod", { [key]: { mtls: false } });
    expect(config(open)).not.toHaveProperty("TLS_CA_FILE");
    expect(container("caracal-gateway", "Deployment", open).readinessProbe.httpGet).toEqual({
      path: "/health",
      port: "https",
      scheme: "HTTPS",
    });
  });

  it("caracal 15: the adapter is two behind 8080, probed at /health", () => {
    expect(deployment("caracal-mcp-adapter").replicas).toBe(2);
    const { spec } = prod.object("Service", "caracal-mcp-adapter");
    expect(spec).toMatchObject({ type: "ClusterIP", ports: [{ port: 8080 }] });
    for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
      expect(container("caracal-mcp-adapter")[probe].httpGet).toEqual({ path: "/health", port: "http" });
    }
  });

  it("caracal 16 and 17: three consumers, two of each, in the document's groups", () => {
    for (const name of consumers) {
      expect(deployment(`caracal-${name}`).replicas).toBe(2);
      expect(deployment(`caracal-${name}`).template.metadata.labels["app.kubernetes.io/part-of"]).toBe("consumers");
      expect(env(container(`caracal-${name}`), "KAFKA_CONSUMER_GROUP")).toBe(`${name}-group`);
      expect(env(container(`caracal-${name}`), "CONSUMER_TYPE")).toBe(name);
    }
    expect(env(container("caracal-audit-logger"), "KAFKA_TOPICS")?.split(",")).toHaveLength(4);
    expect(env(container("caracal-metrics-aggregator"), "REDIS_PASSWORD")).toBe("caracal-secrets/REDIS_PASSWORD");
    expect(env(container("caracal-metrics-aggregator"), "DB_PASSWORD")).toBeUndefined();
  });

  it("caracal 27: the ConfigMap holds the manifests' keys, and no secret", () => {
    const expected: Record<string, string> = {
      DB_NAME: "caracal",
      DB_USER: "caracal",
      DB_POOL_SIZE: "10",
      DB_MAX_OVERFLOW: "5",
      DB_POOL_TIMEOUT: "30",
      REDIS_HOST: "caracal-redis",
      REDIS_PORT: "6379",
      REDIS_DB: "0",
      REDIS_SSL: "false",
      REDIS_SPENDING_CACHE_TTL: "86400",
      REDIS_METRICS_CACHE_TTL: "3600",
      KAFKA_BOOTSTRAP_SERVERS: [0, 1, 2].map((i) => `caracal-kafka-${i}.caracal-kafka:9092`).join(","),
      KAFKA_SECURITY_PROTOCOL: "PLAINTEXT",
      KAFKA_AUTO_OFFSET_RESET: "earliest",
      KAFKA_ENABLE_AUTO_COMMIT: "false",
      KAFKA_ISOLATION_LEVEL: "read_committed",
      KAFKA_MAX_POLL_RECORDS: "500",
      KAFKA_SESSION_TIMEOUT_MS: "30000",
      KAFKA_ENABLE_IDEMPOTENCE: "true",
      KAFKA_ACKS: "all",
      KAFKA_MAX_IN_FLIGHT_REQUESTS: "5",
      SCHEMA_REGISTRY_URL: "http://caracal-schema-registry:8081",
      MERKLE_BATCH_SIZE_LIMIT: "1000",
      MERKLE_BATCH_TIMEOUT_SECONDS: "300",
      MERKLE_SIGNING_ALGORITHM: "ECDSA-P256",
      MERKLE_SIGNING_KEY_PATH: "/etc/caracal/keys/merkle_signing_key.pem",
      GATEWAY_LISTEN_ADDRESS: "0.0.0.0:8443",
      LISTEN_ADDRESS: "0.0.0.0:8443",
      AUTH_MODE: "jwt",
      LOG_LEVEL: "INFO",
      REQUEST_TIMEOUT: "30",
      MAX_REQUEST_SIZE_MB: "10",
      TLS_CERT_FILE: "/etc/caracal/tls/server.crt",
      TLS_KEY_FILE: "/etc/caracal/tls/server.key",
      JWT_PUBLIC_KEY_PATH: "/etc/caracal/tls/jwt_public.pem",
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
      MCP_ADAPTER_LISTEN_ADDRESS: "0.0.0.0:8080",
      MCP_SERVER_TIMEOUT: "30",
      CARACAL_MCP_LISTEN_ADDRESS: "0.0.0.0:8080",
      CARACAL_MCP_SERVERS: "",
      CARACAL_DB_HOST: "caracal-postgres",
      CARACAL_DB_NAME: "caracal",
      CARACAL_DB_USER: "caracal",
      METRICS_PORT: "9091",
      ANOMALY_DETECTION_THRESHOLD: "2.0",
      AUDIT_LOG_RETENTION_DAYS: "2555",
      ENABLE_PROMETHEUS_METRICS: "true",
      ENABLE_STRUCTURED_LOGGING: "true",
    };
    expect(config()).toMatchObject(expected);
    const hidden = ["caracal-secrets", "caracal-tls", "caracal-merkle-keys"].flatMap((name) =>
      Object.values(secret(name)),
    );
    for (const value of hidden) expect(Object.values(config())).not.toContain(value);
    for (const name of services) {
      expect(container(name).envFrom).toEqual([{ configMapRef: { name: "caracal-config-v03" } }]);
    }
  });

  it("caracal 32: drains leave a majority, two gateways and one adapter", () => {
    const budget = (name: string): Loose => prod.object("PodDisruptionBudget", name).spec;
    expect(budget("caracal-zookeeper").maxUnavailable).toBe(1);
    expect(budget("caracal-kafka").maxUnavailable).toBe(1);
    expect(budget("caracal-gateway").minAvailable).toBe(2);
    expect(budget("caracal-mcp-adapter").minAvailable).toBe(1);
  });

  it("caracal 35: every pod runs as non-root without capabilities, with the default seccomp profile", () => {
    for (const one of [prod, local]) {
      for (const { owner, template } of one.podTemplates())
        expect(restrictedViolations(template.spec), owner).toEqual([]);
    }
    for (const name of services) expect(prod.podSpec("Deployment", name).securityContext.runAsUser).toBe(1000);
  });

  it("caracal 36: counts are settings, and an autoscaler is never contradicted", async () => {
    const more = await caracal("prod", {
      [key]: { gateway: { replicas: 5 }, adapter: { replicas: 3 }, consumers: { replicas: 3 } },
    });
    expect(services.map((name) => deployment(name, more).replicas)).toEqual([5, 3, 3, 3, 3]);
    const scaled = await caracal("prod", { [key]: { gateway: { autoscaling: {} }, adapter: { autoscaling: {} } } });
    expect(deployment("caracal-gateway", scaled)).not.toHaveProperty("replicas");
    const range = (name: string): Loose => scaled.object("HorizontalPodAutoscaler", name).spec;
    expect(range("caracal-gateway")).toMatchObject({ minReplicas: 3, maxReplicas: 10 });
    expect(range("caracal-mcp-adapter")).toMatchObject({ minReplicas: 2, maxReplicas: 8 });
    expect(prod.all("HorizontalPodAutoscaler")).toEqual([]);
  });

  it("caracal 37: images of ours are the registry's, with a tag that does not move in production", () => {
    const images = services.map((name) => container(name).image.replace(/^.*\//, ""));
    expect(images).toEqual([
      "caracal-gateway:v0.3",
      "caracal-mcp-adapter:v0.3",
      "caracal-consumer:v0.3",
      "caracal-consumer:v0.3",
      "caracal-consumer:v0.3",
    ]);
    for (const name of services) expect(container(name).image).toMatch(/^registry\.digitalocean\.com\/geo\//);
    expect(problems("prod", { [key]: { imageTag: "latest" } })[0]?.path).toBe(`${key}.imageTag`);
  });
});

describe("keys and certificates", () => {
  const resource = (name: string) => prod.rendering.resources.find((one) => one.name === name && one.custom)?.inputs;

  it("caracal 21: caracal-tls has exactly its four files, and only the gateway mounts it", () => {
    expect(Object.keys(secret("caracal-tls")).toSorted()).toEqual([
      "ca.crt",
      "jwt_public.pem",
      "server.crt",
      "server.key",
    ]);
    const mounting = prod.podTemplates().filter(({ template }) => JSON.stringify(template).includes("caracal-tls"));
    expect(mounting.map(({ owner }) => owner)).toEqual(["Deployment/caracal-gateway"]);
  });

  it("caracal 22: the gateway's certificate is signed by the authority for its names, RSA 4096", () => {
    expect(resource("caracal-ca-gateway-request")).toMatchObject({
      dnsNames: [
        "gateway.example.com",
        "caracal-gateway",
        "caracal-gateway.caracal.svc",
        "caracal-gateway.caracal.svc.cluster.local",
      ],
      subject: { commonName: "caracal-gateway" },
    });
    expect(resource("caracal-ca-gateway-key")).toMatchObject({ algorithm: "RSA", rsaBits: 4096 });
    expect(resource("caracal-ca-gateway")).toMatchObject({
      caCertPem: secret("caracal-tls")["ca.crt"],
      allowedUses: expect.arrayContaining(["server_auth"]),
      validityPeriodHours: 365 * 24,
      earlyRenewalHours: 30 * 24,
    });
    expect(resource("caracal-ca")).toMatchObject({ isCaCertificate: true, subject: { commonName: "caracal-ca" } });
  });

  it("caracal 23: a client's certificate is signed by the same authority", () => {
    expect(resource("caracal-ca-client")).toMatchObject({
      caCertPem: secret("caracal-tls")["ca.crt"],
      allowedUses: expect.arrayContaining(["client_auth"]),
    });
  });

  it("caracal 24: the gateway has the public half of the token key, and no object the private", () => {
    const outputs = prod.rendering.outputs as Loose;
    expect(secret("caracal-tls")["jwt_public.pem"]).toBe(outputs.caracal.jwtPublicKey);
    const privateKey: string = outputs.secrets.caracal["jwt-private-key"];
    expect(privateKey).toContain("RSA PRIVATE KEY");
    for (const { urn, inputs } of prod.rendering.resources.filter(({ type }) => type.startsWith("kubernetes:"))) {
      expect(JSON.stringify(inputs).includes(JSON.stringify(privateKey).slice(1, -1)), urn).toBe(false);
    }
  });

  it("caracal 24: or whoever issues tokens brings the public half", async () => {
    const jwtPublicKey = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n";
    const issuer = await caracal("prod", { [key]: { jwtPublicKey } });
    expect(secret("caracal-tls", issuer)["jwt_public.pem"]).toBe(jwtPublicKey);
    expect((issuer.rendering.outputs["secrets"] as Loose).caracal).not.toHaveProperty("jwt-private-key");
  });

  it("caracal 25: the Merkle key is a P-256 key that only the ledger writer mounts", () => {
    expect(resource("caracal-merkle")).toMatchObject({ algorithm: "ECDSA", ecdsaCurve: "P256" });
    expect(Object.keys(secret("caracal-merkle-keys"))).toEqual(["merkle_signing_key.pem"]);
    const mounting = prod
      .podTemplates()
      .filter(({ template }) => JSON.stringify(template).includes("caracal-merkle-keys"));
    expect(mounting.map(({ owner }) => owner)).toEqual(["Deployment/caracal-ledger-writer"]);
    expect(container("caracal-ledger-writer").volumeMounts).toContainEqual({
      name: "keys",
      mountPath: "/etc/caracal/keys",
      readOnly: true,
    });
  });

  it("caracal 26: the Merkle key is protected, kept, and follows no other resource", () => {
    const merkle = prod.one("PrivateKey", "caracal-merkle");
    expect(merkle).toMatchObject({ protect: true, retainOnDelete: true });
    expect(merkle.ignoreChanges).toEqual(["algorithm", "ecdsaCurve", "rsaBits"]);
    expect(merkle.dependsOn).toEqual([]);
  });

  it("caracal: certificates and the Merkle key can come from the settings", async () => {
    const files = {
      server: "-----BEGIN CERTIFICATE-----\nserver",
      serverKey: "its key",
      authority: "-----BEGIN CERTIFICATE-----\nauthority",
    };
    const given = await caracal("prod", {
      [key]: { certificates: { kind: "given" } },
      "doks-systems:secrets": { caracal: { certificates: files, merkleSigningKey: "the running one" } },
    });
    expect(secret("caracal-tls", given)).toMatchObject({
      "server.crt": files.server,
      "server.key": files.serverKey,
      "ca.crt": files.authority,
    });
    expect(secret("caracal-merkle-keys", given)["merkle_signing_key.pem"]).toBe("the running one");
    expect(given.names("PrivateKey")).toEqual(["caracal-jwt"]);
    const missing = await caracal("prod", { [key]: { certificates: { kind: "given" } } });
    const paths = missing.rendering.missing.map(({ path }) => path);
    expect(paths).toContain("doks-systems:secrets.caracal.certificates.serverKey");
  });

  it("caracal 44: outputs give what clients need in the clear, and private keys as secrets", () => {
    const outputs = prod.rendering.outputs as Loose;
    expect(outputs.caracal).toMatchObject({
      url: "https://gateway.example.com:8443",
      gatewayAddress: "192.0.2.40",
      caCertificate: secret("caracal-tls")["ca.crt"],
      jwtPublicKey: expect.stringContaining("PUBLIC KEY"),
      merklePublicKey: expect.stringContaining("PUBLIC KEY"),
    });
    expect(Object.keys(outputs.secrets.caracal).toSorted()).toEqual(["client-key", "jwt-private-key"]);
    expect(prod.rendering.secretOutputs).toEqual(["secrets"]);
    const shown = JSON.stringify(publicResources(prod.rendering));
    for (const value of Object.values(secret("caracal-secrets"))) expect(shown).not.toContain(value);
  });
});

describe("order and operation", () => {
  it("caracal 28: the migration ends before gateway, adapter and consumers begin", () => {
    for (const name of services) expect(prod.before("Deployment", name)).toContain("caracal-db-migrate");
    const { spec } = prod.one("Job", "caracal-db-migrate").inputs.spec.template;
    expect([...spec.initContainers, ...spec.containers].map(({ command }: Loose) => command)).toEqual([
      ["caracal", "db", "init"],
      ["caracal", "db", "migrate", "up"],
    ]);
    expect(prod.one("Job", "caracal-db-migrate").inputs.metadata.name).toMatch(/^caracal-db-migrate-[0-9a-f]{8}$/);
  });

  it("caracal 30: ZooKeeper, then Kafka, then Schema Registry; all of it and the topics before the services", () => {
    expect(prod.before("StatefulSet", "caracal-kafka")).toContain("caracal-kafka-zookeeper");
    expect(prod.before("Deployment", "caracal-schema-registry")).toContain("caracal-kafka");
    for (const name of services) {
      expect(prod.before("Deployment", name)).toEqual(
        expect.arrayContaining(["caracal-kafka-topics", "caracal-schema-registry", "caracal-postgres"]),
      );
    }
    expect(prod.before("Deployment", "caracal-gateway")).toContain("caracal-redis");
    // PostgreSQL and Redis come up beside Kafka, not after it.
    expect(prod.before("StatefulSet", "caracal-postgres")).not.toContain("caracal-kafka");
  });

  it("caracal 31: nothing that a pod reads or reaches is younger than it", () => {
    for (const name of services) {
      const before = prod.before("Deployment", name);
      expect(before).toEqual(expect.arrayContaining(["caracal-config", "caracal-postgres-connection"]));
    }
    expect(prod.before("Deployment", "caracal-gateway")).toContain("caracal-tls");
  });

  it("caracal 34: brokers, ZooKeeper and databases are open to the listed callers alone", () => {
    const callers = (component: string, port: number): string[] =>
      prod
        .all("NetworkPolicy")
        .map(({ inputs }) => (inputs as Loose).spec)
        .filter((spec) => spec.podSelector.matchLabels?.["app.kubernetes.io/component"] === component)
        .flatMap((spec) => spec.ingress ?? [])
        .filter((rule: Loose) => rule.ports.some((one: Loose) => one.port === port))
        .flatMap((rule: Loose) => rule.from)
        .map(({ podSelector: { matchLabels: labels } }: Loose) => labels["app.kubernetes.io/component"] ?? labels.task)
        .toSorted();
    expect(callers("zookeeper", 2181)).toEqual(["kafka"]);
    expect(callers("zookeeper", 2888)).toEqual(["zookeeper"]);
    expect(callers("kafka", 9092)).toEqual(
      ["caracal-topics", ...consumers, "gateway", "kafka", "mcp-adapter", "schema-registry"].toSorted(),
    );
    expect(callers("redis", 6379)).toEqual(["gateway", "mcp-adapter", "metrics-aggregator"]);
    expect(callers("database", 5432)).toEqual([
      "audit-logger",
      "caracal-backup",
      "caracal-db-migrate",
      "caracal-postgres-setup",
      "gateway",
      "ledger-writer",
      "mcp-adapter",
    ]);
  });

  it("caracal 34: clients of the adapter are named by the stack", async () => {
    const clients = { agents: { namespace: "agents", labels: { app: "agent" } } };
    const named = await caracal("prod", { [key]: { adapterClients: clients } });
    const { spec } = named.object("NetworkPolicy", "agents-to-caracal-mcp-adapter");
    expect(spec.ingress[0].from).toEqual([
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents" } },
        podSelector: { matchLabels: { app: "agent" } },
      },
    ]);
  });

  it("caracal 38: three monitors and the rules, where the operator is", () => {
    expect(prod.names("ServiceMonitor")).toEqual([
      "caracal-gateway",
      "caracal-mcp-adapter",
      "caracal-metrics-aggregator",
    ]);
    const [group] = prod.object("PrometheusRule", "caracal-alerts").spec.groups;
    const rules = Object.fromEntries(group.rules.map((rule: Loose) => [rule.alert, [rule.expr, rule.for]]));
    expect(rules).toMatchObject({
      CaracalConsumerLag: ["sum by (consumer_group) (caracal_kafka_consumer_lag) > 10000", "5m"],
      CaracalDeadLetters: ["max(caracal_dlq_size) > 0", "10m"],
      CaracalMerkleVerificationFailed: ["increase(caracal_merkle_verification_failures_total[5m]) > 0", "0m"],
      CaracalBrokersMissing: [expect.stringContaining("< 3"), "5m"],
      CaracalCertificateExpiring: [expect.stringMatching(/^vector\(\d{10}\) - time\(\) < 21 \* 86400$/), "1h"],
      CaracalMerkleStalled: [expect.stringContaining("caracal_merkle_batches_created_total[15m]"), "5m"],
    });
    for (const kind of ["ServiceMonitor", "PrometheusRule"]) expect(staging.all(kind)).toEqual([]);
  });

  it("caracal 39: a dump goes to the bucket every night when backups are on", () => {
    const [dump] = prod.containers("CronJob", "caracal-backup");
    expect(env(dump, "DATABASES")).toBe("caracal");
    expect(prod.names("SpacesBucket")).toEqual(["caracal-backups"]);
    expect(staging.all("CronJob")).toEqual([]);
  });

  it("caracal: volume snapshots are taken when they are asked for", async () => {
    const snapshots = await caracal("prod", { [key]: { snapshots: { keep: 3 } } });
    const [step] = snapshots.containers("CronJob", "volume-snapshots");
    expect(env(step, "KEEP")).toBe("3");
    expect(snapshots.object("Role", "volume-snapshots").rules).toHaveLength(2);
    for (const { owner, template } of snapshots.podTemplates()) {
      expect(restrictedViolations(template.spec), owner).toEqual([]);
    }
  });

  it("caracal 41: on one node everything is one, with one copy", () => {
    for (const name of services) expect(deployment(name, local).replicas).toBe(1);
    for (const name of local.names("StatefulSet")) expect(set(name, local).replicas).toBe(1);
    const kafka = container("caracal-kafka", "StatefulSet", local);
    for (const variable of [
      "KAFKA_DEFAULT_REPLICATION_FACTOR",
      "KAFKA_MIN_INSYNC_REPLICAS",
      "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR",
      "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR",
      "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR",
    ]) {
      expect(env(kafka, variable), variable).toBe("1");
    }
    expect(local.object("Service", "caracal-gateway").spec.type).toBe("ClusterIP");
    expect(local.object("ConfigMap", "caracal-topics-files").data.topics).toContain("min.insync.replicas=1");
    expect(local.all("PodDisruptionBudget")).toEqual([]);
  });

  it("caracal 43: production refuses to delete data, keys and namespace", () => {
    for (const name of prod.names("StatefulSet")) expect(prod.one("StatefulSet", name).protect, name).toBe(true);
    expect(prod.one("kubernetes:core/v1:Namespace", "caracal").protect).toBe(true);
    for (const name of ["caracal-ca-key", "caracal-jwt", "caracal-merkle"]) {
      expect(prod.one("PrivateKey", name), name).toMatchObject({ protect: true, retainOnDelete: true });
    }
    expect(staging.rendering.resources.filter(({ urn, protect }) => urn.includes("Caracal$") && protect)).toEqual([]);
  });

  it("caracal: another image tag changes the services and their migration, and nothing else", async () => {
    const next = await caracal("prod", { [key]: { imageTag: "v0.4" } });
    expect(changes(prod, next).map((line) => line.replace(/-[0-9a-f]{8}$/, ""))).toEqual([
      ...services.map((name) => `Deployment ${name}`).toSorted(),
      "Job caracal-db-migrate",
    ]);
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
