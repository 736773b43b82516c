/**
 * What enforces NetworkPolicies in the sandbox, on cases of the Kubernetes end-to-end tests (`test/e2e/network/netpol` of
 * kubernetes/kubernetes): three namespaces x, y and z with pods a and b, each with the ports 80 and 81.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasCondition, type ApiObject } from "../../sandbox/control-plane/client.ts";
import { missing, PodsCluster } from "../support/pods/cluster.ts";
import { reached, type Targets } from "../support/pods/reach.ts";

if (missing !== undefined) console.warn(`skipped: policies that are enforced, which needs ${missing}`);

const namespaces = ["x", "y", "z"];
const names = ["a", "b"];
const everyone = namespaces.flatMap((namespace) => names.map((name) => `${namespace}/${name}`));

interface Case {
  readonly what: string;
  /** Policies by namespace. */
  readonly policies: readonly (readonly [namespace: string, spec: object])[];
  /** Whether one may reach another's port. */
  readonly allows: (from: string, to: string, port: number) => boolean;
}

const a = { matchLabels: { pod: "a" } };
const b = { matchLabels: { pod: "b" } };
const all = {};
const space = (...names_: string[]) => ({
  matchExpressions: [{ key: "ns", operator: "In", values: names_ }],
});
/** To a of x only from whom it says; all else is open. */
const toA = (may: (from: string, port: number) => boolean) => (from: string, to: string, port: number) =>
  to !== "x/a" || from === to || may(from, port);
const ingress = (rules: object[], podSelector: object = a) => ({
  podSelector,
  policyTypes: ["Ingress"],
  ingress: rules,
});

const cases: readonly Case[] = [
  { what: "without a policy everything is open", policies: [], allows: () => true },
  {
    what: "a policy without rules keeps everyone off the namespace's pods",
    policies: [["x", ingress([], all)]],
    allows: (from, to) => !to.startsWith("x/") || from === to,
  },
  {
    what: "both directions denied: nobody in, nobody out",
    policies: [["x", { podSelector: all, policyTypes: ["Ingress", "Egress"] }]],
    allows: (from, to) => from === to || !(from.startsWith("x/") || to.startsWith("x/")),
  },
  {
    what: "a pod selector means pods of the policy's own namespace",
    policies: [["x", ingress([{ from: [{ podSelector: b }] }])]],
    allows: toA((from) => from === "x/b"),
  },
  {
    what: "a namespace selector means all pods of those namespaces",
    policies: [["x", ingress([{ from: [{ namespaceSelector: space("y", "z") }] }])]],
    allows: toA((from) => !from.startsWith("x/")),
  },
  {
    what: "both selectors in one peer must fit",
    policies: [["x", ingress([{ from: [{ namespaceSelector: space("y"), podSelector: b }] }])]],
    allows: toA((from) => from === "y/b"),
  },
  {
    what: "of two peers one must fit",
    policies: [["x", ingress([{ from: [{ namespaceSelector: space("y") }, { podSelector: b }] }])]],
    allows: toA((from) => from.startsWith("y/") || from === "x/b"),
  },
  {
    what: "a port by its name",
    policies: [["x", ingress([{ ports: [{ port: "serve-81" }] }])]],
    allows: toA((_, port) => port === 81),
  },
  {
    what: "a peer and a port in one rule must both fit, two rules add up",
    policies: [
      [
        "x",
        ingress([
          { from: [{ namespaceSelector: space("y") }], ports: [{ port: 80 }] },
          { from: [{ podSelector: b }], ports: [{ port: 81 }] },
        ]),
      ],
    ],
    allows: toA((from, port) => (from.startsWith("y/") && port === 80) || (from === "x/b" && port === 81)),
  },
  {
    what: "two policies add up",
    policies: [
      ["x", ingress([{ from: [{ podSelector: b }] }])],
      ["x", ingress([{ from: [{ namespaceSelector: space("z") }] }])],
    ],
    allows: toA((from) => from === "x/b" || from.startsWith("z/")),
  },
  {
    what: "a connection needs the egress of one side and the ingress of the other",
    policies: [
      ["x", { podSelector: a, policyTypes: ["Egress"], egress: [{ to: [{ namespaceSelector: space("y") }] }] }],
      ["y", { podSelector: a, policyTypes: ["Ingress"], ingress: [{ from: [{ namespaceSelector: space("z") }] }] }],
    ],
    allows: (from, to) =>
      from === to || ((from !== "x/a" || to.startsWith("y/")) && (to !== "y/a" || from.startsWith("z/"))),
  },
  {
    what: "egress to ports, a range of them",
    policies: [
      [
        "x",
        { podSelector: a, policyTypes: ["Egress"], egress: [{ ports: [{ port: 81, endPort: 90, protocol: "TCP" }] }] },
      ],
    ],
    allows: (from, to, port) => from !== "x/a" || from === to || port === 81,
  },
];

describe.skipIf(missing !== undefined)("policies", () => {
  let cluster: PodsCluster;
  let pods: ApiObject[];
  let targets: Targets;

  beforeAll(async () => {
    cluster = await PodsCluster.start();
    const { client } = cluster;
    for (const namespace of namespaces) {
      await client.apply({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace, labels: { ns: namespace } },
      });
      await Promise.all(names.map((name) => client.apply(pod(namespace, name))));
    }
    const list = async () =>
      (await Promise.all(namespaces.map((namespace) => client.list("v1", "pods", namespace)))).flat();
    for (let tries = 0; tries < 600 && !(await list()).every((one) => hasCondition(one, "Ready")); tries += 1)
      await sleep(200);
    pods = await list();
    targets = new Map(
      pods.flatMap((one) =>
        [80, 81].map((port) => [`${one["status"].podIP as string}:${port}`, `${nameOf(one)}:${port}`]),
      ),
    );
  }, 900_000);
  afterAll(async () => {
    await cluster.stop();
  });
  afterEach(async () => {
    for (const policy of await cluster.client.list("networking.k8s.io/v1", "networkpolicies"))
      await cluster.client.delete({ ...policy, apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" });
  });

  /** Looks until it is as expected, since a change takes a moment to be everywhere; at most two minutes. */
  async function becomes(allows: Case["allows"]): Promise<void> {
    const expected = everyone.map((from) =>
      [from, ...[...targets.values()].filter((name) => allows(from, ...split(name))).toSorted()].join(" "),
    );
    const deadline = Date.now() + 120_000;
    for (;;) {
      const found = await reached(cluster.cluster.machine, pods, targets);
      const lines = found.map(([one, reaches]) => [nameOf(one), ...reaches].join(" "));
      if (lines.join() === expected.join()) return;
      if (Date.now() > deadline) expect(lines).toEqual(expected);
      await sleep(300);
    }
  }

  it.each(cases)("$what", async ({ policies, allows }) => {
    for (const [i, [namespace, spec]] of policies.entries()) {
      const metadata = { name: `policy-${i}`, namespace };
      await cluster.client.apply({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
    }
    await becomes(allows);
  });

  it("a block of addresses, with an exception", async () => {
    const [first] = pods;
    const blocked = first?.["status"].podIP as string;
    const block = { cidr: "10.244.0.0/16", except: [`${blocked}/32`] };
    const metadata = { name: "block", namespace: "z" };
    const spec = ingress([{ from: [{ ipBlock: block }] }]);
    await cluster.client.apply({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
    await becomes((from, to) => to !== "z/a" || from !== "x/a");
  });

  it("what a pod is called later counts at once", async () => {
    const metadata = { name: "labels", namespace: "x" };
    const spec = ingress([{ from: [{ podSelector: { matchLabels: { pod: "b", trusted: "yes" } } }] }]);
    await cluster.client.apply({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
    await becomes(toA(() => false));
    await cluster.client.call(
      "PATCH",
      "/api/v1/namespaces/x/pods/b",
      { metadata: { labels: { trusted: "yes" } } },
      "application/merge-patch+json",
    );
    await becomes(toA((from) => from === "x/b"));
  });
});

function nameOf({ metadata }: ApiObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

function split(name: string): [to: string, port: number] {
  const [to = "", port] = name.split(":");
  return [to, Number(port)];
}

function pod(namespace: string, name: string): ApiObject {
  const containers = [80, 81].map((port) => ({
    ...{
      name: `serve-${port}`,
      image: "redis:7.4.5-alpine",
      command: ["httpd", "-f", "-p", String(port), "-h", "/data"],
    },
    ports: [{ name: `serve-${port}`, containerPort: port }],
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
  }));
  const metadata = { name, namespace, labels: { pod: name } };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { containers, terminationGracePeriodSeconds: 0 } };
}
