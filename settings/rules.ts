/** What must hold between settings, beyond the form of each. Every rule returns problems; none throws. */
import { shown, type Problem } from "./error.ts";
import type { SystemFacts } from "./facts.ts";
import { bytes } from "../catalogue/quantity.ts";
import { hasMigrations, objectLimit, tooLarge } from "./migrations.ts";
import { isMovingTag } from "./moving-tag.ts";
import type { PlatformSetting } from "./platform.ts";
import { checkWorkloads } from "./workload-rules.ts";

/** Every on-switched system's facts by the key of its settings, such as `doks-systems:bowmark`. */
export type FactsByKey = Readonly<Record<string, SystemFacts>>;

export function checkRules(platformKey: string, platform: PlatformSetting, systems: FactsByKey): Problem[] {
  return [
    ...clusterUpgrade(platformKey, platform),
    ...edgeAddons(platformKey, platform),
    ...platformPools(platformKey, platform),
    ...Object.entries(systems).flatMap(([key, facts]) => [
      ...movingTags(key, platform, facts),
      ...unknownPools(key, platform, facts),
      ...managedServices(key, platform, facts),
      ...pullSecrets(key, platform, facts),
      ...registries(key, platform, facts),
      ...autoscalers(key, platform, facts),
      ...refusedInProduction(key, platform, facts),
      ...migrations(key, facts),
      ...refusals(key, facts.refused ?? {}, ""),
      ...memory(key, facts),
      ...checkWorkloads(key, platform.environment === "production", facts.shapes, facts.workloads),
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

function edgeAddons(key: string, { cluster, edge, addons }: PlatformSetting): Problem[] {
  if (edge.kind === "stack") {
    if (cluster.source === "stack") return [];
    const fix = 'use "gateway", "ingress" or "none"';
    return [{ path: `${key}.edge.kind`, value: shown(edge.kind), problem: "needs cluster.source stack", fix }];
  }
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

function movingTags(key: string, platform: PlatformSetting, facts: SystemFacts): Problem[] {
  if (platform.environment !== "production") return [];
  return Object.entries(facts.tags)
    .filter(([, tag]) => isMovingTag(tag))
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

function managedServices(key: string, platform: PlatformSetting, facts: SystemFacts): Problem[] {
  return Object.entries(facts.services).flatMap(([path, database]) => {
    if (database.kind !== "managed") return [];
    const problems: Problem[] = [];
    if (platform.cluster.source === "kubeconfig") {
      problems.push({
        path: `${key}.${path}.kind`,
        value: shown(database.kind),
        problem: "is reached through the VPC of a DOKS cluster, and this one's is not known",
        fix: 'use "in-cluster" or "existing", or another doks-systems:platform.cluster.source than "kubeconfig"',
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
  return Object.entries(facts.migrations).flatMap(([setting, folder]) => {
    const path = `${key}.${setting}`;
    if (!hasMigrations(folder)) {
      const problem = "is not a folder with .sql files";
      const fix = "copy the application's db/migrations there, or name the folder that has them";
      return [{ path, value: shown(folder), problem, fix }];
    }
    return tooLarge(folder).map(([file, size]) => ({
      path,
      value: shown(file),
      problem: `has ${size} bytes, and Kubernetes keeps at most ${objectLimit} in one object`,
      fix: "divide it into several migrations, or load its data from elsewhere",
    }));
  });
}

function platformPools(key: string, { cluster, pools, monitoring, addons }: PlatformSetting): Problem[] {
  const { pool } = monitoring;
  if (cluster.source !== "create" || pool === undefined || addons.prometheus !== "install") return [];
  if (Object.hasOwn(pools, pool)) return [];
  const fix = `add it to ${key}.pools, or use one of ${Object.keys(pools).join(", ") || "them once added"}`;
  return [{ path: `${key}.monitoring.pool`, value: shown(pool), problem: "is not a pool of this stack", fix }];
}

function registries(key: string, { registry }: PlatformSetting, facts: SystemFacts): Problem[] {
  if (facts.registry !== undefined || registry.kind !== "none") return [];
  return [
    {
      path: `${key}.images.registry`,
      value: shown(undefined),
      problem: "is required where the platform has no registry",
      fix: "set it, or set doks-systems:platform.registry",
    },
  ];
}

function autoscalers(key: string, { addons }: PlatformSetting, facts: SystemFacts): Problem[] {
  const scaled = Object.entries(facts.shapes).filter(([, { replicas }]) => typeof replicas === "object");
  const byMetrics = scaled.filter(
    ([, { replicas }]) => typeof replicas === "object" && Object.keys(replicas.podMetrics ?? {}).length > 0,
  );
  const pathOf = (name: string | undefined, field: string) =>
    name === undefined ? undefined : `workloads.${name}.${field}`;
  const needs: [string | undefined, "metricsServer" | "prometheusAdapter"][] = [
    [pathOf(scaled[0]?.[0], "autoscaling"), "metricsServer"],
    [pathOf(byMetrics[0]?.[0], "autoscaling.podMetrics"), "prometheusAdapter"],
  ];
  return needs.flatMap(([path, addon]) => {
    if (path === undefined || addons[addon] !== "none") return [];
    const problem = `needs the add-on ${addon}: the autoscaler would know no numbers`;
    const fix = `set doks-systems:platform.addons.${addon}, or switch it off`;
    return [{ path: `${key}.${path}`, value: "on", problem, fix }];
  });
}

function refusedInProduction(key: string, { environment }: PlatformSetting, facts: SystemFacts): Problem[] {
  if (environment !== "production") return [];
  return refusals(key, facts.notInProduction ?? {}, ", so production refuses it");
}

function refusals(key: string, refused: NonNullable<SystemFacts["refused"]>, end: string): Problem[] {
  return Object.entries(refused).map(([path, { value, problem, fix }]) => ({
    path: `${key}.${path}`,
    value: shown(value),
    problem: `${problem}${end}`,
    fix,
  }));
}

function memory(key: string, facts: SystemFacts): Problem[] {
  return Object.entries(facts.within ?? {}).flatMap(([path, { value, workload, percent }]) => {
    const limit = facts.shapes[workload]?.resources.limits.memory;
    if (limit === undefined || bytes(value) <= (bytes(limit) * percent) / 100) return [];
    const problem = `is more than ${percent} % of the container's limit of ${limit}, which must hold more than it`;
    const fix = `make it smaller, or raise ${key}.workloads.${workload}.resources.limits.memory`;
    return [{ path: `${key}.${path}`, value: shown(value), problem, fix }];
  });
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
