/** The rendered policies, evaluated: who can reach whom is what was declared and what the documents say, in both directions. */
import { beforeAll, describe, expect, it } from "vitest";
import { reachable, type NetworkPolicy, type Pods } from "../../policy/reachability.ts";
import type { Patch } from "../../graph/render/configuration.ts";
import { stack, type Loose, type RenderedStack } from "../support/stack.ts";

const edge: Pods = {
  name: "edge",
  namespace: "envoy-gateway-system",
  labels: { "app.kubernetes.io/name": "envoy" },
  ports: [],
};
const prometheus: Pods = {
  name: "prometheus",
  namespace: "monitoring",
  labels: { "app.kubernetes.io/name": "prometheus" },
  ports: [],
};
/** Has the labels of every system's database, and is nobody's. */
const stranger: Pods = {
  name: "stranger",
  namespace: "default",
  labels: { app: "postgres", "app.kubernetes.io/name": "caracal", "app.kubernetes.io/component": "gateway" },
  ports: [80],
};
const outsiders = [edge, prometheus, stranger];

function podsOf(rendered: RenderedStack): Pods[] {
  return rendered.podTemplates().map(({ owner, namespace, template }) => ({
    name: `${namespace}/${(owner.split("/")[1] ?? "").replace(/-[0-9a-f]{8}$/, "")}`,
    namespace,
    labels: template.metadata.labels,
    ports: template.spec.containers.flatMap((container: Loose) =>
      (container.ports ?? []).map((port: Loose) => port.containerPort),
    ),
  }));
}

function edgesOf(rendered: RenderedStack): string[] {
  const policies = rendered.all("NetworkPolicy").map(({ inputs }) => inputs as unknown as NetworkPolicy);
  // Between those that are not ours nothing is for us to forbid.
  return reachable(policies, [...podsOf(rendered), ...outsiders]).filter((line) => !line.endsWith("→ stranger:80"));
}

/** `connectsTo` of every component, as edges between names of pods; a workload's pods reaching each other are none. */
function declared(rendered: RenderedStack): string[] {
  const owners = rendered.rendering.resources.filter(({ connectsTo }) => connectsTo.length > 0);
  const edges = owners.flatMap(({ urn, connectsTo }) => {
    const child = rendered.rendering.resources.find(
      ({ parent, type }) => parent === urn && /:(Deployment|StatefulSet|Job|CronJob)$/.test(type),
    );
    const { name, namespace } = (child?.inputs as Loose).metadata;
    const from = `${String(namespace)}/${String(name).replace(/-[0-9a-f]{8}$/, "")}`;
    return connectsTo
      .filter(({ kind }) => kind === "pods")
      .flatMap(({ target, ports }) => ports.map((port) => `${from} → ${String(namespace)}/${target}:${port}`))
      .filter((line) => !line.includes(` → ${from}:`));
  });
  return edges.toSorted();
}

const apps = ["", "-concrete"];
const toAll = (callers: readonly string[], callees: readonly string[]) =>
  callers.flatMap((from) => callees.map((to) => `${from} → ${to}`));

/**
 * Who reaches whom, from each document's table of data flows; set-up, migration and backup Jobs are ours. Prometheus reads
 * what the published images serve: of Caracal's the aggregator alone, for the gateway's metrics are behind its TLS and the
 * adapter has none; of dotdo's nothing.
 */
const tables: Record<string, string[]> = {
  kafka: toAll(
    ["hermes-ipfs-cache", "ipfs-cache-migrate", "ipfs-cache-postgres-setup", "ipfs-cache-backup"],
    ["ipfs-cache-postgres:5432"],
  ),
  backend: [
    ...toAll(
      ["svc-identity", "outbox-submitter", "projector", "gx-migrate", "postgres-setup", "postgres-backup"],
      ["postgres:5432"],
    ),
    "svc-identity → redis:6379",
    "edge → svc-identity:3001",
    "prometheus → svc-identity:3001",
    "prometheus → outbox-submitter:9090",
    "prometheus → projector:9091",
  ],
  dotdo: ["edge → dotdo:8787"],
  "bow-mark": [
    ...apps.flatMap((app) => [
      `edge → client${app}-deployment:3000`,
      `edge → server${app}-deployment:8080`,
      `client${app}-deployment → server${app}-deployment:8080`,
      ...["server", "worker", "consumer"].flatMap((kind) => [
        `${kind}${app}-deployment → postgres:5432`,
        `${kind}${app}-deployment → rabbitmq:5672`,
      ]),
    ]),
    ...toAll(["pg-migrate-paving", "pg-migrate-concrete", "pg-backup", "postgres-setup"], ["postgres:5432"]),
  ],
  caracal: [
    ...toAll(
      ["caracal-gateway", "caracal-mcp-adapter"],
      ["caracal-postgres:5432", "caracal-kafka:9092", "caracal-redis:6379", "caracal-schema-registry:8081"],
    ),
    ...toAll(
      ["caracal-ledger-writer", "caracal-audit-logger", "caracal-metrics-aggregator"],
      ["caracal-kafka:9092", "caracal-schema-registry:8081"],
    ),
    ...toAll(
      [
        "caracal-ledger-writer",
        "caracal-audit-logger",
        "caracal-db-migrate",
        "caracal-postgres-setup",
        "caracal-backup",
      ],
      ["caracal-postgres:5432"],
    ),
    "caracal-metrics-aggregator → caracal-redis:6379",
    ...toAll(["caracal-schema-registry", "caracal-topics"], ["caracal-kafka:9092"]),
    "caracal-kafka → caracal-zookeeper:2181",
    "prometheus → caracal-metrics-aggregator:9091",
  ],
};

/** The table's lines between pods that this stack has, with their namespaces. */
function expectedEdges(rendered: RenderedStack): string[] {
  const pods = new Set(podsOf(rendered).map(({ name }) => name));
  const namespaces = new Set(podsOf(rendered).map(({ namespace }) => namespace));
  const hasEdge = rendered.all("Gateway").length > 0;
  const hasPrometheus = rendered.all("ServiceMonitor").length > 0;
  return [...namespaces]
    .flatMap((namespace) => {
      const table = tables[namespace.startsWith("backend-") ? "backend" : namespace];
      if (table === undefined) throw new Error(`no table for namespace ${namespace}`);
      return table.flatMap((line) => {
        const [from = "", to = ""] = line.split(" → ");
        const callee = `${namespace}/${to.split(":")[0] ?? ""}`;
        if (from === "edge" || from === "prometheus") {
          const there = from === "edge" ? hasEdge : hasPrometheus;
          return there && pods.has(callee) ? [`${from} → ${namespace}/${to}`] : [];
        }
        return pods.has(`${namespace}/${from}`) && pods.has(callee)
          ? [`${namespace}/${from} → ${namespace}/${to}`]
          : [];
      });
    })
    .toSorted();
}

/** The three stacks; the files leave it to the operator with what GX migrates, so here one of them does. */
const stacks: [string, Patch][] = [
  ["prod", {}],
  ["staging", {}],
  ["local", { "doks-systems:gx": { migration: { image: "gx-migrate", command: ["migrate"] } } }],
];

describe.each(stacks)("%s", (name, patch) => {
  let rendered: RenderedStack;
  beforeAll(async () => {
    rendered = await stack(name, patch);
  });

  it("pods reach exactly what was declared", () => {
    const visiting = (line: string) => /^(edge|prometheus) →/.test(line);
    expect(edgesOf(rendered).filter((line) => !visiting(line))).toEqual(declared(rendered));
  });

  it("pods reach exactly what the documents' tables say", () => {
    expect(edgesOf(rendered)).toEqual(expectedEdges(rendered));
  });
});

describe("the evaluation", () => {
  const pods: Pods[] = [
    { name: "a", namespace: "x", labels: { app: "a" }, ports: [] },
    { name: "b", namespace: "x", labels: { app: "b" }, ports: [1, 2] },
  ];
  const policy = (side: "Ingress" | "Egress", app: string, rules: object[]): NetworkPolicy => ({
    metadata: { namespace: "x" },
    spec: {
      podSelector: { matchLabels: { app } },
      policyTypes: [side],
      [side === "Ingress" ? "ingress" : "egress"]: rules,
    },
  });
  const toB = { to: [{ podSelector: { matchLabels: { app: "b" } } }], ports: [{ port: 1 }] };
  const fromA = { from: [{ podSelector: { matchLabels: { app: "a" } } }], ports: [{ port: 1 }] };

  it("lets everything through where no policy selects", () => {
    expect(reachable([], pods)).toEqual(["a → b:1", "a → b:2"]);
  });

  it("needs both sides, and adds policies up", () => {
    expect(reachable([policy("Egress", "a", []), policy("Ingress", "b", [fromA])], pods)).toEqual([]);
    expect(reachable([policy("Egress", "a", [toB]), policy("Ingress", "b", [])], pods)).toEqual([]);
    const both = [policy("Egress", "a", []), policy("Egress", "a", [toB]), policy("Ingress", "b", [fromA])];
    expect(reachable(both, pods)).toEqual(["a → b:1"]);
  });

  it("does not let the same labels in from another namespace", () => {
    const elsewhere = [{ ...pods[0], namespace: "y" } as Pods, pods[1] as Pods];
    expect(reachable([policy("Ingress", "b", [fromA])], elsewhere)).toEqual([]);
  });
});
