/** What a stack costs: every price from the table, at both ends of autoscaling. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { resourceOf, type Resource } from "../../../graph/resource.ts";
import {
  changeLine,
  changeOf,
  cost,
  costChanges,
  costDifference,
  money,
  sumOf,
  total,
} from "../../../preview/review/cost/cost.ts";
import { renamed } from "../../../preview/review/difference.ts";
import { readStackFile, type Patch } from "../../../graph/render/configuration.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { stack, ownClusterOnly } from "../../support/stack.ts";

const rendered = async (name: string, patch: Patch = {}) => maskedResources((await stack(name, patch)).rendering);
const priced = (resources: readonly Resource[]) =>
  Object.fromEntries(cost(resources).items.map(({ system, what, monthly }) => [`${system} ${what}`, monthly]));
const same = (amount: number) => ({ min: amount, max: amount });
/** Pool `general`, which grows as its systems do, and its price a node. */
const { min = 0, max = 0 } = parseSettings("prod", readStackFile("prod")).platform.pools["general"] ?? {};
const general = { min, max };
const node = 48;

describe("the cost of a stack", () => {
  let prod: Resource[];
  beforeAll(async () => {
    prod = await rendered("prod");
  });

  it("has every paid part of prod, with its system", () => {
    expect(priced(prod)).toEqual({
      "account Spaces, once for all buckets (here 6)": same(5),
      "bow-mark volumes of postgres: 1 × 10 GiB": same(1),
      "bow-mark volumes of rabbitmq: 1 × 5 GiB": same(0.5),
      "caracal load balancer caracal-gateway: 1 × REGIONAL_NETWORK": same(15),
      "caracal volumes of caracal-kafka: 3 × 20 GiB": same(6),
      "caracal volumes of caracal-postgres: 1 × 10 GiB": same(1),
      "caracal volumes of caracal-redis: 1 × 10 GiB": same(1),
      "caracal volumes of caracal-zookeeper: 3 × 10 GiB": same(3),
      "gx gx-postgres-prod: 2 × db-s-1vcpu-2gb": same(60.9),
      "gx volumes of redis: 1 × 20 GiB": same(2),
      "hermes volumes of ipfs-cache-postgres: 1 × 20 GiB": same(2),
      "platform control plane: highly available": same(40),
      "platform load balancer edge: 1 × REGIONAL_NETWORK": same(15),
      "platform pool dedicated-cpu-optimized: 4 to 6 × c-2": { min: 168, max: 252 },
      "platform pool default-pool: 4 to 6 × s-1vcpu-2gb": { min: 48, max: 72 },
      [`platform pool general: ${general.min} to ${general.max} × s-4vcpu-8gb`]: {
        min: general.min * node,
        max: general.max * node,
      },
      "platform pool system: 2 × s-2vcpu-4gb": same(48),
      "platform registry geo: professional": same(20),
      "platform volumes of prometheus: 1 × 50 GiB": same(5),
    });
    expect(total(cost(prod).items)).toEqual({
      min: expect.closeTo(441.4 + general.min * node) as number,
      max: expect.closeTo(549.4 + general.max * node) as number,
      unpriced: 0,
    });
  });

  it("of a laptop's cluster is nothing", async () => {
    expect(cost(await rendered("local")).items).toEqual([]);
  });

  it("says what it has no price for, and does not count it as nothing unsaid", async () => {
    const patch = { "doks-systems:platform": { catalogue: "lenient", pools: { general: { size: "x-9vcpu-99gb" } } } };
    const items = cost(await rendered("prod", patch)).items.filter(({ monthly }) => monthly === undefined);
    const pool = `pool general: ${general.min} to ${general.max} × x-9vcpu-99gb`;
    expect(items.map(({ what }) => what)).toEqual([pool]);
    const after = cost(await rendered("prod", patch));
    expect(sumOf(after.items)).toBe("$ 441.40 to 549.40 and 1 without a known price");
    // Neither a saving nor a loss: nobody knows.
    const changes = costChanges(cost(prod), after);
    expect(changes.map(changeLine)).toEqual([
      `${pool}: ${money({ min: general.min * node, max: general.max * node })} → no price known`,
    ]);
    expect(costDifference(changes)).toBeUndefined();
    expect(changeOf(changes)).toBe("changed by what has no known price");
    const other = { "doks-systems:platform": { catalogue: "lenient", pools: { general: { size: "y-9vcpu-99gb" } } } };
    expect(costChanges(after, cost(await rendered("prod", other)))).toHaveLength(1);
  });

  it("counts a database's disk beyond what is included, on each of its nodes", () => {
    const database = (storageSizeMib: string) =>
      resourceOf({
        ...{ urn: "urn:a", type: "digitalocean:index/databaseCluster:DatabaseCluster", name: "pg" },
        inputs: { name: "pg", engine: "pg", size: "db-s-1vcpu-2gb", nodeCount: 2, storageSizeMib },
      });
    expect(priced([database("30720")])).toEqual({ "pg pg: 2 × db-s-1vcpu-2gb": same(60.9) });
    expect(priced([database("51200")])["pg pg disk: 20 GiB beyond what is included"]?.min).toBeCloseTo(2 * 20 * 0.215);
    const unknown = { ...database("51200"), inputs: { ...database("51200").inputs, size: "db-s-4vcpu-8gb" } };
    expect(priced([unknown])["pg pg disk: 50 GiB"]).toBeUndefined();
    expect(cost([unknown]).items).toHaveLength(2);
  });

  it("changes by what changed, and by nothing else", async () => {
    const patch: Patch = {
      "doks-systems:platform": { pools: { general: { max: general.max + 8 } } },
      "doks-systems:hermes": null,
      "doks-systems:caracal": { redis: { kind: "in-cluster", storage: "20Gi" } },
    };
    const after = await rendered("prod", patch);
    const changes = costChanges(cost(prod), cost(after));
    expect(changes.map(changeLine)).toEqual([
      "volumes of caracal-redis: 1 × 20 GiB: $ 1.00 → $ 2.00",
      "volumes of ipfs-cache-postgres: 1 × 20 GiB: $ 2.00 → nothing",
      `pool general: ${general.min} to ${general.max + 8} × s-4vcpu-8gb: ` +
        `${money({ min: general.min * node, max: general.max * node })} → ` +
        money({ min: general.min * node, max: (general.max + 8) * node }),
    ]);
    expect(changeOf(changes)).toBe("- $ 1.00 to + $ 383.00");
    expect(costChanges(cost(prod), cost(prod))).toEqual([]);
  });

  it("of what is only renamed does not change", () => {
    const set = prod.find(({ type, name }) => type.endsWith(":StatefulSet") && name === "bow-mark-postgres");
    if (set === undefined) throw new Error("no set");
    const renamedSet = { ...set, urn: `${set.urn}-2`, name: `${set.name}-2`, aliases: [set.urn] };
    const after = prod.map((one) => (one === set ? renamedSet : one));
    expect(costChanges(cost(prod), cost(after), renamed(prod, after))).toEqual([]);
  });

  it("tells two volumes of one chart apart", () => {
    const claim = (storage: string) => ({
      storageSpec: {
        volumeClaimTemplate: { spec: { storageClassName: "do-block-storage", resources: { requests: { storage } } } },
      },
    });
    const release = (size: string) =>
      resourceOf({
        ...{ urn: "urn:r", type: "kubernetes:helm.sh/v3:Release", name: "r" },
        inputs: { name: "r", values: { one: claim(size), two: claim("10Gi") } },
      });
    const changes = costChanges(cost([release("10Gi")]), cost([release("500Gi")]));
    expect(changes.map(changeLine)).toEqual(["volumes of r: 1 × 500 GiB: $ 1.00 → $ 50.00"]);
  });

  it("counts the load balancers of a stack on another stack's cluster", async () => {
    const shared = await rendered("staging", {
      "doks-systems:platform": {
        cluster: { source: "stack", stack: "acme/doks-systems/platform", ...ownClusterOnly },
        edge: { kind: "stack", acmeEmail: null, replicas: null },
        registry: { kind: "existing", name: "geo", tier: null },
        pools: null,
      },
    });
    expect(Object.keys(priced(shared))).toContain("caracal load balancer caracal-gateway: 1 × REGIONAL_NETWORK");
  });

  it("of any part of a stack is at most the whole's, and the minimum at most the maximum", () => {
    const whole = total(cost(prod).items);
    fc.assert(
      fc.property(fc.subarray(prod), (part) => {
        const { min, max } = total(cost(part).items);
        expect(min).toBeLessThanOrEqual(max);
        expect(max).toBeLessThanOrEqual(whole.max + 1e-9);
      }),
      { numRuns: 50 },
    );
  });

  it("reads as money", () => {
    expect(money({ min: 1012.6, max: 1012.6 })).toBe("$ 1,012.60");
    expect(money({ min: 5, max: 12 })).toBe("$ 5.00 to 12.00");
  });
});
