/** Pods that no node will ever hold, and what a reviewer is told to change. What the real scheduler says of them: test/cluster/capacity. */
import { describe, expect, it } from "vitest";
import { roomOn, sizesLike } from "../../../catalogue/droplets.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { resourceOf, type Resource } from "../../../graph/resource.ts";
import { readStackFile, type Patch } from "../../../graph/render/configuration.ts";
import { capacity } from "../../../preview/review/capacity/capacity.ts";
import { capacityDangers } from "../../../preview/review/capacity/dangers.ts";
import { podGroups } from "../../../preview/review/capacity/pods.ts";
import { capacitySection } from "../../../preview/report/sections/capacity.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { stack } from "../../support/stack.ts";

const rendered = async (name: string, patch: Patch = {}) => maskedResources((await stack(name, patch)).rendering);
const requests = (memory: string) => ({ resources: { requests: { memory }, limits: { memory: "8Gi" } } });
const projector = (memory: string) => ({ "doks-systems:gx": { workloads: { projector: requests(memory) } } });

describe("a pod that no node will ever hold", () => {
  it("is a problem once what runs on every node is counted, with its own setting and the largest value that works", async () => {
    // A node has 6016Mi, of which node-exporter takes 32.
    const before = await rendered("prod");
    const { findings } = capacity(await rendered("prod", projector("6000Mi")));
    expect(findings).toMatchObject([
      {
        ...{ level: "problem", situation: "never", resource: "Deployment backend-mainnet/projector" },
        text: "fits no node of pool general, ever: requests 6000Mi of memory where an empty s-4vcpu-8gb has 5984Mi",
        setting: "gx.workloads.projector.resources.requests.memory",
        fix:
          "lower gx.workloads.projector.resources.requests.memory to 5984Mi, or make platform.pools.general.size s-8vcpu-16gb, " +
          "the smallest of its family that works (+ $ 48.00 a month for each node)",
        page: "docs/runbooks/node-pools.md",
      },
    ]);
    const situations = async (memory: string) =>
      capacity(await rendered("prod", projector(memory))).findings.map(({ situation }) => situation);
    expect(await situations("5984Mi")).not.toContain("never");
    expect(await situations("5985Mi")).toContain("never");
    expect(capacity(before).findings).toEqual([]);
  });

  it("stops a merge, and says whether the change brings it", async () => {
    const [good, bad] = [await rendered("prod"), await rendered("prod", projector("6000Mi"))];
    expect(capacityDangers(capacity(good, bad))).toEqual([]);
    expect(capacityDangers(capacity(bad))).toMatchObject([{ kind: "capacity", level: "stop" }]);
    const text = (before?: readonly Resource[]) => capacityDangers(capacity(bad, before))[0]?.text;
    expect(text()).toMatch(/has 5984Mi$/);
    expect(text(good)).toMatch(/; new with this change$/);
    expect(text(bad)).toMatch(/; as before this change$/);
    // A wait for the autoscaler is no reason to stop.
    const waiting = capacity(await rendered("prod", { "doks-systems:platform": { pools: { general: { min: 2 } } } }));
    expect(waiting.findings).not.toEqual([]);
    expect(capacityDangers(waiting)).toEqual([]);
  });

  it("may be Prometheus, which has settings of its own", async () => {
    const resources = { requests: { cpu: "500m", memory: "3Gi" }, limits: { cpu: "2", memory: "3Gi" } };
    const monitoring = { pool: null, resources };
    const { findings } = capacity(await rendered("prod", { "doks-systems:platform": { monitoring } }));
    expect(findings[0]).toMatchObject({
      resource: "Release prometheus/prometheus",
      setting: "platform.monitoring.resources.requests.memory",
      fix: expect.stringMatching(
        /^lower \S+ to 2400Mi, or make platform\.cluster\.systemPool\.size s-4vcpu-8gb, .*another cluster.*, or name another pool: platform\.monitoring\.pool$/,
      ) as string,
    });
  });

  it("leaves to its own setting only what is not beside it", () => {
    const template = podOf({ containers: [wants("1Gi"), wants("2Gi")] });
    const [finding] = capacity([node("s-2vcpu-4gb"), ...inSystem(template)]).findings;
    // 2432Mi on an empty node, less the 2Gi of the second container.
    expect(finding?.fix).toContain("lower gx.workloads.d.resources.requests.memory to 384Mi, or make");
  });

  it("is none where one of the pools would hold it", () => {
    const anywhere = { ...podOf({ containers: [wants("5Gi")] }), nodeSelector: undefined };
    const findings = (...sizes: string[]) =>
      capacity([...sizes.map((size, i) => node(size, `p${i}`)), ...inSystem(anywhere)]).findings;
    expect(findings("s-2vcpu-4gb", "s-4vcpu-8gb")).toEqual([]);
    expect(findings("s-2vcpu-4gb").map(({ text }) => text)).toEqual([
      expect.stringContaining("fits no node of any pool, ever"),
    ]);
  });

  it("is found where its pool is missing", () => {
    const elsewhere = { ...podOf({ containers: [wants("1Gi")] }), nodeSelector: { [poolLabel]: "batch" } };
    expect(capacity([node("s-2vcpu-4gb"), ...inSystem(elsewhere)]).findings).toMatchObject([
      {
        ...{ level: "problem", situation: "missing", text: "names pool batch, which this stack does not have" },
        fix: "add platform.pools.batch, or name another pool",
      },
    ]);
  });
});

describe("pods that must be on nodes of their own", () => {
  const nodes = "kubernetes.io/hostname";
  const apart = {
    ...podOf({ containers: [wants("64Mi")] }),
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: nodes, labelSelector: { matchLabels: { a: "d" } } },
        ],
      },
    },
  };

  it("need as many nodes, however small they are", () => {
    const given = (replicas: number) => capacity([node("s-4vcpu-8gb"), ...inSystem(apart, replicas)]).findings;
    expect(given(2)).toMatchObject([{ situation: "drained" }]);
    expect(given(3)).toMatchObject([
      {
        level: "problem",
        text: "waits for a node with 1 of 3 pods for good: pool general is full, though grown to its end",
      },
    ]);
  });

  it("may be more on a node where they only must be even, until a node has no room left", () => {
    const even = (minDomains: number) => ({
      ...podOf({ containers: [wants("1Gi")] }),
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          minDomains,
          topologyKey: nodes,
          whenUnsatisfiable: "DoNotSchedule",
          labelSelector: { matchLabels: { a: "d" } },
        },
      ],
    });
    const given = (minDomains: number, replicas: number) =>
      capacity([node("s-4vcpu-8gb"), ...inSystem(even(minDomains), replicas)]).findings.map(
        ({ situation }) => situation,
      );
    expect(given(1, 5)).toEqual([]);
    // Three nodes are asked for, and the pool has two: one pod on each.
    expect(given(3, 2)).toEqual(["drained"]);
    expect(given(3, 3)).toEqual(["full"]);
  });
});

describe("the section of capacity", () => {
  const rowsOf = async (patch: Patch) => capacitySection({ capacity: capacity(await rendered("prod", patch)) });

  it("says that everything fits, and leaves no number out", async () => {
    const section = await rowsOf({});
    expect(section?.verdict).toEqual({ text: "everything fits", tone: "good" });
    expect(section?.items).toEqual([]);
    expect(
      section?.table?.rows.flat().filter((cell) => typeof cell !== "string" && (cell.tone ?? "plain") !== "plain"),
    ).toEqual([]);
  });

  it("marks what is requested beyond what a pool may ever have, and what only autoscalers may ask beyond it", async () => {
    const tone = async (general: object, column: number) => {
      const section = await rowsOf({ "doks-systems:platform": { pools: { general } } });
      const row = section?.table?.rows.find(([first]) => typeof first === "object" && first.text === "general");
      const cell = row?.[column];
      return typeof cell === "string" ? cell : [cell?.tone, cell?.text];
    };
    expect(await tone({ min: 2, max: 2 }, 2)).toEqual(["bad", expect.stringMatching(/^1\d\d % to /)]);
    expect(await tone({ max: 20 }, 3)).toEqual(["warn", expect.stringMatching(/^\d\d % to 1\d\d %$/)]);
  });

  it("is left out where the cluster is not this stack's", async () => {
    expect(capacitySection({ capacity: capacity(await rendered("local")) })).toBeUndefined();
  });
});

describe("the setting of a workload", () => {
  it.each(["prod", "staging", "local"])("of %s is one that the settings have", async (name) => {
    const { facts } = parseSettings(name, readStackFile(name));
    const known = Object.entries(facts).flatMap(([key, { shapes }]) =>
      Object.keys(shapes).map((workload) => `${key.replace("doks-systems:", "")}.workloads.${workload}`),
    );
    const found = podGroups(await rendered(name)).flatMap(({ setting }) => setting ?? []);
    expect(found.filter((path) => path !== "platform.monitoring" && !known.includes(path))).toEqual([]);
    // Every workload of every system has one.
    expect(found.filter((path) => path !== "platform.monitoring").toSorted()).toEqual(known.toSorted());
  });
});

describe("sizes of the same family", () => {
  it("have the same kind of processor and disk, from small to large", () => {
    expect(sizesLike("c-2")).toEqual(["c-2", "c-4", "c-8", "c-16", "c-32", "c-48"]);
    expect(sizesLike("s-2vcpu-4gb-120gb-intel").slice(0, 3)).toEqual([
      ...["s-1vcpu-2gb-70gb-intel", "s-2vcpu-2gb-90gb-intel", "s-2vcpu-4gb-120gb-intel"],
    ]);
    expect(sizesLike("x-huge")).toEqual([]);
    for (const size of sizesLike("s-1vcpu-2gb")) expect(roomOn(size)).toBeDefined();
  });
});

const poolLabel = "doks.digitalocean.com/node-pool";

function node(size: string, name = "general"): Resource {
  const type = "digitalocean:index/kubernetesNodePool:KubernetesNodePool";
  return resourceOf({ type, name, urn: name, inputs: { name, size, minNodes: 2, maxNodes: 2 } });
}

function wants(memory: string): object {
  return { resources: { requests: { memory } } };
}

function podOf(spec: { containers: readonly object[] }): Record<string, unknown> {
  return { nodeSelector: { [poolLabel]: "general" }, ...spec };
}

/** A Deployment of GX. */
function inSystem(spec: object, replicas = 1): Resource[] {
  const inputs = {
    metadata: { name: "d", namespace: "n" },
    spec: { replicas, strategy: { type: "Recreate" }, template: { metadata: { labels: { a: "d" } }, spec } },
  };
  return [
    resourceOf({ type: "pulumi:pulumi:Stack", name: "s", urn: "s" }),
    resourceOf({ type: "doks-systems:gx:Gx", name: "gx", urn: "gx", parent: "s" }),
    resourceOf({ type: "kubernetes:apps/v1:Deployment", name: "d", urn: "d", parent: "gx", inputs }),
  ];
}
