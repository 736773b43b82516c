/** What preflight finds in an account, before the first update of a stack: ranges, registries, zones, databases on offer. */
import { describe, expect, it } from "vitest";
import { checkSurroundings } from "../../../preflight/checks.ts";
import { readStackFile, type Patch } from "../../../graph/render/configuration.ts";
import { PaperAccount } from "../../../sandbox/digitalocean/refusals.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { simulatedAccount } from "../../support/digitalocean/simulated-account.ts";

const key = "doks-systems:platform";
const simulated = simulatedAccount(() => new PaperAccount());

const check = (patch: Patch = {}, stack = "prod") => {
  const { platform, facts } = parseSettings(stack, readStackFile(stack, patch));
  return checkSurroundings(stack, platform, "good", facts);
};
const post = async (path: string, body: object) => {
  const headers = { authorization: "Bearer good" };
  const answer = await fetch(simulated.api.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(201);
};
const cluster = {
  ...{ name: "other", region: "nyc1", version: "1.36" },
  node_pools: [{ name: "system", size: "s-2vcpu-4gb", count: 1 }],
};

describe("preflight of a new stack", () => {
  it("asks few questions, and finds nothing in an account that is used by nobody", async () => {
    expect(await check()).toEqual([]);
    expect(simulated.api.journal.map(({ path }) => path).toSorted()).toEqual(
      [
        ...["/v2/account", "/v2/databases", "/v2/databases/options", "/v2/domains", "/v2/droplets"],
        ...["/v2/kubernetes/clusters", "/v2/kubernetes/options", "/v2/registries", "/v2/vpcs"],
      ].toSorted(),
    );
  });

  it("tells a range that a VPC of the account has", async () => {
    await post("/v2/vpcs", { name: "office", region: "fra1", ip_range: "10.20.8.0/21" });
    expect(await check()).toEqual([
      expect.objectContaining({
        path: `${key}.cluster.vpcRange`,
        problem: "overlaps the account's VPC office, 10.20.8.0/21",
      }),
    ]);
  });

  it("tells ranges that another cluster's pods and Services have", async () => {
    const ranges = { cluster_subnet: "10.100.0.0/17", service_subnet: "10.101.16.0/20" };
    await post("/v2/kubernetes/clusters", { ...cluster, ...ranges });
    expect((await check()).map(({ path, problem }) => `${path} ${problem}`)).toEqual([
      `${key}.cluster.clusterSubnet overlaps the account's pods of cluster other, 10.100.0.0/17`,
      `${key}.cluster.serviceSubnet overlaps the account's Services of cluster other, 10.101.16.0/20`,
    ]);
  });

  it("leaves a cluster alone whose pods meet no other network", async () => {
    await post("/v2/kubernetes/clusters", cluster);
    expect(await check()).toEqual([]);
  });

  it("does not take its own VPC, which an update that was cut off left, for somebody else's", async () => {
    await post("/v2/vpcs", { name: "doks-prod", region: "nyc1", ip_range: "10.20.0.0/20" });
    expect(await check()).toEqual([]);
  });

  it("tells a second registry that the tier does not have, and one that is not there", async () => {
    await post("/v2/registries", { name: "theirs", subscription_tier_slug: "basic", region: "nyc3" });
    const basic = { registry: { kind: "create", name: "geo", tier: "basic" } };
    expect(await check({ [key]: basic })).toEqual([
      expect.objectContaining({ path: `${key}.registry.tier`, problem: expect.stringContaining("has theirs") }),
    ]);
    const existing = { registry: { kind: "existing", name: "geo", tier: null } };
    expect(await check({ [key]: existing })).toEqual([
      expect.objectContaining({ path: `${key}.registry.name`, fix: "use one of theirs" }),
    ]);
  });

  it("tells a domain that is taken as given and is not there", async () => {
    const { account } = simulated.api;
    account.domains.delete("gxcoin.com");
    expect(await check()).toEqual([expect.objectContaining({ path: `${key}.domains.gxcoin.com` })]);
  });

  it("tells a database that is not on offer, which a lenient stack lets pass", async () => {
    const gx = { "doks-systems:gx": { database: { size: "db-s-9vcpu-1gb" } } };
    expect(await check({ ...gx, [key]: { catalogue: "lenient" } })).toEqual([
      expect.objectContaining({ path: "doks-systems:gx.database.size", value: '"db-s-9vcpu-1gb"' }),
    ]);
  });
});
