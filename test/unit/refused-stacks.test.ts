/** No stack file that is accepted renders what the played DigitalOcean refuses; and what it would be asked for. */
import { describe, expect, it } from "vitest";
import { render } from "../../preview/render/render.ts";
import { PaperAccount, refusalsOf } from "../../sandbox/digitalocean/refusals.ts";
import { requestsOf } from "../../sandbox/digitalocean/requests.ts";

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

function rangesOf(resources: readonly { type: string; inputs: Record<string, unknown> }[]) {
  const vpc = resources.find(({ type }) => type.endsWith(":Vpc"));
  return { vpcRange: String(vpc?.inputs["ipRange"]) };
}
