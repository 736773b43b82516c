/** What the simulated DigitalOcean refuses of clusters and node pools, with where that is public. */
import { describe, expect, it } from "vitest";
import {
  apiReference,
  clusterBody,
  createClusters,
  kubernetesLimits,
  planYourNetwork,
  pool,
  refusals,
  Tenant,
} from "../../support/digitalocean/refusals.ts";

refusals({
  "a cluster": {
    path: () => "/v2/kubernetes/clusters",
    right: { ...clusterBody, name: "second", cluster_subnet: "10.102.0.0/16", service_subnet: "10.103.0.0/19" },
    wrong: [
      [
        "with a name that is taken",
        "terraform-provider-digitalocean",
        { name: "doks" },
        /^422 a cluster with this name already/,
      ],
      ["with an underscore in its name", "linode/apl-core#1471", { name: "doks_prod" }, /invalid name/],
      [
        "of a version that is retired",
        "terraform-provider-digitalocean#1443",
        { version: "1.20.2-do.0" },
        /invalid version slug$/,
      ],
      ["of a minor, which means its newest patch, is right", apiReference, { version: "1.36" }, /^201$/],
      ["in a region without Kubernetes", "documentation, Regional availability", { region: "nyc2" }, /region nyc2/],
      [
        "with nodes of a size that is not there",
        "terraform-provider-digitalocean#827",
        { node_pools: [{ ...pool, size: "s-5vcpu-9gb" }] },
        /specs\[0\]\.invalid droplet size/,
      ],
      [
        "with a long name of a pool",
        "csi-digitalocean#279",
        { node_pools: [{ ...pool, name: "p".repeat(56) }] },
        /pool names cannot be greater than 55/,
      ],
      ["with two pools of one name", apiReference, { node_pools: [pool, pool] }, /must be unique/],
      ["without a node", apiReference, { node_pools: [{ ...pool, count: 0 }] }, /at least one worker/],
      ["in a VPC that is not there", apiReference, { vpc_uuid: "elsewhere" }, /vpc not found/],
      [
        "with pods and Services in one range",
        createClusters,
        { service_subnet: "10.102.4.0/22" },
        /cluster_subnet and service_subnet overlap/,
      ],
      [
        "with pods in another cluster's range",
        "mcp-digitalocean#260",
        { cluster_subnet: "10.100.0.0/17" },
        /^422 creating vpc pod subnet overlay: .*This range\/size overlaps/,
      ],
      [
        "with pods in a VPC's range",
        createClusters,
        { cluster_subnet: "10.20.0.0/16" },
        /creating vpc pod subnet overlay/,
      ],
      [
        "with Services in another cluster's range",
        createClusters,
        { service_subnet: "10.101.0.0/22" },
        /creating vpc service subnet overlay/,
      ],
      [
        "with pods in a range of DigitalOcean's own",
        planYourNetwork,
        { cluster_subnet: "10.244.0.0/16" },
        /reserved .*10\.244/,
      ],
      ["with public addresses for pods", createClusters, { cluster_subnet: "100.64.0.0/16" }, /RFC 1918/],
      [
        "with more nodes than its pods have room for",
        createClusters,
        { cluster_subnet: "10.102.0.0/24", node_pools: [{ ...pool, count: 3 }] },
        /room for 2 nodes/,
      ],
      [
        "with as many nodes as its pods have room for is right",
        createClusters,
        { cluster_subnet: "10.102.0.0/24" },
        /^201$/,
      ],
      [
        "with more nodes than the account may have Droplets",
        kubernetesLimits,
        { node_pools: [{ ...pool, count: 99 }] },
        /Droplet limit: 100/,
      ],
      [
        "with more nodes than a cluster may have",
        kubernetesLimits,
        { node_pools: [{ ...pool, count: 513 }] },
        /at most 512 nodes/,
      ],
      ["with isolated workers, without a NAT gateway", apiReference, { isolated_workers: true }, /NAT gateway/],
      ["with a tag of DigitalOcean's own", kubernetesLimits, { tags: ["k8s:mine"] }, /prefix k8s is reserved/],
      ["with a space in a tag", apiReference, { tags: ["my tag"] }, /tags may contain/],
      [
        "with a day that is not there",
        apiReference,
        { maintenance_policy: { day: "someday", start_time: "04:00" } },
        /maintenance_policy\.day/,
      ],
    ],
  },
  "a node pool": {
    path: ({ cluster }) => `/v2/kubernetes/clusters/${cluster}/node_pools`,
    right: { name: "general", size: "s-4vcpu-8gb", auto_scale: true, min_nodes: 2, max_nodes: 4 },
    wrong: [
      ["with a name that is taken", apiReference, { name: "system" }, /^422 a node pool with this name/],
      [
        "with a minimum above its maximum",
        apiReference,
        { min_nodes: 20, max_nodes: 10 },
        /max_nodes must be at least min_nodes/,
      ],
      ["with a maximum that no cluster reaches", kubernetesLimits, { max_nodes: 513 }, /at most 512/],
      [
        "with a label that no node can have",
        "Kubernetes, Labels and Selectors",
        { labels: { tier: "a b" } },
        /invalid label or taint tier=a b/,
      ],
      [
        "with an effect that is not there",
        apiReference,
        { taints: [{ key: "a", value: "b", effect: "Never" }] },
        /taints\.0\.effect/,
      ],
      [
        "with a taint twice",
        "terraform-provider-digitalocean, kubernetes_cluster.md",
        { taints: [1, 2].map((value) => ({ key: "a", value: String(value), effect: "NoSchedule" })) },
        /unique by key and effect/,
      ],
      ["with an underscore in its name", "Kubernetes, Node names", { name: "my_pool" }, /invalid pool name/],
    ],
  },
  "a change of a cluster": {
    method: "PUT",
    path: ({ cluster }) => `/v2/kubernetes/clusters/${cluster}`,
    right: { name: "doks", ha: true },
    wrong: [
      ["that takes high availability away", apiReference, { ha: false }, /^422 high availability cannot be disabled/],
    ],
  },
  "an upgrade": {
    path: ({ cluster }) => `/v2/kubernetes/clusters/${cluster}/upgrade`,
    right: { version: "1.36.3-do.0" },
    wrong: [
      [
        "to an older version",
        "documentation, How to upgrade Kubernetes clusters",
        { version: "1.34.3-do.0" },
        /^422 cannot downgrade/,
      ],
      [
        "to a version that is not there",
        "terraform-provider-digitalocean#1443",
        { version: "1.99" },
        /invalid version slug/,
      ],
    ],
  },
});

describe("clusters", () => {
  it("skip no minor of Kubernetes (documentation, How to upgrade Kubernetes clusters)", () => {
    const tenant = new Tenant();
    for (const one of tenant.account.clusters.values()) one.version = "1.34.1-do.1";
    const upgrade = (version: string) =>
      tenant.outcome("POST", `/v2/kubernetes/clusters/${tenant.cluster}/upgrade`, { version });
    expect(upgrade("1.36")).toMatch(/^422 .*cannot be skipped/);
    expect(upgrade("1.35")).toBe("202");
  });

  it("are highly available from 1.36 on where nobody says no (API reference)", () => {
    const tenant = new Tenant();
    const { ha: _ha, ...silent } = clusterBody;
    const ranges = (i: number) => ({ cluster_subnet: `10.${i}.0.0/16`, service_subnet: `10.${i + 1}.0.0/19` });
    tenant.ask("POST", "/v2/kubernetes/clusters", { ...silent, ...ranges(104), name: "new", version: "1.36.3-do.0" });
    tenant.ask("POST", "/v2/kubernetes/clusters", { ...silent, ...ranges(106), name: "old" });
    const ha = new Map([...tenant.account.clusters.values()].map((one) => [one.name, one.ha]));
    expect([ha.get("new"), ha.get("old")]).toEqual([true, false]);
  });
});
