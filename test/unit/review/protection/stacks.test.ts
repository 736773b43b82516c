/** What a change of a stack file protects less than before. */
import { beforeAll, describe, expect, it } from "vitest";
import { longestGapHours } from "../../../../catalogue/cron.ts";
import type { Patch } from "../../../../graph/render/configuration.ts";
import { maskedResources } from "../../../../graph/masking.ts";
import { kindOf, metadataOf, type Resource } from "../../../../graph/resource.ts";
import { evaluate } from "../../../../policy/evaluate.ts";
import { protectionSection } from "../../../../preview/report/sections/protection.ts";
import { protectionDangers, protectionLosses } from "../../../../preview/review/protection/protection.ts";
import { object, platform } from "../../../policy/support.ts";
import { acceptedStacks } from "../../../support/random-stack.ts";
import { stack } from "../../../support/stack.ts";

const rendered = async (name: string, patch: Patch = {}) => maskedResources((await stack(name, patch)).rendering);
const lines = (before: readonly Resource[], after: readonly Resource[]) =>
  protectionLosses(before, after).map(
    ({ level, resource, text, was, is }) => `${level} ${resource} ${text} (${was} → ${is})`,
  );
let prod: Resource[];
beforeAll(async () => {
  prod = await rendered("prod");
});

describe("a change of a stack file", () => {
  const against = async (patch: Patch) => lines(prod, await rendered("prod", patch));

  it("away from production is one loss, and names what may be deleted from then on", async () => {
    const after = await rendered("prod", { "doks-systems:platform": { environment: "staging" } });
    const found = protectionDangers(protectionLosses(prod, after)).filter(({ level }) => level === "stop");
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      ...{ kind: "protection", resource: "Platform platform" },
      setting: "platform.environment",
    });
    expect(found[0]?.text).toMatch(
      /^is no longer production: \d+ resources lose their protection \(production → staging\): a later update may delete /,
    );
  });

  it("to rarer, shorter or no backups says since when what is lost", async () => {
    expect(await against({ "doks-systems:gx": { backup: false } })).toEqual([
      "stop CronJob backend-mainnet/postgres-backup is removed: nothing dumps the database any more (a backup → none)",
    ]);
    const backup = { schedule: "0 8 * * 1-5", retentionDays: 7, restoreDrill: null };
    expect(await against({ "doks-systems:bowmark": { backup } })).toEqual([
      "stop CronJob bow-mark/pg-backup keeps what it makes for a shorter time (30 days → 7 days)",
      "look CronJob bow-mark/pg-backup-drill is removed: nobody tries any more whether the newest dump can be restored " +
        "(a restore drill → none)",
      "look CronJob bow-mark/pg-backup dumps less often (0 8 * * *, 24 h apart → 0 8 * * 1-5, 3 days apart)",
    ]);
  });

  it("to fewer servers and pods says what happens when one fails", async () => {
    const patch: Patch = {
      "doks-systems:gx": { database: { nodes: 1 }, workloads: { "svc-identity": { replicas: 1 } } },
      "doks-systems:dotdo": { podDisruptionBudget: false },
    };
    expect(await against(patch)).toEqual([
      "look DatabaseCluster gx-postgres-prod has no standby node any more (2 nodes → 1 node)",
      "look Deployment dotdo/dotdo has no PodDisruptionBudget any more (minAvailable: 3 → none)",
      "look Deployment backend-mainnet/svc-identity runs in one pod only (3 pods → 1 pod)",
    ]);
    const settings = protectionLosses(prod, await rendered("prod", patch)).map(({ setting }) => setting);
    expect(settings).toEqual(["gx.database.nodes", undefined, "gx.workloads.svc-identity.replicas"]);
  });

  it("that lets more through the network names who reaches what", async () => {
    const reaches = {
      partner: { kind: "internet", ports: [8443] },
      cache: { kind: "private", addresses: ["10.99.0.0/24"], ports: [6380] },
    };
    const reachedBy = { tools: { kind: "pods", namespace: "tools" } };
    const found = await against({ "doks-systems:gx": { workloads: { "svc-identity": { reaches, reachedBy } } } });
    expect(found).toEqual([
      "look Deployment backend-mainnet/svc-identity may connect to the internet on port 8443 and 10.99.0.0/24 on port 6380 " +
        "(denied → allowed)",
      expect.stringMatching(/^look NetworkPolicy \S+ lets pods of namespace tools in \(denied → allowed\)$/) as string,
    ]);
  });

  it("that takes a whole system away, or puts one there, loses no protection of others", async () => {
    const without = await rendered("prod", { "doks-systems:dotdo": null });
    expect(lines(prod, without)).toEqual([]);
    expect(lines(without, prod)).toEqual([]);
    expect(lines([], prod)).toEqual([]);
  });

  it("that changes nothing loses nothing, whatever the stack file says", async () => {
    expect(lines(prod, prod)).toEqual([]);
    for (const { stack: name, patch } of acceptedStacks(4, 23).stacks) {
      const resources = await rendered(name, patch);
      expect(lines(resources, resources), JSON.stringify(patch)).toEqual([]);
    }
  });
});

describe("protection that goes", () => {
  it("is found of each resource of prod that has any", () => {
    const holders = prod.filter(({ protect, retainOnDelete }) => protect || retainOnDelete === true);
    expect(holders.length).toBeGreaterThan(15);
    for (const one of holders) {
      const bare = prod.map((other) => (other === one ? { ...one, protect: false, retainOnDelete: false } : other));
      expect(protectionLosses(prod, bare).map(({ urn, level }) => ({ urn, level }))).toEqual([
        { urn: one.urn, level: "stop" },
      ]);
      expect(protectionLosses(bare, prod)).toEqual([]);
    }
  });

  it("is found of each budget and each denial of prod", () => {
    const budgets = prod.filter((one) => kindOf(one) === "PodDisruptionBudget");
    expect(budgets.length).toBeGreaterThan(10);
    for (const one of budgets) {
      const found = lines(
        prod,
        prod.filter((other) => other !== one),
      );
      expect(found).toHaveLength(1);
      expect(found[0]).toContain("has no PodDisruptionBudget any more");
    }
    const policies = (some: Resource) => ["NetworkPolicy", "CiliumNetworkPolicy"].includes(kindOf(some));
    const open = lines(
      prod,
      prod.filter((one) => !(policies(one) && metadataOf(one)?.namespace === "dotdo")),
    );
    expect(open).toEqual([
      "stop Deployment dotdo/dotdo admits connections from everywhere (denied what is not declared → no NetworkPolicy)",
      "stop Deployment dotdo/dotdo may connect to everything (denied what is not declared → no NetworkPolicy)",
    ]);
    const all = lines(
      prod,
      prod.filter((one) => !policies(one)),
    );
    expect(all.filter((line) => line.startsWith("stop Namespace bow-mark "))).toHaveLength(2);
  });
});

describe("waivers", () => {
  const claim = object(
    "StatefulSet",
    "db",
    { spec: { volumeClaimTemplates: [{ spec: { storageClassName: "do-block-storage" } }] } },
    { protect: true },
  );
  const broken = [platform("production"), claim];
  const waiver = {
    ...{ rule: "volumes-retained", stacks: ["test"], resources: ["StatefulSet shop/db"] },
    reason: "The document names this class.",
  };

  it("that are new, or cover more, are said with their reason", () => {
    const [before, after] = [[], [waiver]].map((waivers) => evaluate("test", broken, waivers).findings);
    const found = protectionLosses(broken, broken, { before: before ?? [], after: after ?? [] });
    expect(found.map(({ resource, text, meaning }) => `${resource} ${text}: ${meaning}`)).toEqual([
      "StatefulSet shop/db is newly allowed to break volumes-retained: " +
        "its claims use do-block-storage; the waiver says: The document names this class.",
    ]);
    expect(protectionLosses(broken, broken, { before: after ?? [], after: after ?? [] })).toEqual([]);
  });
});

describe("the longest time between two runs", () => {
  it("is that of the schedule's longest break", () => {
    expect(longestGapHours("0 8 * * *")).toBe(24);
    expect(longestGapHours("0 8 * * 1-5")).toBe(72);
    expect(longestGapHours("*/5 8-9 * * *")).toBeCloseTo(22 + 5 / 60);
    expect(longestGapHours("* * * * 1")).toBeCloseTo(6 * 24 + 1 / 60);
    expect(longestGapHours("@monthly")).toBe(31 * 24);
    expect(longestGapHours("@every 1h")).toBeUndefined();
  });
});

describe("the section", () => {
  it("says in one line whether anything loses protection", async () => {
    expect(protectionSection([]).verdict).toEqual({ text: "nothing loses protection", tone: "good" });
    const section = protectionSection(
      protectionLosses(prod, await rendered("prod", { "doks-systems:gx": { backup: false } })),
    );
    expect(section.verdict).toEqual({ text: "1 thing loses protection", tone: "bad" });
    expect(section.items[0]).toMatchObject({ tone: "bad", setting: "gx.backup", page: "docs/runbooks/restore.md" });
  });
});
