/** No stack file that is accepted renders what the simulated DigitalOcean refuses; and what it would be asked for. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { databaseSizes } from "../../../catalogue/databases.ts";
import { dropletSizes } from "../../../catalogue/droplets.ts";
import { regions } from "../../../catalogue/regions.ts";
import { render } from "../../../graph/render/render.ts";
import { PaperAccount, refusalsOf } from "../../../sandbox/digitalocean/refusals.ts";
import { requestsOf } from "../../../sandbox/digitalocean/requests.ts";
import { readStackFile, type Patch } from "../../../graph/render/configuration.ts";
import { SettingsError } from "../../../settings/reading/error.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { systemKeys } from "../../support/stack.ts";

const key = "doks-systems:platform";

describe("DigitalOcean", () => {
  it("takes every stack that is shipped, all of them in one account", async () => {
    const account = new PaperAccount();
    const stacks = ["prod", "staging", "local"];
    for (const stack of stacks) {
      const { resources } = await render(stack);
      expect(refusalsOf(resources), stack).toEqual([]);
      expect(refusalsOf(resources, account), `${stack} beside the others`).toEqual([]);
    }
    expect([...account.clusters.values()].map(({ name }) => name)).toEqual(["doks-prod", "doks-staging"]);
  });

  it("takes one stack once: names and ranges are the account's", async () => {
    const { resources } = await render("staging");
    const account = new PaperAccount();
    expect(refusalsOf(resources, account)).toEqual([]);
    const again = refusalsOf(resources, account);
    expect(again[0]).toMatch(/^Project platform: 409 name is already in use/);
    expect(again[1]).toMatch(/^Vpc platform-vpc: 422 a VPC with the same name already exists in your account/);
    // Nothing is asked for in a cluster that is not there.
    expect(again.filter((one) => /Kubernetes/.test(one))).toEqual([]);
  });

  it("refuses a second stack whose network has the first one's range", async () => {
    const account = new PaperAccount();
    const prod = await render("prod");
    const { vpcRange } = rangesOf(prod.resources);
    refusalsOf(prod.resources, account);
    const { resources } = await render("staging", { [key]: { cluster: { vpcRange } } });
    expect(refusalsOf(resources, account)).toEqual([
      `Vpc platform-vpc: 422 This range/size overlaps with another VPC network in your account: doks-prod ${vpcRange}.`,
    ]);
  });

  it("is asked by a stack for what its provider would ask for", async () => {
    const { resources } = await render("prod");
    const requests = requestsOf(resources);
    const bodyOf = (by: string) => requests.find((one) => one.by === by)?.body;
    expect(bodyOf("KubernetesCluster platform")).toMatchObject({
      ...{ name: "doks-prod", region: "nyc1", version: "1.36.3-do.0", ha: true, auto_upgrade: true },
      node_pools: [{ name: "system", size: "s-2vcpu-4gb", count: 2, tags: ["terraform:default-node-pool"] }],
      maintenance_policy: { day: "sunday", start_time: "04:00" },
    });
    expect(bodyOf("KubernetesNodePool platform-general")).toEqual({
      ...{ name: "general", size: "s-4vcpu-8gb", auto_scale: true, min_nodes: 5, max_nodes: 32 },
    });
    expect(bodyOf("DatabaseCluster gx-postgres")).toMatchObject({ engine: "pg", size: "db-s-1vcpu-2gb", num_nodes: 2 });
    const order = requests.map(({ by }) => by.split(" ")[0]);
    expect(order.indexOf("Vpc")).toBeLessThan(order.indexOf("KubernetesCluster"));
    expect(order.indexOf("SpacesBucket")).toBeLessThan(order.indexOf("SpacesKey"));
    const volume = requests.find(({ by }) => by === "StatefulSet ipfs-cache-postgres");
    expect(volume?.body).toEqual({ bytes: 20 * 2 ** 30 });
  });
});

/** Anything that a stack may say of its ground and of GX' servers; most of it is wrong. */
const said = fc.record({
  region: fc.constantFrom(...regions),
  version: fc.constantFrom("1.20", "1.34", "1.35", "1.36", "1.99"),
  vpcRange: fc.constantFrom(
    "10.20.0.0/20",
    "10.20.3.0/20",
    "10.10.0.0/20",
    "192.0.2.0/24",
    "172.20.0.0/16",
    "10.30.0.0/30",
  ),
  clusterSubnet: fc.constantFrom("10.100.0.0/16", "10.100.0.0/18", "10.244.0.0/16", "10.20.0.0/16", "172.20.0.0/16"),
  serviceSubnet: fc.constantFrom("10.101.0.0/19", "10.245.0.0/19", "10.100.64.0/19", "192.168.0.0/22"),
  systemPool: fc.record({
    size: fc.constantFrom("s-2vcpu-4gb", "s-4vcpu-8gb", "s-5vcpu-9gb"),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  size: fc.constantFrom(...dropletSizes),
  min: fc.integer({ min: 1, max: 30 }),
  max: fc.integer({ min: 1, max: 130 }),
  tier: fc.constantFrom("starter", "basic", "professional"),
  database: fc.record({
    size: fc.constantFrom(...databaseSizes("pg"), "db-s-9vcpu-1gb"),
    nodes: fc.integer({ min: 1, max: 4 }),
    version: fc.constantFrom("11", "15", "16", "17", "18"),
  }),
  redis: fc.record({ size: fc.constantFrom(...databaseSizes("valkey")), nodes: fc.integer({ min: 1, max: 4 }) }),
});

describe("whatever a stack says of its ground", () => {
  it("is refused by its settings, or by nobody", async () => {
    const others = Object.fromEntries(
      systemKeys.filter((name) => name !== "gx").map((name) => [`doks-systems:${name}`, null]),
    );
    let accepted = 0;
    const tried = fc.sample(said, { numRuns: 6000, seed: 20261128 });
    for (const {
      region,
      version,
      vpcRange,
      clusterSubnet,
      serviceSubnet,
      systemPool,
      size,
      min,
      max,
      ...rest
    } of tried) {
      if (accepted === 12) break;
      const patch: Patch = {
        ...others,
        [key]: {
          region,
          cluster: { version, vpcRange, clusterSubnet, serviceSubnet, systemPool },
          pools: { general: { size, min, max }, "default-pool": null, "dedicated-cpu-optimized": null },
          registry: { tier: rest.tier },
        },
        "doks-systems:gx": {
          database: { kind: "managed", ...rest.database },
          redis: { kind: "managed", ...rest.redis },
          imageSupports: { redisTls: true },
        },
      };
      if (!isAccepted(patch)) continue;
      accepted += 1;
      const { resources } = await render("prod", patch);
      expect(refusalsOf(resources), JSON.stringify(patch)).toEqual([]);
    }
    expect(accepted).toBe(12);
  });
});

function isAccepted(patch: Patch): boolean {
  try {
    parseSettings("prod", readStackFile("prod", patch));
    return true;
  } catch (error) {
    if (error instanceof SettingsError) return false;
    throw error;
  }
}

function rangesOf(resources: readonly { type: string; inputs: Record<string, unknown> }[]) {
  const vpc = resources.find(({ type }) => type.endsWith(":Vpc"));
  return { vpcRange: String(vpc?.inputs["ipRange"]) };
}
