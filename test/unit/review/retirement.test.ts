/** What the review says of a system that is retired, of one whose data is given up, and of a key that is removed too early. */
import { beforeAll, describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import { sectionsOf } from "../../../preview/report/sections/index.ts";
import { review, type Review } from "../../../preview/review/review.ts";
import { tree, type TreeNode } from "../../../preview/report/tree.ts";
import { stack, systemKeys } from "../../support/stack.ts";

/** Production with GX alone, so that nobody else has anything to say. */
const gx = (settings: object | null): Patch => ({
  ...Object.fromEntries(systemKeys.map((key) => [`doks-systems:${key}`, null])),
  "doks-systems:gx": settings,
});
const lines = ({ dangers }: Review, ...kinds: string[]) =>
  dangers
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ level, resource, text, fix }) => [level, resource, text, ...(fix === undefined ? [] : [fix])].join(" | "));

async function reviewed(before: Patch, after: Patch): Promise<Review> {
  const resources = maskedResources((await stack("prod", before)).rendering);
  return review((await stack("prod", after)).rendering, [], { reference: "main", resources });
}

describe("a system that is retired", () => {
  let change: Review;
  beforeAll(async () => {
    change = await reviewed(gx({}), gx({ retired: true }));
  });

  it("loses no data: nothing that is kept is called lost, nor refused", () => {
    expect(change.change?.changes.filter(({ data }) => data !== undefined)).toEqual([]);
    expect(lines(change, "data")).toEqual([]);
    expect(change.data.filter(({ fate }) => fate !== "stays")).toEqual([]);
  });

  it("is said to be gone from the internet, by its host", () => {
    expect(lines(change, "exposure")).toEqual([
      "stop | Gateway envoy-gateway-system/edge | serves no host any more: api.gxcoin.com can no longer be reached",
    ]);
  });

  it("is not dumped any more, which is no loss: nobody writes", () => {
    const [loss, ...others] = lines(change, "protection");
    expect(others).toEqual([]);
    expect(loss).toContain("look | CronJob backend-mainnet/postgres-backup | is removed with its system's pods");
  });

  it("has no pods any more, which is what the change is for", () => {
    expect(lines(change, "availability")).toEqual([
      "look | 3 Deployments of gx | have no pods any more: outbox-submitter, projector, svc-identity",
      "look | StatefulSet backend-mainnet/redis | has no pods any more",
    ]);
  });

  it("has a section of its own: what goes, what stays, what it costs still, how it is back", () => {
    const section = sectionsOf(change).find(({ id }) => id === "retired");
    const text = section?.items.map(({ what, text: words }) => `${what ?? ""}: ${words}`) ?? [];
    expect(text[0]).toMatch(/^goes: loses .*3 Deployment, .*1 DnsRecord/);
    expect(text[1]).toContain("stays: keeps 1 volume of 20Gi: claim data-redis-0 in namespace backend-mainnet");
    expect(text[1]).toContain("managed PostgreSQL gx-postgres-prod");
    // 30.45 $ a node: the prices of catalogue/prices.json, and 0.10 $ a GiB.
    expect(text[2]).toBe(
      "costs: costs $ 62.90 a month still: gx-postgres-prod: 2 × db-s-1vcpu-2gb; volumes of redis: 1 × 20 GiB",
    );
    expect(text[3]).toContain("is back with its data once gx.retired is removed");
  });

  it("shows no workloads in the tree that have nothing in them", () => {
    const names = (nodes: readonly TreeNode[]): string[] =>
      nodes.flatMap(({ resource, children }) => [`${resource.type} ${resource.name}`, ...names(children)]);
    expect(names(tree(change.resources)).filter((name) => /:(Workload|Task|ScheduledTask) /.test(name))).toEqual([]);
  });
});

describe("the key of a system", () => {
  it("that is removed while its data is protected is one danger, which names the setting", async () => {
    const removal = await reviewed(gx({}), gx(null));
    expect(lines(removal, "data")).toEqual([
      expect.stringMatching(
        /^stop \| gx \| is removed, and its data is protected, so that the update is refused: .* and 2 more \| keep the key, with gx.retired: true/,
      ),
    ]);
  });

  it("of a retired system is no other: its data was never given up", async () => {
    const removal = await reviewed(gx({ retired: true }), gx(null));
    expect(lines(removal, "data").join()).toContain("gx.retired: {dataGoes: gx} after a last dump");
  });
});

describe("data that is given up", () => {
  it("is unprotected, and the rules let it be", async () => {
    const change = await reviewed(gx({ retired: true }), gx({ retired: { dataGoes: "gx" } }));
    const unprotected = change.change?.changes.filter(({ data }) => data === "unprotected");
    expect(unprotected?.map(({ resource }) => resource.name).toSorted()).toEqual([
      ...["gx-backup-bucket", "gx-namespace", "gx-postgres", "gx-postgres-gx-protocol", "gx-redis"],
    ]);
    expect(lines(change, "policy")).toEqual([]);
    const section = sectionsOf(change).find(({ id }) => id === "retired");
    expect(section?.verdict.text).toBe("1 system of which the data is given up");
  });
});
