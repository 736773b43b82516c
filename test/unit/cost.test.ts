/** What a stack costs: every price from the table, at both ends of autoscaling. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { publicResources, type PublicResource } from "../../preview/render/public-resource.ts";
import type { Patch } from "../../preview/render/stack-file.ts";
import { cost, costChanges, money, moneyChange, total } from "../../preview/review/cost.ts";
import { stack } from "../support/stack.ts";

const rendered = async (name: string, patch: Patch = {}) => publicResources((await stack(name, patch)).rendering);
const priced = (resources: readonly PublicResource[]) =>
  Object.fromEntries(cost(resources).items.map(({ system, what, monthly }) => [`${system} ${what}`, monthly]));
const same = (amount: number) => ({ min: amount, max: amount });

describe("the cost of a stack", () => {
  let prod: PublicResource[];
  beforeAll(async () => {
    prod = await rendered("prod");
  });

  it("has every paid part of prod, with its system", () => {
    expect(priced(prod)).toEqual({
      "account Spaces, once for all buckets (here 5)": same(5),
      "bow-mark volumes of postgres: 1 × 10 GiB": same(1),
      "bow-mark volumes of rabbitmq: 1 × 5 GiB": same(0.5),
      "caracal load balancer caracal-gateway: 1 × REGIONAL_NETWORK": same(15),
      "caracal volumes of caracal-kafka: 3 × 20 GiB": same(6),
      "caracal volumes of caracal-postgres: 1 × 10 GiB": same(1),
      "caracal volumes of caracal-redis: 1 × 10 GiB": same(1),
      "caracal volumes of caracal-zookeeper: 3 × 10 GiB": same(3),
      "gx gx-postgres-prod: 2 × db-s-1vcpu-2gb": same(60.9),
      "gx gx-redis-prod: 1 × db-s-1vcpu-1gb": same(15),
      "hermes ipfs-cache: 1 × db-s-1vcpu-1gb": same(15.15),
      "platform control plane: highly available": same(40),
      "platform load balancer edge: 1 × REGIONAL_NETWORK": same(15),
      "platform pool dedicated-cpu-optimized: 4 to 6 × c-2": { min: 168, max: 252 },
      "platform pool default-pool: 4 to 6 × s-1vcpu-2gb": { min: 48, max: 72 },
      "platform pool general: 4 to 32 × s-4vcpu-8gb": { min: 192, max: 1536 },
      "platform pool system: 2 × s-2vcpu-4gb": same(48),
      "platform registry geo: professional": same(20),
      "platform volumes of prometheus: 1 × 50 GiB": same(5),
    });
    expect(total(cost(prod).items)).toEqual({
      min: expect.closeTo(659.55) as number,
      max: expect.closeTo(2111.55) as number,
    });
  });

  it("of a laptop's cluster is nothing", async () => {
    expect(cost(await rendered("local")).items).toEqual([]);
  });

  it("says what it has no price for, and does not count it as nothing unsaid", async () => {
    const patch = { "doks-systems:platform": { pools: { general: { size: "x-9vcpu-99gb" } } } };
    const items = cost(await rendered("prod", patch)).items.filter(({ monthly }) => monthly === undefined);
    expect(items.map(({ what }) => what)).toEqual(["pool general: 4 to 32 × x-9vcpu-99gb"]);
  });

  it("counts a database's disk beyond what is included, on each of its nodes", () => {
    const database = (storageSizeMib: string) => ({
      ...{ urn: "urn:a", type: "digitalocean:index/databaseCluster:DatabaseCluster", name: "pg", parent: undefined },
      ...{ dependsOn: [], connectsTo: [] },
      inputs: { name: "pg", engine: "pg", size: "db-s-1vcpu-2gb", nodeCount: 2, storageSizeMib },
    });
    expect(priced([database("30720")])).toEqual({ "pg pg: 2 × db-s-1vcpu-2gb": same(60.9) });
    expect(priced([database("51200")])["pg pg disk: 20 GiB more"]?.min).toBeCloseTo(2 * 20 * 0.215);
  });

  it("changes by what changed, and by nothing else", async () => {
    const patch: Patch = {
      "doks-systems:platform": { pools: { general: { max: 40 } } },
      "doks-systems:hermes": null,
      "doks-systems:caracal": { redis: { kind: "in-cluster", storage: "20Gi" } },
    };
    const after = await rendered("prod", patch);
    const changes = costChanges(cost(prod), cost(after));
    expect(changes.map(({ what }) => what)).toEqual([
      "volumes of caracal-redis: 1 × 20 GiB",
      "ipfs-cache: 1 × db-s-1vcpu-1gb",
      "pool general: 4 to 40 × s-4vcpu-8gb",
    ]);
    expect(changes[1]).toMatchObject({ before: same(15.15), after: undefined });
    expect(costChanges(cost(prod), cost(prod))).toEqual([]);
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
    expect(moneyChange({ min: -3.5, max: 12 })).toBe("- $ 3.50 to + $ 12.00");
    expect(moneyChange({ min: 24, max: 24 })).toBe("+ $ 24.00");
  });
});
