/** Caracal's gateway, adapter and consumers, and how all of it is labelled. What only a running server shows is in test/servers, under the same numbers. */
import { describe, expect, it } from "vitest";
import { restrictedViolations } from "../../../policy/pod-security.ts";
import { env, problems, type Loose } from "../../support/stack.ts";
import {
  caracal,
  key,
  prod,
  local,
  consumers,
  services,
  deployment,
  container,
  config,
  secret,
  own,
} from "./support.ts";

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

describe("gateway, adapter and consumers", () => {
  it("caracal 11: the gateway is three, with 8443 and nothing else", () => {
    expect(deployment("caracal-gateway").replicas).toBe(3);
    expect(container("caracal-gateway").ports).toEqual([{ name: "https", containerPort: 8443 }]);
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

  it("caracal 13 and 18: the aggregator's metrics are a Service inside the cluster, the gateway's none", () => {
    const { spec } = prod.object("Service", "caracal-metrics-aggregator");
    expect(spec).toMatchObject({ type: "ClusterIP", ports: [{ name: "metrics", port: 9091 }] });
    expect(prod.names("Service").filter((name) => name.startsWith("caracal-gateway"))).toEqual(["caracal-gateway"]);
    expect(container("caracal-metrics-aggregator").ports).toEqual([{ name: "metrics", containerPort: 9091 }]);
  });

  it("caracal 14: no probe of the gateway needs a certificate while clients do", async () => {
    expect(config()["TLS_CA_FILE"]).toBe("/etc/caracal/tls/ca.crt");
    const { startupProbe, livenessProbe, readinessProbe } = container("caracal-gateway");
    for (const probe of [startupProbe, livenessProbe, readinessProbe])
      expect(probe.tcpSocket).toEqual({ port: "https" });
    const open = await caracal("prod", { [key]: { mtls: false } });
    expect(config(open)).not.toHaveProperty("TLS_CA_FILE");
    expect(container("caracal-gateway", "Deployment", open).readinessProbe.httpGet).toEqual({
      path: "/health",
      port: "https",
      scheme: "HTTPS",
    });
  });

  it("caracal 15: the adapter is two behind 8080, ready by /health and alive by its port", () => {
    expect(deployment("caracal-mcp-adapter").replicas).toBe(2);
    const { spec } = prod.object("Service", "caracal-mcp-adapter");
    expect(spec).toMatchObject({ type: "ClusterIP", ports: [{ port: 8080 }] });
    const { startupProbe, livenessProbe, readinessProbe } = container("caracal-mcp-adapter");
    expect(readinessProbe.httpGet).toEqual({ path: "/health", port: "http" });
    for (const probe of [startupProbe, livenessProbe]) expect(probe.tcpSocket).toEqual({ port: "http" });
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
      MCP_SERVERS: "",
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
    const counts = Object.fromEntries(services.map((name, i) => [name, { replicas: 5 - i }]));
    const more = await caracal("prod", { [key]: { workloads: counts } });
    expect(services.map((name) => deployment(name, more).replicas)).toEqual([5, 4, 3, 2, 1]);
    const workloads = {
      "caracal-gateway": { autoscaling: { min: 3 } },
      "caracal-mcp-adapter": { autoscaling: { max: 8 } },
    };
    const scaled = await caracal("prod", { [key]: { workloads } });
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
