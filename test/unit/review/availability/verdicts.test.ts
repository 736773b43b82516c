/** Who is away while an update runs, and how long it takes. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { maskedResources } from "../../../../graph/masking.ts";
import { kindOf, label, type Resource } from "../../../../graph/resource.ts";
import type { Patch } from "../../../../graph/render/configuration.ts";
import { availabilitySection } from "../../../../preview/report/sections/availability.ts";
import { availability, type Availability } from "../../../../preview/review/availability/availability.ts";
import { availabilityDangers } from "../../../../preview/review/availability/dangers.ts";
import { difference } from "../../../../preview/review/difference.ts";
import { stack } from "../../../support/stack.ts";

const rendered = async (patch: Patch = {}, name = "prod") => maskedResources((await stack(name, patch)).rendering);
const compared = (before: readonly Resource[], after: readonly Resource[]) =>
  availability(before, after, difference(before, after));
/** Verdicts by workload. */
const said = ({ workloads }: Availability) =>
  Object.fromEntries(workloads.map(({ resource, verdict }) => [label(resource).split("/")[1], verdict]));
const lines = (found: Availability) =>
  availabilityDangers(found).map(({ level, resource, text }) => `${level} ${resource} ${text}`);
const bowmark = (settings: object): Patch => ({ "doks-systems:bowmark": settings });
const gx = (settings: object): Patch => ({ "doks-systems:gx": settings });
const platform = (settings: object): Patch => ({ "doks-systems:platform": settings });

describe("the availability of a change to prod", () => {
  let prod: Resource[];
  beforeAll(async () => {
    prod = await rendered();
  });
  const against = async (patch: Patch) => compared(prod, await rendered(patch));
  /** The stack with one resource as `change` makes it, which no setting does. */
  const edited = (kind: string, name: string, change: (inputs: Record<string, unknown>) => void, from = prod) =>
    from.map((one) => {
      if (kindOf(one) !== kind || (one.name !== name && label(one) !== `${kind} ${name}`)) return one;
      const inputs = structuredClone(one.inputs) as Record<string, unknown>;
      change(inputs);
      return { ...one, inputs };
    });

  it("is complete if nothing changes", () => {
    const found = compared(prod, prod);
    expect(found.workloads).toEqual([]);
    expect(availabilityDangers(found)).toEqual([]);
    expect(availabilitySection(found).verdict).toEqual({ text: "nothing is away; takes a moment", tone: "good" });
  });

  it("says who rolls and who is away when an image changes, in one line for the system", async () => {
    const found = await against(bowmark({ imageTag: "4444444" }));
    expect(said(found)).toEqual({
      "client-deployment": "away",
      "client-concrete-deployment": "away",
      "consumer-deployment": "away",
      "consumer-concrete-deployment": "away",
      "worker-deployment": "away",
      "worker-concrete-deployment": "away",
      "server-deployment": "fewer",
      "server-concrete-deployment": "fewer",
    });
    const [worker] = found.workloads.filter(({ resource }) => resource.name === "bow-mark-worker");
    expect(worker).toMatchObject({ system: "bow-mark", setting: "bowmark.workloads.worker-deployment" });
    expect(worker?.why).toEqual([
      "strategy Recreate: the old pod ends before the new one starts (image bow-mark-server:3f9c2e1 → bow-mark-server:4444444)",
    ]);
    expect(lines(found)).toEqual([
      expect.stringMatching(/^look 6 Deployments of bow-mark are away while they are updated, .*: client-concrete-/),
    ]);
  });

  it("rolls without a gap where a surge is allowed, and says which Secret or ConfigMap is read anew", async () => {
    const found = await against(gx({ logLevel: "debug" }));
    expect(said(found)).toEqual({ "svc-identity": "rolls", projector: "away", "outbox-submitter": "away" });
    expect(found.workloads.find(({ verdict }) => verdict === "rolls")?.why[0]).toContain("is read anew");
  });

  it("names those that stay, but need what is away", async () => {
    const found = await against(bowmark({ workloads: { rabbitmq: { graceSeconds: 90 } } }));
    expect(said(found)).toMatchObject({
      rabbitmq: "away",
      "server-deployment": "affected",
      "worker-deployment": "affected",
    });
    expect(said(found)).not.toHaveProperty("client-deployment");
    const [server] = found.workloads.filter(({ resource }) => resource.name === "bow-mark-server");
    expect(server?.why[0]).toMatch(/^its RabbitMQ is away, /);
    expect(lines(found)).toEqual([
      expect.stringMatching(/StatefulSet bow-mark\/rabbitmq is away .*; 6 workloads need it: /),
    ]);
  });

  it("has one line for a node pool that is made anew, with the number of those that are away", async () => {
    const found = await against(platform({ pools: { general: { size: "g-4vcpu-16gb" } } }));
    expect(found.workloads.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 17 }, () => "away"));
    const [only, ...more] = availabilityDangers(found);
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      level: "stop",
      setting: "platform.pools.general.size",
      page: "docs/runbooks/node-pools.md",
    });
    expect(only?.text).toMatch(/; 17 workloads are away, .* and 12 more; refused while it is protected$/);
    expect(availabilitySection(found).table?.rows).toHaveLength(17);
  });

  it("has one line for another network, however much goes along", async () => {
    const found = await against(platform({ cluster: { vpcRange: "10.77.0.0/20" } }));
    const [only, ...more] = availabilityDangers(found);
    expect(more).toEqual([]);
    expect(only?.resource).toBe("Vpc doks-prod");
    expect(only?.text).toMatch(/takes along 1 KubernetesCluster, 3 KubernetesNodePools, 1 DatabaseCluster/);
    expect(only?.text).toMatch(/; 27 workloads are away/);
  });

  it("says that nodes move when Kubernetes is upgraded, and who has only one pod", async () => {
    const old = await rendered(platform({ cluster: { version: "1.35" } }));
    const now = await rendered(platform({ cluster: { version: "1.35", upgradeTo: "1.36" } }));
    const found = compared(old, now);
    expect(said(found)).toMatchObject({ postgres: "away", "server-deployment": "affected", dotdo: "fewer" });
    const [only, ...more] = availabilityDangers(found);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ level: "look", page: "docs/runbooks/upgrade.md" });
    expect(only?.text).toContain("up to 10 at a time, the new ones first");
  });

  it("says that a standby takes over, or that there is none", async () => {
    const size = "db-s-2vcpu-4gb";
    const [standby, alone] = [
      await against(gx({ database: { size } })),
      compared(await rendered(gx({ database: { nodes: 1 } })), await rendered(gx({ database: { nodes: 1, size } }))),
    ];
    expect(standby.happenings).toMatchObject([{ kind: "database", verdict: "brief" }]);
    expect(alone.happenings).toMatchObject([{ kind: "database", verdict: "away" }]);
    expect(alone.happenings[0]?.away.worst).toBeGreaterThan(standby.happenings[0]?.away.worst ?? Infinity);
    expect(said(standby)).toEqual({
      "svc-identity": "affected",
      projector: "affected",
      "outbox-submitter": "affected",
    });
    expect(lines(standby)).toEqual([
      expect.stringMatching(/^look DatabaseCluster gx-postgres-prod is resized; the standby/),
    ]);
  });

  it("says that a Gateway which is made anew has another address, once for all hosts", () => {
    const after = edited("Gateway", "platform-edge-gateway", (inputs) => {
      inputs["metadata"] = { ...(inputs["metadata"] as object), name: "other" };
    });
    const found = compared(prod, after);
    const [only, ...more] = availabilityDangers(found).filter(({ resource }) => !resource.startsWith("GatewayClass"));
    expect(more).toEqual([]);
    expect(only).toMatchObject({ level: "stop", kind: "availability" });
    expect(only?.text).toMatch(/another address; takes along \d DnsRecords/);
  });

  it("says for how long a DNS record is kept, and that a certificate in another Secret leaves a gap", () => {
    const moved = edited("DnsRecord", "bow-mark-route-app-bowmark-ca", (inputs) => (inputs["value"] = "192.0.2.77"));
    expect(compared(prod, moved).happenings).toMatchObject([{ kind: "dns", verdict: "brief", away: { worst: 300 } }]);
    const both = edited(
      "DnsRecord",
      "bow-mark-route-paving-bowmark-ca",
      (inputs) => (inputs["value"] = "192.0.2.77"),
      moved,
    );
    expect(lines(compared(prod, both))).toEqual([expect.stringMatching(/^look DnsRecord .*; and 1 other record$/)]);
    const renamed = edited("Certificate", "bow-mark-route-certificate", (inputs) => {
      inputs["spec"] = { ...(inputs["spec"] as object), secretName: "other" };
    });
    expect(compared(prod, renamed).happenings).toMatchObject([{ kind: "certificate", verdict: "away" }]);
    const more = edited("Certificate", "bow-mark-route-certificate", (inputs) => {
      inputs["spec"] = { ...(inputs["spec"] as object), dnsNames: ["app.bowmark.ca", "www.bowmark.ca"] };
    });
    expect(compared(prod, more).happenings).toMatchObject([{ kind: "certificate", verdict: "none" }]);
    expect(availabilityDangers(compared(prod, more))).toEqual([]);
  });

  it("stops for a Service that selects nobody any more, and for requests without a readiness probe", () => {
    const lost = edited("Service", "backend-mainnet/svc-identity", (inputs) => {
      inputs["spec"] = { ...(inputs["spec"] as object), selector: { app: "nobody" } };
    });
    expect(lines(compared(prod, lost))).toEqual([expect.stringMatching(/^stop Service backend-mainnet\/svc-identity/)]);
    const container = (inputs: Record<string, unknown>) =>
      (inputs["spec"] as { template: { spec: { containers: Record<string, unknown>[] } } }).template.spec.containers[0];
    const blind = edited("Deployment", "backend-mainnet/svc-identity", (inputs) => {
      delete container(inputs)?.["readinessProbe"];
      delete container(inputs)?.["startupProbe"];
    });
    expect(said(compared(prod, blind))).toEqual({ "svc-identity": "unready" });
    expect(lines(compared(prod, blind))).toEqual([
      expect.stringMatching(/^look .* gets requests before its new pods can answer/),
    ]);
  });

  it("counts a Service that selects only new pods as away, unless it changes after them", async () => {
    const after = await rendered(gx({ namespace: { create: false } }));
    // As they were before the namespace was adopted.
    const labels = { app: "svc-identity" };
    const unlabelled = edited(
      "Deployment",
      "backend-mainnet/svc-identity",
      (inputs) => {
        (inputs["spec"] as { template: { metadata: { labels: object } } }).template.metadata.labels = labels;
      },
      after,
    );
    const before = edited(
      "Service",
      "backend-mainnet/svc-identity",
      (inputs) => {
        inputs["spec"] = { ...(inputs["spec"] as object), selector: labels };
      },
      unlabelled,
    );
    expect(said(compared(before, after))).toEqual({ "svc-identity": "rolls" });
    const atOnce = after.map((one) => (kindOf(one) === "Service" ? { ...one, dependsOn: [] } : one));
    expect(said(compared(before, atOnce))).toEqual({ "svc-identity": "away" });
  });

  it("says that a surge which shares a volume never ends", () => {
    const after = edited("Deployment", "caracal/caracal-gateway", (inputs) => {
      const { spec } = (inputs["spec"] as { template: { spec: { volumes?: object[] } } }).template;
      spec.volumes = [...(spec.volumes ?? []), { name: "shared", persistentVolumeClaim: { claimName: "shared" } }];
    });
    expect(said(compared(prod, after))).toEqual({ "caracal-gateway": "stuck" });
    expect(lines(compared(prod, after))).toEqual([expect.stringMatching(/^stop .* the update does not end/)]);
  });

  it("calls a system that is taken away meant, and names its workloads once", async () => {
    const found = await against({ "doks-systems:gx": null });
    expect(said(found)).toEqual({
      "svc-identity": "gone",
      projector: "gone",
      "outbox-submitter": "gone",
      redis: "gone",
    });
    expect(lines(found)).toEqual([
      expect.stringMatching(
        /^look Namespace backend-mainnet is deleted, and with it \S+, \S+, \S+, redis; refused while it is protected$/,
      ),
    ]);
  });

  it("takes nobody away in a first update, and says how long that takes", () => {
    const found = compared([], prod);
    expect(found).toMatchObject({ first: true, workloads: [], happenings: [] });
    const { verdict, note, items, table } = availabilitySection(found);
    expect(verdict.text).toMatch(/^a first update takes \d+ to \d+ minutes$/);
    expect(note).toMatch(/KubernetesCluster doks-prod → KubernetesNodePool .* → StatefulSet caracal\/caracal-kafka → /);
    expect([items, table]).toEqual([[], undefined]);
  });

  it("takes at least as long as any of its waits, and each of the chain waits for the one before", async () => {
    const all = await rendered();
    const made = all.filter(({ type }) => !type.startsWith("doks-systems:"));
    const known = new Map(all.map((one) => [one.urn, one]));
    const waitsFor = (urn: string, seen = new Set<string>()): Set<string> => {
      const { dependsOn = [], provider = "", inputsFrom = {} } = known.get(urn) ?? {};
      for (const next of [...dependsOn, provider, ...Object.values(inputsFrom).flat()])
        if (!seen.has(next)) waitsFor(next, seen.add(next));
      return seen;
    };
    fc.assert(
      fc.property(fc.subarray(made), (missing) => {
        const before = all.filter((one) => !missing.includes(one));
        const { seconds, chain } = compared(before, all).update;
        expect(seconds.usual).toBeLessThanOrEqual(seconds.worst);
        expect(chain.reduce((sum, step) => sum + step.seconds.usual, 0)).toBe(seconds.usual);
        chain.slice(1).forEach(({ resource }, i) => {
          expect(waitsFor(resource.urn)).toContain(chain[i]?.resource.urn);
        });
      }),
      { numRuns: 20 },
    );
  });
});
