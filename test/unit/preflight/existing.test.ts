/** What preflight finds of a DOKS cluster that a stack takes as given. */
import { describe, expect, it } from "vitest";
import { checkSurroundings } from "../../../preflight/checks.ts";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { Account } from "../../../sandbox/digitalocean/account.ts";
import { giveCluster } from "../../../sandbox/digitalocean/api/kubernetes.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { simulatedAccount } from "../../support/digitalocean/simulated-account.ts";
import { ownClusterOnly } from "../../support/stack.ts";

const key = "doks-systems:platform";
const id = "8d91899c-0739-4a1a-acc5-deadbeefbb8f";
/** One whose clusters have a server that nobody answers for. */
const simulated = simulatedAccount(() => {
  const nothing = () => Promise.resolve();
  const host = { server: "https://127.0.0.1:1", ca: "", addNodes: nothing, removeNodes: nothing, stop: nothing };
  return new Account({
    tokens: ["good"],
    startHost: () => Promise.resolve(host),
    settleMs: 0,
    bucketExists: () => false,
  });
});
const pool = (name: string, size = "s-4vcpu-8gb") => ({ name, size, count: 1 });
const give = async (name: string, { region = "nyc1", version = "1.36", of = id } = {}) => {
  const pools = [pool("workers"), pool("default-pool"), pool("dedicated-cpu-optimized", "c-2")];
  await giveCluster(of, { name, region, version, ha: false, node_pools: pools }, simulated.api.account);
};
const check = (cluster: object, platform: object = {}) => {
  const pools = {
    general: { size: "s-4vcpu-8gb", min: 1, max: 40 },
    "default-pool": existing,
    "dedicated-cpu-optimized": existing,
  };
  const patch = {
    [key]: {
      cluster: { source: "existing", ...cluster, ...ownClusterOnly },
      registry: { kind: "none", name: null, tier: null },
      addons: { envoyGateway: "existing", certManager: "existing" },
      pools,
      ...platform,
    },
    ...Object.fromEntries(["hermes", "dotdo", "bowmark", "caracal"].map((name) => [`doks-systems:${name}`, null])),
    "doks-systems:gx": { images: { registry: "registry.example.com/gx", pullSecret: { kind: "none" } } },
  };
  const { platform: setting, facts } = parseSettings("prod", readStackFile("prod", patch));
  return checkSurroundings("prod", setting, "good", facts);
};
const existing = { kind: "existing", size: null, min: null, max: null };
const unanswered = { path: "cluster k8s-prod", problem: expect.stringContaining("does not answer") as string };

describe("preflight of a stack on a cluster that is there", () => {
  it("finds it by its name and by its id, and asks whether it answers", async () => {
    await give("k8s-prod");
    expect(await check({ name: "k8s-prod" })).toEqual([expect.objectContaining(unanswered)]);
    expect(await check({ id })).toEqual([expect.objectContaining(unanswered)]);
  });

  it("tells one that the account does not have, with those that it has", async () => {
    await give("k8s-staging");
    expect(await check({ name: "k8s-prod" })).toEqual([
      {
        path: `${key}.cluster.name`,
        value: '"k8s-prod"',
        problem: "is no cluster of the account",
        fix: "use one of k8s-staging",
      },
    ]);
    const [byId] = await check({ id: id.replace("8d", "9d") });
    expect(byId?.fix).toBe(`use one of ${id} (k8s-staging)`);
  });

  it("tells one that does not run", async () => {
    await give("k8s-prod");
    for (const cluster of simulated.api.account.clusters.values()) cluster.status = { state: "provisioning" };
    expect(await check({ name: "k8s-prod" })).toEqual([
      expect.objectContaining({ path: `${key}.cluster.name`, problem: "is in state provisioning" }),
    ]);
  });

  it("tells a version that this program does not know, unless the stack takes such", async () => {
    simulated.api.account.versions = ["1.31.9-do.5"];
    await give("k8s-prod", { version: "1.31" });
    const unknown = expect.objectContaining({
      path: `${key}.cluster.name`,
      problem: "runs Kubernetes 1.31.9-do.5, and this program knows 1.34, 1.35, 1.36",
    }) as object;
    expect(await check({ name: "k8s-prod" })).toContainEqual(unknown);
    expect(await check({ name: "k8s-prod" }, { catalogue: "lenient" })).not.toContainEqual(unknown);
  });

  it("tells a region in which managed databases could not join its network", async () => {
    await give("k8s-prod", { region: "fra1" });
    expect(await check({ name: "k8s-prod" })).toContainEqual(
      expect.objectContaining({ path: `${key}.region`, value: '"nyc1"', fix: "use fra1" }),
    );
  });

  it("tells a pool that it does not have, and one whose nodes are of another size", async () => {
    await give("k8s-prod");
    const pools = {
      general: existing,
      "default-pool": { ...existing, size: "s-2vcpu-4gb" },
      "dedicated-cpu-optimized": null,
    };
    expect(await check({ name: "k8s-prod" }, { pools })).toEqual([
      expect.objectContaining({ path: `${key}.pools.default-pool.size`, fix: "write s-4vcpu-8gb" }),
      expect.objectContaining({ path: `${key}.pools.general.kind`, problem: "is no pool of cluster k8s-prod" }),
      expect.objectContaining(unanswered),
    ]);
  });

  it("tells more nodes than the account may have, counting only pools that are still to be made", async () => {
    await give("k8s-prod");
    const many = { size: "s-4vcpu-8gb", min: 98, max: 100 };
    expect(await check({ name: "k8s-prod" }, { pools: { general: many } })).toContainEqual(
      expect.objectContaining({ path: `${key}.pools`, value: "98 nodes at least" }),
    );
    expect(await check({ name: "k8s-prod" }, { pools: { workers: many } })).not.toContainEqual(
      expect.objectContaining({ path: `${key}.pools` }),
    );
  });

  it("tells one that is beyond what the provider looks at", async () => {
    const others = Array.from({ length: 20 }, (_, i) => i);
    for (const i of others) await give(`other-${i}`, { of: id.replace("bb8f", String(1000 + i)) });
    await give("k8s-prod");
    expect(await check({ name: "k8s-prod" })).toContainEqual(
      expect.objectContaining({ problem: expect.stringContaining("is not among the first 20 clusters") as string }),
    );
  });
});
