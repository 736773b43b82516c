/** A stack on a DOKS cluster that is there, and on one that only a kubeconfig leads to: what of it is used, and what is made. */
import { describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { capacity } from "../../../preview/review/capacity/capacity.ts";
import { cost } from "../../../preview/review/cost/cost.ts";
import { difference } from "../../../preview/review/difference.ts";
import { alone, ownClusterOnly, problems, type Loose } from "../../support/stack.ts";
import { bowmark, clusterId, platform } from "./support.ts";

const gx = alone("gx");
const on = (cluster: object, pools: object = {}) => ({
  [platform]: {
    cluster: { source: "existing", ...ownClusterOnly, ...cluster },
    pools: { "default-pool": { kind: "existing", size: null, min: null, max: null }, ...pools },
  },
});
const there = { kind: "existing", size: "s-4vcpu-8gb", min: 4, max: 6 };
const named = on({ name: "k8s-prod" });
const poolLabel = "doks.digitalocean.com/node-pool";

describe("a DOKS cluster that exists", () => {
  it("is no resource of the stack, nor is its network; its pools are made only where the settings do not say that they are there", async () => {
    const rendered = await bowmark("prod", named);
    expect(rendered.names("KubernetesCluster")).toEqual([]);
    expect(rendered.names("Vpc")).toEqual([]);
    expect(rendered.names("KubernetesNodePool")).toEqual(["dedicated-cpu-optimized", "general"]);
    const pool = rendered.one("KubernetesNodePool", "general");
    expect(pool.inputs.clusterId).toBe(clusterId(rendered));
    expect(pool.protect).toBe(true);
  });

  it("runs pods on the pools that the settings name, and add-ons on any node unless they name a pool for them", async () => {
    const rendered = await bowmark("prod", named);
    expect(rendered.podSpec("Deployment", "client-deployment").nodeSelector).toEqual({ [poolLabel]: "default-pool" });
    expect(rendered.one("Release", "cert-manager").inputs.values.nodeSelector).toBeUndefined();
    const system = on({ name: "k8s-prod" }, { system: { kind: "existing" } });
    const values: Loose = (await bowmark("prod", system)).one("Release", "cert-manager").inputs.values;
    expect(values.nodeSelector).toEqual({ [poolLabel]: "system" });
  });

  it("lets in no pods before others' and has the volumes of DOKS", async () => {
    const rendered = await bowmark("prod", named);
    expect(rendered.names("PriorityClass")).toEqual([]);
    expect(rendered.podSpec("StatefulSet", "postgres").priorityClassName).toBeUndefined();
    const claims: Loose = rendered.object("StatefulSet", "postgres").spec.volumeClaimTemplates;
    expect(claims[0].spec.storageClassName).toBe("do-block-storage");
  });

  it("has managed databases in its network, which let it in; they, and not it, are in the stack's project", async () => {
    const rendered = await gx("prod", named);
    const database = rendered.one("DatabaseCluster", "gx-postgres-prod").inputs;
    expect(database.region).toBe("nyc1");
    const [rule] = rendered.one("DatabaseFirewall", "gx-postgres").inputs.rules;
    expect(rule).toEqual({ type: "k8s", value: clusterId(rendered) });
    expect(database.privateNetworkUuid).not.toBe(clusterId(rendered));
    const members = rendered.all("ProjectResources").flatMap(({ inputs }) => inputs["resources"] as string[]);
    expect(members.filter((urn) => urn.startsWith("do:dbaas:"))).toHaveLength(1);
    expect(members.filter((urn) => urn.startsWith("do:kubernetes:"))).toEqual([]);
  });

  it("gives people a kubeconfig without a credential, and other stacks what they need to run on it", async () => {
    const rendered = await bowmark("prod", { ...named, "digitalocean:token": "token-1" });
    const { kubeconfig, cluster } = rendered.rendering.outputs["platform"] as { kubeconfig: string; cluster: object };
    expect(kubeconfig).toContain("command: doctl");
    expect(JSON.stringify(rendered.rendering.outputs["platform"])).not.toContain("token-1");
    expect(rendered.rendering.secretOutputs).toEqual(["secrets"]);
    expect(cluster).toMatchObject({ name: "k8s-prod", clusterId: clusterId(rendered), region: "nyc1" });
  });

  it("is known by its id as well", async () => {
    const id = "8d91899c-0739-4a1a-acc5-deadbeefbb8f";
    const rendered = await gx("prod", on({ id }));
    expect(clusterId(rendered)).toBe(id);
  });

  it("that is another one takes every object along, and the review says so", async () => {
    const [before, after] = [await gx("staging", named), await gx("staging", on({ name: "k8s-new" }))];
    const changes = difference(maskedResources(before.rendering), maskedResources(after.rendering));
    const api = changes.find(
      ({ resource }) => resource.name === "gx-svc-identity" && resource.type.endsWith(":Deployment"),
    );
    expect(api?.operation).toBe("replace");
  });

  it("is counted as far as the settings know it, and costs this stack nothing", async () => {
    const known = on({ name: "k8s-prod" }, { "dedicated-cpu-optimized": { ...there, size: "c-2" } });
    const resources = maskedResources((await bowmark("prod", known)).rendering);
    const { pools, findings, unknown } = capacity(resources);
    expect(pools.map(({ pool }) => [pool.name, pool.min, pool.max])).toEqual([
      ["general", 5, 32],
      ["dedicated-cpu-optimized", 4, 6],
    ]);
    expect(findings).toEqual([]);
    expect(unknown).toEqual([
      "what else runs on dedicated-cpu-optimized, which the cluster had before",
      "pods of default-pool: the settings do not say its size and max",
      "pods that name no pool: they may run on nodes that the settings do not name",
    ]);
    const { items, others } = cost(resources);
    expect(others).toBe("cluster k8s-prod");
    expect(items.filter(({ what }) => /pool|control plane/.test(what)).map(({ what }) => what)).toEqual([
      "pool general: 5 to 32 × s-4vcpu-8gb",
    ]);
  });

  it("that is too small is to be made larger where it was made", async () => {
    const small = on({ name: "k8s-prod" }, { "dedicated-cpu-optimized": { ...there, size: "c-2", min: 2, max: 2 } });
    const { findings } = capacity(maskedResources((await bowmark("prod", small)).rendering));
    expect(findings.map(({ fix }) => fix)).toContainEqual(
      expect.stringMatching(
        /^at DigitalOcean first, then here: raise platform\.pools\.dedicated-cpu-optimized\.min and max from 2 to /,
      ),
    );
  });
});

describe("a cluster that only a kubeconfig leads to", () => {
  const claims = (rendered: Awaited<ReturnType<typeof bowmark>>) =>
    rendered
      .all("StatefulSet")
      .map(({ inputs }) => (inputs as Loose).spec.volumeClaimTemplates[0].spec.storageClassName);

  it("gives every volume the class that the settings name", async () => {
    const rendered = await bowmark("local", { [platform]: { cluster: { storageClass: "fast-retain" } } });
    expect(claims(rendered)).toEqual(["fast-retain", "fast-retain"]);
    const byDefault = await bowmark("local", { [platform]: { cluster: { storageClass: "default" } } });
    expect(claims(byDefault)).toEqual([undefined, undefined]);
  });

  it("keeps pods to its pools by the label that its nodes have", async () => {
    const pools = {
      general: { kind: "existing" },
      "default-pool": { kind: "existing" },
      "dedicated-cpu-optimized": { kind: "existing" },
    };
    const doks = await bowmark("local", { [platform]: { cluster: { nodeSelectors: {} }, pools } });
    expect(doks.podSpec("StatefulSet", "postgres").nodeSelector).toEqual({ [poolLabel]: "default-pool" });
    const own = { cluster: { nodeSelectors: { label: "example.com/pool" } }, pools };
    const rendered = await bowmark("local", { [platform]: own });
    expect(rendered.podSpec("StatefulSet", "postgres").nodeSelector).toEqual({ "example.com/pool": "default-pool" });
  });

  it("is asked for no pool that the settings do not name", () => {
    const found = problems("local", { [platform]: { cluster: { nodeSelectors: {} } } });
    expect(found).toContainEqual(
      expect.objectContaining({
        path: "doks-systems:gx.pool",
        fix: expect.stringContaining("with kind: existing if the cluster has it") as string,
      }),
    );
  });
});
