/** The rendered policies, evaluated: who can reach whom is what was declared and what the documents say, in both directions. */
import { beforeAll, describe, expect, it } from "vitest";
import { reachable, type NetworkPolicy, type Pods } from "../../policy/reachability.ts";
import { stack, type Loose, type RenderedStack } from "../support/stack.ts";

const edge: Pods = {
  name: "edge",
  namespace: "envoy-gateway-system",
  labels: { "app.kubernetes.io/name": "envoy" },
  ports: [],
};
const stranger: Pods = { name: "stranger", namespace: "default", labels: { app: "postgres" }, ports: [80] };

function podsOf(rendered: RenderedStack): Pods[] {
  return rendered.podTemplates().map(({ owner, namespace, template }) => ({
    name: (owner.split("/")[1] ?? "").replace(/-[0-9a-f]{8}$/, ""),
    namespace,
    labels: template.metadata.labels,
    ports: template.spec.containers.flatMap((container: Loose) =>
      (container.ports ?? []).map((port: Loose) => port.containerPort),
    ),
  }));
}

function edgesOf(rendered: RenderedStack): string[] {
  const policies = rendered.all("NetworkPolicy").map(({ inputs }) => inputs as unknown as NetworkPolicy);
  // Between the two that are not ours nothing is for us to forbid.
  return reachable(policies, [...podsOf(rendered), edge, stranger]).filter((line) => line !== "edge → stranger:80");
}

/** `connectsTo` of every component, as edges between names of pods. */
function declared(rendered: RenderedStack): string[] {
  const owners = rendered.rendering.resources.filter(({ connectsTo }) => connectsTo.length > 0);
  const edges = owners.flatMap(({ urn, connectsTo }) => {
    const child = rendered.rendering.resources.find(
      ({ parent, type }) => parent === urn && /:(Deployment|StatefulSet|Job|CronJob)$/.test(type),
    );
    const from = ((child?.inputs as Loose).metadata.name as string).replace(/-[0-9a-f]{8}$/, "");
    return connectsTo.filter((to) => !/^(outside|managed)\/|^kubernetes-api/.test(to)).map((to) => `${from} → ${to}`);
  });
  return edges.toSorted();
}

const apps = ["", "-concrete"];
/** Bow-Mark's requirements, "Purpose, namespace, data flow" and "NetworkPolicies"; the set-up Job is ours. */
const bowMarkTable = [
  ...apps.flatMap((app) => [
    `edge → client${app}-deployment:3000`,
    `edge → server${app}-deployment:8080`,
    `client${app}-deployment → server${app}-deployment:8080`,
    ...["server", "worker", "consumer"].flatMap((kind) => [
      `${kind}${app}-deployment → postgres:5432`,
      `${kind}${app}-deployment → rabbitmq:5672`,
    ]),
  ]),
  "pg-backup → postgres:5432",
  "postgres-setup → postgres:5432",
].toSorted();

describe.each(["prod", "staging", "local"])("%s", (name) => {
  let rendered: RenderedStack;
  beforeAll(async () => {
    rendered = await stack(name);
  });

  it("pods reach exactly what was declared", () => {
    const fromEdge = (line: string) => line.startsWith("edge →");
    expect(edgesOf(rendered).filter((line) => !fromEdge(line))).toEqual(declared(rendered));
  });

  it("pods reach exactly what the documents' tables say", () => {
    const hasEdge = rendered.all("Gateway").length > 0;
    const hasBackup = rendered.names("CronJob").includes("pg-backup");
    const expected = bowMarkTable.filter(
      (line) => (hasEdge || !line.startsWith("edge")) && (hasBackup || !line.startsWith("pg-backup")),
    );
    expect(edgesOf(rendered)).toEqual(expected);
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
