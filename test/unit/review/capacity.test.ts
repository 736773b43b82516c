/** Whether everything fits on the nodes, and what to change when it does not. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roomOn } from "../../../catalogue/droplets.ts";
import { volumesPerNode } from "../../../catalogue/doks.ts";
import { gibibytes, milliCpu, QuantityError } from "../../../catalogue/quantity.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { resourceOf, type Resource } from "../../../graph/resource.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import { capacity } from "../../../preview/review/capacity/capacity.ts";
import { anywhere, type PodGroup } from "../../../preview/review/capacity/pod-group.ts";
import { podGroups } from "../../../preview/review/capacity/pods.ts";
import { schedule, type Pool } from "../../../preview/review/capacity/schedule.ts";
import { stack } from "../../support/stack.ts";

const rendered = async (name: string, patch: Patch = {}) => maskedResources((await stack(name, patch)).rendering);
const pool = {
  type: "digitalocean:index/kubernetesNodePool:KubernetesNodePool",
  ...{ name: "p", urn: "p", parent: undefined },
};
const platform = (pools: Patch) => ({ "doks-systems:platform": { pools } });
/** A maximum of pool `general` that is never what is wrong. */
const ample = 40;

describe("the capacity of a stack", () => {
  it.each(["prod", "staging"])("%s has room for everything, whatever happens", async (name) => {
    const { pools, findings, uncounted } = capacity(await rendered(name));
    expect(findings).toEqual([]);
    expect(uncounted).toEqual([]);
    expect(pools.map(({ pool }) => pool.name)).toContain("general");
    for (const { min, max } of pools) {
      expect(min.requested.mebibytes).toBeGreaterThan(0);
      expect(min.requested.mebibytes).toBeLessThanOrEqual(min.room?.mebibytes ?? 0);
      expect(max.requested.milliCpu).toBeLessThanOrEqual(max.room?.milliCpu ?? 0);
    }
  });

  it("of a cluster that is not this stack's is nobody's business here", async () => {
    expect(capacity(await rendered("local")).pools).toEqual([]);
  });

  it("a pool too small at rest waits for the autoscaler, and the finding names the setting and the number", async () => {
    const { findings } = capacity(await rendered("prod", platform({ general: { min: 2, max: ample } })));
    expect(findings.length).toBeGreaterThan(1);
    expect(new Set(findings.map(({ urn, resource }) => `${urn} ${resource}`)).size).toBe(findings.length);
    for (const { level, pool, text, setting } of findings) {
      expect([level, pool, setting]).toEqual(["warning", "general", "platform.pools.general.min"]);
      expect(text).toMatch(/^waits for (CPU|memory|volumes).* until the autoscaler brings pool general a node$/);
    }
    const [, to] = /raise platform\.pools\.general\.min from 2 to (\d+)/.exec(findings[0]?.fix ?? "") ?? [];
    const mended = await rendered("prod", platform({ general: { min: Number(to), max: ample } }));
    expect(capacity(mended).findings).toEqual([]);
    const almost = await rendered("prod", platform({ general: { min: Number(to) - 1, max: ample } }));
    expect(capacity(almost).findings).not.toEqual([]);
  });

  it("an autoscaler that may ask for more than the pool may grow to is found", async () => {
    const { findings } = capacity(await rendered("prod", platform({ general: { max: 20 } })));
    expect(findings.map(({ resource }) => resource)).toEqual(["Deployment dotdo/dotdo"]);
    expect(findings[0]?.text).toMatch(
      /^waits for memory with \d+ of 90 pods on pool general when the autoscalers ask for all that they may$/,
    );
    expect(findings.at(-1)?.fix).toMatch(/^raise platform\.pools\.general\.max from 20 to \d+/);
  });

  it("a pod larger than a node is an error of the settings, not a matter of more nodes", async () => {
    const huge = { resources: { requests: { cpu: "1", memory: "20Gi" }, limits: { cpu: "1", memory: "20Gi" } } };
    const workloads = { "server-deployment": huge };
    await expect(rendered("prod", { "doks-systems:bowmark": { workloads } })).rejects.toThrow(
      /server-deployment\.resources\.requests\.memory \("20Gi"\): is more than a node of pool dedicated-cpu-optimized has/,
    );
  });

  it("no room for a drained node's pods is found before somebody drains it", async () => {
    // Four nodes hold the servers, three do not: each server fills more than half a node.
    const pools = { "dedicated-cpu-optimized": { min: 4, max: 4 }, general: { max: ample } };
    const { findings } = capacity(await rendered("prod", platform(pools)));
    expect(findings.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^waits .* while a node of pool dedicated-cpu-optimized is drained$/),
    ]);
  });

  it("a fixed pool is raised at both ends, because the settings refuse anything else", async () => {
    const { findings } = capacity(await rendered("prod", platform({ general: { min: 2, max: 2 } })));
    const [first] = findings;
    expect(first?.level).toBe("problem");
    expect(first?.text).toMatch(/ for good: pool general is full, though grown to its end$/);
    expect(first?.fix).toMatch(/^raise platform\.pools\.general\.min and max from 2 to \d+/);
  });

  it("advice for a drain is right: what it says suffices", async () => {
    const tight = (count: number) =>
      rendered("prod", platform({ "dedicated-cpu-optimized": { min: count, max: count }, general: { max: ample } }));
    const { findings } = capacity(await tight(4));
    const [, to] =
      /max from 4 to (\d+)/.exec(findings.find(({ situation }) => situation === "drained")?.fix ?? "") ?? [];
    expect(capacity(await tight(Number(to))).findings).toEqual([]);
  });

  it("what goes to each node and does not fit there is found", () => {
    const given = (memory: string): Resource[] => [
      resourceOf({ ...pool, inputs: { name: "general", size: "s-4vcpu-8gb", minNodes: 2, maxNodes: 2 } }),
      resourceOf({
        ...{ type: "kubernetes:apps/v1:DaemonSet", name: "d", urn: "d" },
        inputs: {
          metadata: { name: "d", namespace: "n" },
          spec: { template: { spec: { containers: [{ resources: { requests: { memory } } }] } } },
        },
      }),
    ];
    expect(capacity(given("1Gi")).findings).toEqual([]);
    expect(capacity(given("9Gi")).findings[0]?.text).toBe(
      "fits no node of pool general, ever: requests 9216Mi of memory where an empty s-4vcpu-8gb has 6016Mi",
    );
  });

  it("more volumes than nodes can hold are found", () => {
    const set = { type: "kubernetes:apps/v1:StatefulSet", name: "s", urn: "s" };
    const given = (replicas: number): Resource[] => [
      resourceOf({ ...pool, inputs: { name: "general", size: "s-4vcpu-8gb", minNodes: 1, maxNodes: 2 } }),
      resourceOf({
        ...set,
        inputs: {
          metadata: { name: "s", namespace: "n" },
          spec: {
            replicas,
            volumeClaimTemplates: [{ spec: {} }],
            template: { spec: { containers: [{}], nodeSelector: { "doks.digitalocean.com/node-pool": "general" } } },
          },
        },
      }),
    ];
    expect(capacity(given(volumesPerNode)).findings).toEqual([]);
    expect(
      capacity(given(volumesPerNode + 1)).findings.map(({ level, text, setting }) => [level, text, setting]),
    ).toEqual([
      [
        "warning",
        "waits for volumes with 1 of 8 pods while a node of pool general is drained",
        "platform.pools.general.max",
      ],
    ]);
    const [tooMany] = capacity(given(2 * volumesPerNode + 1)).findings;
    expect(tooMany).toMatchObject({
      ...{ level: "problem", resource: "StatefulSet n/s" },
      text: "waits for volumes with 1 of 15 pods for good: pool general is full, though grown to its end",
      // Three nodes hold them; with one of four drained, too.
      fix: "raise platform.pools.general.max from 2 to 4, or lower requests",
    });
  });

  it("a size that nobody described is said, and stops no check of the others", async () => {
    const general = { size: "x-huge" };
    const lenient = { "doks-systems:platform": { catalogue: "lenient", pools: { general } } };
    const { findings } = capacity(await rendered("prod", lenient));
    expect(findings.map(({ resource, text }) => `${resource} ${text}`)).toEqual([
      expect.stringContaining("pool general has nodes of size x-huge"),
    ]);
  });

  it("counts autoscalers, surges, jobs and charts as the scheduler does", async () => {
    const groups = new Map(podGroups(await rendered("prod")).map((group) => [group.name, group]));
    expect(groups.get("dotdo/dotdo")).toMatchObject({ min: 5, max: 90, surge: 2, pool: "general", volumes: 0 });
    expect(groups.get("caracal/caracal-kafka")).toMatchObject({ min: 3, max: 3, surge: 0, volumes: 1 });
    expect(groups.get("bow-mark/worker-deployment")).toMatchObject({ surge: 0 });
    expect(groups.get("bow-mark/consumer-deployment")?.each).toEqual({ milliCpu: 100, mebibytes: 256 });
    // Two containers at once.
    const dump = { task: true, min: 1, each: { milliCpu: 200, mebibytes: 256 } };
    expect(groups.get("bow-mark/pg-backup")).toMatchObject(dump);
    expect(groups.get("prometheus/prometheus")).toMatchObject({ each: { milliCpu: 500, mebibytes: 2048 }, volumes: 1 });
    expect(groups.get("prometheus/alertmanager")?.min).toBe(3);
    expect(groups.get("prometheus/node-exporter")?.everyNode).toBe(true);
    expect(groups.get("cert-manager/webhook")).toMatchObject({ min: 3, pool: "system" });
    expect(groups.get("envoy-gateway/controller")).toMatchObject({ min: 2, each: { milliCpu: 100, mebibytes: 256 } });
    expect(groups.get("edge/proxy")).toMatchObject({ min: 2, each: { milliCpu: 100, mebibytes: 512 } });
  });

  it("counts what runs before a pod's containers where it alone wants more, and what stays beside them with them", () => {
    const wants = (cpu: string, memory: string, restartPolicy?: string) => ({
      resources: { requests: { cpu, memory } },
      ...(restartPolicy === undefined ? {} : { restartPolicy }),
    });
    const each = (initContainers: object[]) => {
      const template = { spec: { containers: [wants("100m", "200Mi"), wants("100m", "56Mi")], initContainers } };
      const inputs = { metadata: { name: "d", namespace: "n" }, spec: { template } };
      const own = { type: "kubernetes:apps/v1:Deployment", name: "d", urn: "d", inputs };
      return podGroups([resourceOf(own)])[0]?.each;
    };
    expect(each([])).toEqual({ milliCpu: 200, mebibytes: 256 });
    expect(each([wants("1", "64Mi"), wants("50m", "1Gi")])).toEqual({ milliCpu: 1000, mebibytes: 1024 });
    expect(each([wants("50m", "64Mi", "Always")])).toEqual({ milliCpu: 250, mebibytes: 320 });
  });

  it("a node's room follows from its size", () => {
    expect(roomOn("s-4vcpu-8gb")).toEqual({ milliCpu: 3800, mebibytes: 6144 - 128 });
    expect(roomOn("g-2vcpu-8gb-intel")).toEqual(roomOn("gd-2vcpu-8gb"));
    expect(roomOn("c-2")).toEqual(roomOn("s-2vcpu-4gb"));
    expect(roomOn("nonsense")).toBeUndefined();
  });
});

describe("the schedule", () => {
  const pods = fc.record({
    name: fc.string({ minLength: 1 }),
    pool: fc.constantFrom("a", "b", undefined),
    each: fc.record({ milliCpu: fc.nat(2000), mebibytes: fc.nat(4000) }),
    ...{ volumes: fc.nat(2), min: fc.integer({ min: 1, max: 6 }) },
  });
  const groups = fc.array(
    pods.map((one): PodGroup => ({
      ...{ ...one, urn: one.name, resource: one.name, setting: undefined, max: one.min, surge: 0, task: false },
      ...{ everyNode: false, priority: 0, beside: { milliCpu: 0, mebibytes: 0 }, apart: anywhere },
    })),
    { maxLength: 8 },
  );
  const pool = (name: string, size: string): Pool => ({ name, size, min: 1, max: 9, room: roomOn(size) });
  const pools = [pool("a", "s-4vcpu-8gb"), pool("b", "c-2")];
  const waiting = (given: readonly PodGroup[], nodes: number) =>
    schedule(
      given,
      ({ min }) => min,
      pools,
      () => nodes,
    ).reduce((sum, { count }) => sum + count, 0);

  it("never places more on a node than it has room for", () => {
    fc.assert(
      fc.property(groups, (given) => {
        // One node a pool, so that what is placed in a pool is on one node.
        const pinned = given.map((group) => ({ ...group, pool: group.pool ?? "a" }));
        const left = schedule(
          pinned,
          ({ min }) => min,
          pools,
          () => 1,
        );
        for (const { name, room } of pools) {
          const placed = pinned
            .filter((group) => group.pool === name)
            .map((group) => ({ group, count: group.min - (left.find((one) => one.group === group)?.count ?? 0) }));
          const sum = (of: (group: PodGroup) => number) =>
            placed.reduce((all, { group, count }) => all + of(group) * count, 0);
          expect(sum(({ each }) => each.milliCpu)).toBeLessThanOrEqual(room?.milliCpu ?? 0);
          expect(sum(({ each }) => each.mebibytes)).toBeLessThanOrEqual(room?.mebibytes ?? 0);
          expect(sum(({ volumes }) => volumes)).toBeLessThanOrEqual(volumesPerNode);
        }
      }),
    );
  });

  it("leaves nothing waiting that one node alone could hold, if each pod gets its own", () => {
    fc.assert(
      fc.property(groups, (given) => {
        const all = given.reduce((sum, { min }) => sum + min, 0);
        const fits = given.filter(({ pool: name, each, volumes }) =>
          pools.some(
            ({ name: own, room }) =>
              (name ?? own) === own &&
              room !== undefined &&
              each.milliCpu <= room.milliCpu &&
              each.mebibytes <= room.mebibytes &&
              volumes <= volumesPerNode,
          ),
        );
        expect(waiting(fits, Math.max(1, all))).toBe(0);
      }),
    );
  });
});

describe("a quantity", () => {
  it.each([
    ["1Pi", 2 ** 20],
    ["1e9", 1],
    ["1.5Gi", 2],
    ["500M", 1],
    [undefined, 0],
  ])("%s is read as Kubernetes reads it", (text, gib) => {
    expect(gibibytes(text)).toBe(gib);
  });

  it("that Kubernetes would refuse is refused by name", () => {
    expect(() => gibibytes("ten")).toThrow('"ten" is not a Kubernetes quantity');
    expect(() => milliCpu("1 core")).toThrow(QuantityError);
  });
});
