/** A stack on a DOKS cluster of the account that nobody made with this program: `cluster.source: existing`. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stage, merged, noEngine, only } from "../../support/stage.ts";
import { ownClusterOnly } from "../../support/stack.ts";

const id = "8d91899c-0739-4a1a-acc5-deadbeefbb8f";
const platform = (cluster: object) => ({
  ...only("gx"),
  "doks-systems:platform": {
    cluster: { source: "existing", ...cluster, ...ownClusterOnly },
    pools: {
      "dedicated-cpu-optimized": null,
      "default-pool": null,
      general: { kind: "existing", size: "s-4vcpu-8gb", min: 3, max: 4 },
      batch: { size: "s-2vcpu-4gb", min: 1, max: 2 },
    },
    addons: { prometheus: "none" },
    monitoring: null,
  },
});

describe.skipIf(noEngine !== undefined)("production on a cluster that was there before", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open("prod", platform({ name: "k8s-prod" }));
    await stage.mustUp();
  });
  afterAll(() => stage.close());
  const cluster = () => {
    const [one] = [...stage.world.api.account.clusters.values()];
    if (one === undefined) throw new Error("the cluster is gone");
    return one;
  };

  it("runs on its pools and on one of its own, and a second update has nothing to do", async () => {
    expect(cluster().node_pools.map(({ name }) => name)).toEqual(["others", "general", "batch"]);
    const client = stage.cluster();
    const metadata = { name: "projector", namespace: "backend-mainnet" };
    const found = await client.get({ apiVersion: "apps/v1", kind: "Deployment", metadata });
    client.close();
    expect(found?.["status"].readyReplicas).toBeGreaterThan(0);
    await stage.settled();
  });

  it("opens its managed database to that cluster alone, in that cluster's network", () => {
    const [database] = [...stage.world.api.account.databases.values()];
    expect(database?.private_network_uuid).toBe(cluster().vpc_uuid);
    expect(database?.rules.map(({ type, value }) => [type, value])).toEqual([["k8s", cluster().id]]);
  });

  it("leaves the cluster out of its project, and as it was", async () => {
    const { projectOf } = stage.world.api.account;
    expect([...projectOf.keys()].some((urn) => urn.startsWith("do:kubernetes:"))).toBe(false);
    expect([...projectOf.keys()].some((urn) => urn.startsWith("do:dbaas:"))).toBe(true);
    const writes = ["POST", "PUT", "DELETE"].flatMap((method) => stage.calls(method, /^\/v2\/kubernetes\/clusters/));
    expect(writes).toEqual([`/v2/kubernetes/clusters/${cluster().id}/node_pools`]);
    expect(cluster().node_pools.flatMap(({ name, tags }) => (name === "batch" ? [] : tags))).toEqual([]);
    expect((await stage.resources()).map(({ type }) => type)).not.toContain(
      "digitalocean:index/kubernetesCluster:KubernetesCluster",
    );
  });

  it("tells other stacks where it is, with nothing secret in it", async () => {
    const { code, output } = await stage.run(["stack", "output", "platform", "--json"]);
    expect(code).toBe(0);
    const { clusterId, cluster: shared } = JSON.parse(output) as { clusterId: string; cluster: Record<string, string> };
    expect(clusterId).toBe(cluster().id);
    expect(shared).toMatchObject({ name: "k8s-prod", clusterId, vpcId: cluster().vpc_uuid, region: "nyc1" });
  });

  it("takes its id for its name, and nothing changes by that", async () => {
    const byId = platform({ id: cluster().id });
    await stage.rehearsal.configure(merged(byId, { "doks-systems:platform": { cluster: { name: null } } }));
    expect(await stage.planned()).toEqual([]);
  });
});

describe.skipIf(noEngine !== undefined)("a cluster that is not there", () => {
  it("ends the preview before anything is made, and names those that are", async () => {
    const stage = await Stage.open("prod", platform({ id }));
    await stage.rehearsal.configure(platform({ name: "k8s-porod" }));
    const { code, output } = await stage.run(["preview"]);
    await stage.close();
    expect(code).not.toBe(0);
    expect(output).toContain('platform.cluster.name ("k8s-porod"): is no cluster of the account');
    expect(output).toContain("use one of k8s-before");
  });
});
