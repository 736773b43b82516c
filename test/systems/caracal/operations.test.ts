/** The order in which Caracal comes up, and how it is watched, backed up and protected. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { restrictedViolations } from "../../../policy/pod-security.ts";
import { changes, env, type Loose } from "../../support/stack.ts";
import { caracal, key, prod, staging, local, consumers, services, deployment, container, set } from "./support.ts";

describe("order and operation", () => {
  it("caracal 28: the migration ends before gateway, adapter and consumers begin", () => {
    for (const name of services) expect(prod.before("Deployment", name)).toContain("caracal-db-migrate");
    const { metadata, spec } = prod.one("Job", "caracal-db-migrate").inputs;
    expect(metadata.name).toMatch(/^caracal-db-migrate-[0-9a-f]{8}$/);
    const { initContainers = [], containers, volumes } = spec.template.spec;
    expect([...initContainers, ...containers].map(({ command }: Loose) => command)).toEqual([
      ["python", "/scripts/migrate.py"],
    ]);
    const { name } = containers[0].volumeMounts.find(({ mountPath }: Loose) => mountPath === "/scripts");
    const { configMap } = volumes.find((volume: Loose) => volume.name === name);
    expect(prod.object("ConfigMap", configMap.name).data).toEqual({
      "migrate.py": readFileSync("systems/caracal/scripts/migrate.py", "utf8"),
    });
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
    const reachedBy = { agents: { kind: "pods", namespace: "agents", labels: { app: "agent" } } };
    const named = await caracal("prod", { [key]: { workloads: { "caracal-mcp-adapter": { reachedBy } } } });
    const { spec } = named.object("NetworkPolicy", "agents-visits-caracal-mcp-adapter");
    expect(spec.ingress[0].from).toEqual([
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents" } },
        podSelector: { matchLabels: { app: "agent" } },
      },
    ]);
  });

  it("caracal 38: a monitor of the one service that has metrics, and the rules about them, where the operator is", () => {
    expect(prod.names("ServiceMonitor")).toEqual(["caracal-metrics-aggregator"]);
    const [group] = prod.object("PrometheusRule", "caracal-alerts").spec.groups;
    const rules = Object.fromEntries(group.rules.map((rule: Loose) => [rule.alert, [rule.expr, rule.for]]));
    const processed = 'caracal_metering_events_processed_total{namespace="caracal"}';
    const failures = 'caracal_merkle_verification_failures_total{namespace="caracal"}';
    expect(rules).toMatchObject({
      CaracalMeteringStalled: [expect.stringContaining(`sum(increase(${processed}[30m])) == 0 and `), "15m"],
      CaracalMerkleVerificationFailed: [`increase(${failures}[5m]) > 0`, "0m"],
      CaracalBrokersMissing: [expect.stringContaining("< 3"), "5m"],
      CaracalCertificateExpiring: [expect.stringMatching(/^vector\(\d{10}\) - time\(\) < 21 \* 86400$/), "1h"],
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
