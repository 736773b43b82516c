/** Who in the cluster may call a workload, and whom it may call; and what a port of the nodes leads to. */
import { describe, expect, it } from "vitest";
import { admitsAddresses, allows, type Pods } from "../../../policy/reachability.ts";
import { alone, type RenderedStack } from "../../support/stack.ts";
import { openPortFindings, podsOf, policiesOf } from "./support.ts";

type Peer = Omit<Pods, "ports">;
const agent: Peer = { name: "agent", namespace: "agents", labels: { role: "agent" } };
const stranger: Peer = { name: "stranger", namespace: "agents", labels: { role: "stranger" } };
const agents = { kind: "pods", namespace: agent.namespace, labels: { role: "agent" } };

function pods(rendered: RenderedStack, workload: string) {
  const found = podsOf(rendered).find(({ name }) => name.endsWith(`/${workload}`));
  if (found === undefined) throw new Error(`no ${workload}`);
  return found;
}
const calls = (rendered: RenderedStack, from: Peer, workload: string, port: number) =>
  allows(policiesOf(rendered), "Ingress", pods(rendered, workload), from, port);
const reaches = (rendered: RenderedStack, workload: string, to: Peer, port: number) =>
  allows(policiesOf(rendered), "Egress", pods(rendered, workload), to, port);
const paths = (rendered: RenderedStack) => rendered.rendering.notices.map(({ path }) => path);

describe("Caracal", () => {
  const key = "doks-systems:caracal";
  const [gateway, adapter] = ["caracal-gateway", "caracal-mcp-adapter"];

  it("without a caller's name nobody in the cluster calls gateway or adapter, and the preview says so", async () => {
    const rendered = await alone("caracal")("prod", {
      [key]: { exposure: { kind: "cluster-ip", sourceRanges: null } },
    });
    expect([calls(rendered, agent, gateway, 8443), calls(rendered, agent, adapter, 8080)]).toEqual([false, false]);
    expect(paths(rendered)).toEqual(
      expect.arrayContaining([`${key}.workloads.${gateway}.reachedBy`, `${key}.workloads.${adapter}.reachedBy`]),
    );
  });

  it("agents that are named call both, and both call what they forward to", async () => {
    const tools = { namespace: "tools", labels: { mcp: "search" } };
    const settings = { reachedBy: { agents }, reaches: { tools: { kind: "pods", ...tools, ports: [9000] } } };
    const workloads = { [gateway]: settings, [adapter]: settings };
    const rendered = await alone("caracal")("prod", { [key]: { workloads } });
    for (const [workload, port] of [
      [gateway, 8443],
      [adapter, 8080],
    ] as const) {
      expect(calls(rendered, agent, workload, port), workload).toBe(true);
      expect(calls(rendered, stranger, workload, port), workload).toBe(false);
      expect(reaches(rendered, workload, { name: "mcp", ...tools }, 9000), workload).toBe(true);
      expect(reaches(rendered, workload, stranger, 9000), workload).toBe(false);
    }
    expect(paths(rendered)).not.toContain(`${key}.workloads.${adapter}.reachedBy`);
  });
});

describe("dotdo", () => {
  const key = "doks-systems:dotdo";
  it("in its fly profile every pod of the cluster calls its HTTP port, and none but its own its RPC port", async () => {
    const fly = { profile: "fly", ingress: null };
    const rendered = await alone("dotdo")("prod", { [key]: fly });
    expect([8787, 8788].map((port) => calls(rendered, agent, "dotdo", port))).toEqual([true, false]);
    const closed = {
      ...fly,
      workloads: { dotdo: { reachedBy: { cluster: false, agents: { ...agents, ports: [8787] } } } },
    };
    const other = await alone("dotdo")("prod", { [key]: closed });
    expect([agent, stranger].map((from) => calls(other, from, "dotdo", 8787))).toEqual([true, false]);
    expect(calls(other, agent, "dotdo", 8788)).toBe(false);
  });

  it("in the mesh, viz reads its proxies' metrics and taps them, and nobody else does", async () => {
    const viz = { name: "prometheus", namespace: "linkerd-viz", labels: { "linkerd.io/extension": "viz" } };
    const meshed = { "doks-systems:platform": { addons: { linkerd: "existing" } } };
    const [inside, outside] = [await alone("dotdo")("prod", meshed), await alone("dotdo")("prod")];
    for (const port of [4190, 4191]) {
      expect(calls(inside, viz, "dotdo", port)).toBe(true);
      expect(calls(inside, stranger, "dotdo", port)).toBe(false);
      expect(calls(outside, viz, "dotdo", port)).toBe(false);
    }
    expect(calls(inside, viz, "dotdo", 8787)).toBe(false);
  });
});

describe("GX", () => {
  const key = "doks-systems:gx";
  const metrics = { "svc-identity": 3001, "outbox-submitter": 9090, projector: 9091 };

  it("a Prometheus that is not ours reads the metrics of every workload, with an operator or without", async () => {
    const theirs = { name: "prometheus", namespace: "observability", labels: { app: "prometheus" } };
    for (const prometheus of ["none", "existing"]) {
      const scrapedBy = { namespace: theirs.namespace, labels: theirs.labels };
      const platform = { addons: { prometheus }, monitoring: { scrapedBy } };
      const rendered = await alone("gx")("prod", { "doks-systems:platform": platform });
      for (const [workload, port] of Object.entries(metrics)) {
        expect(calls(rendered, theirs, workload, port), workload).toBe(true);
        expect(calls(rendered, { ...stranger, namespace: theirs.namespace }, workload, port), workload).toBe(false);
      }
      expect(rendered.all("ServiceMonitor").length > 0).toBe(prometheus === "existing");
    }
  });

  it("its node port leads to a port that its pods listen on and its policy admits, whatever port that is", async () => {
    for (const http of [3001, 3300]) {
      const workloads = { "svc-identity": { replicas: 1, ports: { http } } };
      const rendered = await alone("gx")("local", { [key]: { workloads } });
      const { spec } = rendered.object("Service", "svc-identity");
      const own = pods(rendered, "svc-identity");
      expect(spec).toMatchObject({ type: "NodePort", ports: [{ targetPort: http }] });
      expect(own.ports).toContain(http);
      expect(admitsAddresses(policiesOf(rendered), own, http)).toBe(true);
      expect(openPortFindings(rendered)).toEqual([]);
    }
  });

  it("its node port takes what another node passes on, on DigitalOcean's CNI too", async () => {
    const exposure = { kind: "node-port", host: null };
    const rendered = await alone("gx")("staging", { [key]: { exposure } });
    const { spec } = rendered.object("CiliumNetworkPolicy", "nodes-to-svc-identity");
    expect(spec).toEqual({
      endpointSelector: { matchLabels: { app: "svc-identity" } },
      ingress: [{ fromEntities: ["host", "remote-node"], toPorts: [{ ports: [{ port: "3001", protocol: "TCP" }] }] }],
    });
  });
});
