/** An object of a running installation is updated in place: the fields that Kubernetes lets nobody change agree with it. */
import { describe, expect, it } from "vitest";
import { problems, stack, type Loose, type RenderedStack } from "../../support/stack.ts";
import { difference } from "../../../preview/review/difference.ts";
import { maskedResources } from "../../../graph/masking.ts";

const off = Object.fromEntries(["hermes", "dotdo", "bowmark", "caracal"].map((name) => [`doks-systems:${name}`, null]));
const inCluster = { kind: "in-cluster", size: null, nodes: null, name: null };
const gx = (workloads: object, further: object = {}) => ({
  ...off,
  "doks-systems:gx": { database: inCluster, redis: inCluster, workloads, ...further },
});
const spec = (rendered: RenderedStack, name: string): Loose => rendered.object("StatefulSet", name).spec;

describe("a StatefulSet that ran before", () => {
  it("has its own claims, mounts, selector, Service and order, and the data's folder from a variable", async () => {
    const rendered = await stack(
      "prod",
      gx({
        postgres: {
          env: { PGDATA: "/var/lib/postgresql/data/db" },
          running: {
            selector: { app: "pg", role: "primary" },
            serviceName: "postgres",
            headless: false,
            podManagement: "Parallel",
            claims: [
              { name: "pgdata", size: "50Gi", mounts: { "/var/lib/postgresql/data": "" }, labels: { app: "pg" } },
              { name: "wal", size: "5Gi", storageClass: "do-block-storage", mounts: { "/wal": "log" } },
            ],
          },
        },
      }),
    );
    const set = spec(rendered, "postgres");
    expect(set).toMatchObject({
      serviceName: "postgres",
      podManagementPolicy: "Parallel",
      selector: { matchLabels: { app: "pg", role: "primary" } },
    });
    expect(JSON.parse(JSON.stringify(set.volumeClaimTemplates))).toEqual([
      {
        metadata: { name: "pgdata", labels: { app: "pg" } },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "50Gi" } } },
      },
      {
        metadata: { name: "wal" },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: "do-block-storage",
          resources: { requests: { storage: "5Gi" } },
        },
      },
    ]);
    const [container] = set.template.spec.containers;
    const claims = container.volumeMounts.filter(({ name }: Loose) => ["pgdata", "wal", "data"].includes(name));
    expect(JSON.parse(JSON.stringify(claims))).toEqual([
      { name: "pgdata", mountPath: "/var/lib/postgresql/data" },
      { name: "wal", mountPath: "/wal", subPath: "log" },
    ]);
    expect(container.env).toContainEqual({ name: "PGDATA", value: "/var/lib/postgresql/data/db" });
    expect(set.template.metadata.labels).toMatchObject({ app: "pg", role: "primary" });
    // Its Service is the one that clients use already: there is no second one, and it keeps its address.
    const services = rendered.all("Service").filter(({ inputs }) => (inputs as Loose).spec.selector.app === "pg");
    expect(services.map(({ inputs }) => (inputs as Loose).metadata.name)).toEqual(["postgres"]);
    expect((services[0]?.inputs as Loose).spec.clusterIP).toBeUndefined();
    // Who connects to it is let in by the labels that it has.
    const policies = rendered.all("NetworkPolicy").map(({ inputs }) => (inputs as Loose).spec.podSelector.matchLabels);
    expect(policies.filter((labels) => labels?.role === "primary").length).toBeGreaterThan(1);
    expect(rendered.object("ConfigMap", "backend-config").data.DATABASE_HOST).toMatch(/^postgres\./);
  });

  it("is replaced, and its data starts empty, only where the settings do not agree", async () => {
    const claims = [{ name: "pgdata", size: "50Gi", mounts: { "/var/lib/postgresql/data": "" } }];
    const [before, other] = await Promise.all([
      stack("prod", gx({ postgres: { running: { claims } } })),
      stack("prod", gx({})),
    ]);
    const changes = difference(maskedResources(before.rendering), maskedResources(other.rendering));
    const set = changes.find(({ resource }) => resource.name === "gx-postgres" && resource.custom);
    expect(set).toMatchObject({ operation: "replace", data: "refused" });
  });

  it("of Kafka: hosts of the members are those of its Service", async () => {
    const members = { running: { serviceName: "kafka-hs" } };
    const rendered = await stack("prod", { "doks-systems:caracal": { workloads: { "caracal-kafka": members } } });
    expect(spec(rendered, "caracal-kafka").serviceName).toBe("kafka-hs");
    expect(rendered.object("ConfigMap", "caracal-config-v03").data.KAFKA_BOOTSTRAP_SERVERS).toMatch(
      /^caracal-kafka-0\.kafka-hs:9092,/,
    );
  });
});

describe("a Deployment that ran before", () => {
  it("keeps its selector, and its Services and policies find its pods by it", async () => {
    const selector = { app: "svc-identity", tier: "backend" };
    const rendered = await stack("prod", gx({ "svc-identity": { running: { selector } } }));
    const { selector: own, template } = rendered.object("Deployment", "svc-identity").spec;
    expect(own.matchLabels).toEqual(selector);
    expect(template.metadata.labels).toMatchObject(selector);
    expect(rendered.object("Service", "svc-identity").spec.selector).toEqual(selector);
    expect(rendered.object("PodDisruptionBudget", "svc-identity").spec.selector.matchLabels).toEqual(selector);
  });

  it.each([
    ["svc-identity", { claims: [{ name: "a", size: "1Gi", mounts: { "/a": "" } }] }, /is not for a Deployment/],
    ["gx-migrate", { selector: { app: "a" } }, /is not for a task/],
  ])("%s: what only a StatefulSet has is refused", (name, running, problem) => {
    const migration = { image: "gx-migrate", command: ["migrate"] };
    const found = problems("prod", gx({ [name]: { running } }, { migration }));
    expect(found.map((one) => one.problem)).toEqual([expect.stringMatching(problem)]);
  });
});
