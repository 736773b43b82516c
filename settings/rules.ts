/** What must hold between settings, beyond the form of each. Every rule returns problems; none throws. */
import { readdirSync } from "node:fs";
import { shown, type Problem } from "./error.ts";
import type { SystemFacts } from "./facts.ts";
import type { PlatformSetting } from "./platform.ts";

/** Every on-switched system's facts by the key of its settings, such as `doks-systems:bowmark`. */
export type FactsByKey = Readonly<Record<string, SystemFacts>>;

export function checkRules(platformKey: string, platform: PlatformSetting, systems: FactsByKey): Problem[] {
  return [
    ...clusterUpgrade(platformKey, platform),
    ...edgeAddons(platformKey, platform),
    ...Object.entries(systems).flatMap(([key, facts]) => [
      ...movingTags(key, platform, facts),
      ...unknownPools(key, platform, facts),
      ...databases(key, platform, facts),
      ...pullSecrets(key, platform, facts),
      ...migrations(key, facts),
    ]),
    ...usedTwice(systems, "host name", (facts) => facts.hosts),
    ...usedTwice(systems, "bucket", (facts) =>
      Object.fromEntries(Object.entries(facts.buckets).map(([path, bucket]) => [path, bucket.name])),
    ),
    ...usedTwice(systems, "namespace", (facts) => ({ "namespace.name": facts.namespace })),
  ];
}

function clusterUpgrade(key: string, { cluster }: PlatformSetting): Problem[] {
  if (cluster.source !== "create" || cluster.upgradeTo === undefined) return [];
  const minor = (version: string) => Number(version.split(".")[1]);
  if (minor(cluster.upgradeTo) === minor(cluster.version) + 1) return [];
  return [
    {
      path: `${key}.cluster.upgradeTo`,
      value: shown(cluster.upgradeTo),
      problem: `is not the minor that follows version ${cluster.version}`,
      fix: `upgrade one minor at a time: "1.${minor(cluster.version) + 1}"`,
    },
  ];
}

function edgeAddons(key: string, { edge, addons }: PlatformSetting): Problem[] {
  const needed = edge.kind === "gateway" ? (["envoyGateway", "certManager"] as const) : (["certManager"] as const);
  if (edge.kind === "none") return [];
  return needed
    .filter((addon) => addons[addon] === "none")
    .map((addon) => ({
      path: `${key}.addons.${addon}`,
      value: shown(addons[addon]),
      problem: `is needed by edge.kind ${edge.kind}`,
      fix: 'use "install", or "existing" if the cluster has it',
    }));
}

const movingTag = /^(latest|main|master|develop|dev|edge|nightly|stable)$/;

function movingTags(key: string, platform: PlatformSetting, facts: SystemFacts): Problem[] {
  if (platform.environment !== "production") return [];
  return Object.entries(facts.tags)
    .filter(([, tag]) => movingTag.test(tag))
    .map(([path, tag]) => ({
      path: `${key}.${path}`,
      value: shown(tag),
      problem: "is a tag that moves, so production could not be rolled back to it",
      fix: "use a commit id or a version",
    }));
}

function unknownPools(key: string, { cluster, pools }: PlatformSetting, facts: SystemFacts): Problem[] {
  if (cluster.source !== "create") return [];
  return Object.entries(facts.pools)
    .filter(([, pool]) => !Object.hasOwn(pools, pool))
    .map(([path, pool]) => ({
      path: `${key}.${path}`,
      value: shown(pool),
      problem: "is not a pool of this stack",
      fix: `add it to doks-systems:platform.pools, or use one of ${Object.keys(pools).join(", ") || "them once added"}`,
    }));
}

function databases(key: string, platform: PlatformSetting, facts: SystemFacts): Problem[] {
  return Object.entries(facts.databases).flatMap(([path, database]) => {
    if (database.kind !== "managed") return [];
    const problems: Problem[] = [];
    if (platform.cluster.source !== "create") {
      problems.push({
        path: `${key}.${path}.kind`,
        value: shown(database.kind),
        problem: "is reached through the VPC of a cluster that this stack creates, and it creates none",
        fix: 'use "in-cluster" or "existing", or set doks-systems:platform.cluster.source to "create"',
      });
    }
    if (database.nodes > 1 && database.size.endsWith("-1gb")) {
      problems.push({
        path: `${key}.${path}.nodes`,
        value: shown(database.nodes),
        problem: `is more than ${database.size} allows`,
        fix: "use 1 node, or a size from db-s-1vcpu-2gb up",
      });
    }
    return problems;
  });
}

function pullSecrets(key: string, { registry }: PlatformSetting, facts: SystemFacts): Problem[] {
  if (facts.pullSecret.kind !== "platform-registry" || registry.kind !== "none") return [];
  return [
    {
      path: `${key}.images.pullSecret.kind`,
      value: shown(facts.pullSecret.kind),
      problem: "needs a registry, and the platform has none",
      fix: "set doks-systems:platform.registry, or use another kind",
    },
  ];
}

function migrations(key: string, facts: SystemFacts): Problem[] {
  return Object.entries(facts.migrations)
    .filter(([, folder]) => !hasMigrations(folder))
    .map(([path, folder]) => ({
      path: `${key}.${path}`,
      value: shown(folder),
      problem: "is not a folder with .sql files",
      fix: "copy the application's db/migrations there, or name the folder that has them",
    }));
}

function hasMigrations(folder: string): boolean {
  try {
    return readdirSync(folder).some((file) => file.endsWith(".sql"));
  } catch {
    return false;
  }
}

function usedTwice(
  systems: FactsByKey,
  what: string,
  values: (facts: SystemFacts) => Record<string, string>,
): Problem[] {
  const all = Object.entries(systems).flatMap(([key, facts]) =>
    Object.entries(values(facts)).map(([path, value]) => ({ path: `${key}.${path}`, value })),
  );
  return all.flatMap((use, i) => {
    const first = all.slice(0, i).find((other) => other.value === use.value);
    if (first === undefined) return [];
    return [
      {
        path: use.path,
        value: shown(use.value),
        problem: `is the ${what} of ${first.path} too`,
        fix: `give each its own ${what}`,
      },
    ];
  });
}
