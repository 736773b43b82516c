/** Rules between the settings of a system and those of the platform, and within a system. */
import { roomOn } from "../../catalogue/droplets.ts";
import { bytes, mebibytes, milliCpu } from "../../catalogue/quantity.ts";
import type { Problem } from "../reading/error.ts";
import type { SystemFacts } from "../slices/facts.ts";
import { hasMigrations, tooLarge } from "../slices/migrations.ts";
import { objectLimit } from "../../catalogue/kubernetes.ts";
import { isMovingTag } from "../../catalogue/image.ts";
import { checkWorkloads, workloadPath } from "./workloads.ts";
import { forEachSystem, knowsPools, nameThePool, onDoks, wrong, type Rule } from "./rule.ts";

const movingTags = forEachSystem((key, { tags }, { platform }) => {
  if (platform.environment !== "production") return [];
  const problem = "is a tag that moves, so production could not be rolled back to it";
  return Object.entries(tags)
    .filter(([, tag]) => isMovingTag(tag))
    .map(([path, tag]) => wrong(`${key}.${path}`, tag, problem, "use a commit id or a version"));
});

const unknownPools = forEachSystem((key, facts, stack) => {
  if (!knowsPools(stack)) return [];
  const fix = nameThePool(stack);
  return Object.entries(facts.pools)
    .filter(([, pool]) => !Object.hasOwn(stack.platform.pools, pool))
    .map(([path, pool]) =>
      wrong(`${key}.${path}`, pool, "is not a pool of this stack", fix, `${stack.key}.pools.${pool}`),
    );
});

const managedServices = forEachSystem((key, { services }, stack) =>
  Object.entries(services)
    .filter(([, { kind }]) => kind === "managed" && !onDoks(stack))
    .map(([path, { kind }]) =>
      wrong(
        `${key}.${path}.kind`,
        kind,
        "is reached through the VPC of a DOKS cluster, and this one's is not known",
        `use "in-cluster" or "existing", or another ${stack.key}.cluster.source than "kubeconfig"`,
        `${stack.key}.cluster`,
      ),
    ),
);

const pullSecrets = forEachSystem((key, { pullSecret }, { key: platformKey, platform: { registry } }) => {
  if (pullSecret.kind !== "platform-registry" || registry.kind !== "none") return [];
  const fix = `set ${platformKey}.registry, or use another kind`;
  const problem = "needs a registry, and the platform has none";
  return [wrong(`${key}.images.pullSecret.kind`, pullSecret.kind, problem, fix, `${platformKey}.registry`)];
});

const registries = forEachSystem((key, { registry: own }, { key: platformKey, platform: { registry } }) => {
  if (own !== undefined || registry.kind !== "none") return [];
  const fix = `set it, or set ${platformKey}.registry`;
  const problem = "is required where the platform has no registry";
  return [wrong(`${key}.images.registry`, undefined, problem, fix, `${platformKey}.registry`)];
});

const migrations = forEachSystem((key, facts) =>
  Object.entries(facts.migrations).flatMap(([setting, folder]) => {
    const path = `${key}.${setting}`;
    if (!hasMigrations(folder)) {
      const fix = "copy the application's db/migrations there, or name the folder that has them";
      return [wrong(path, folder, "is not a folder with .sql files", fix)];
    }
    return tooLarge(folder).map(([file, size]) => {
      const problem = `has ${size} bytes, and Kubernetes keeps at most ${objectLimit} in one object`;
      return wrong(path, file, problem, "divide it into several migrations, or load its data from elsewhere");
    });
  }),
);

const autoscalers = forEachSystem((key, { shapes }, { key: platformKey, platform: { addons } }) => {
  const scaled = Object.entries(shapes).filter(([, { replicas }]) => typeof replicas === "object");
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
    const at = `${platformKey}.addons.${addon}`;
    return [wrong(`${key}.${path}`, "on", problem, `set ${at}, or switch it off`, at)];
  });
});

const refusedInProduction = forEachSystem((key, facts, { key: platformKey, platform: { environment } }) =>
  environment === "production"
    ? refusals(key, facts.notInProduction ?? {}, ", so production refuses it", `${platformKey}.environment`)
    : [],
);

function refusals(
  key: string,
  refused: NonNullable<SystemFacts["refused"]>,
  end: string,
  ...others: string[]
): Problem[] {
  return Object.entries(refused).map(([path, { value, problem, fix, others: own = [] }]) =>
    wrong(`${key}.${path}`, value, `${problem}${end}`, fix, ...others, ...own.map((one) => `${key}.${one}`)),
  );
}

const refused = forEachSystem((key, facts) => refusals(key, facts.refused ?? {}, ""));

const memory = forEachSystem((key, facts) =>
  Object.entries(facts.within ?? {}).flatMap(([path, { value, workload, percent }]) => {
    const limit = facts.shapes[workload]?.resources.limits.memory;
    if (limit === undefined || bytes(value) <= (bytes(limit) * percent) / 100) return [];
    const problem = `is more than ${percent} % of the container's limit of ${limit}, which must hold more than it`;
    const at = `${workloadPath(key, workload)}.resources.limits.memory`;
    return [wrong(`${key}.${path}`, value, problem, `make it smaller, or raise ${at}`, at)];
  }),
);

/** No node of its pool has room for a pod that requests more than a whole node has; more nodes do not help. */
const fitsANode = forEachSystem((key, { shapes }, stack) => {
  if (!knowsPools(stack)) return [];
  const { key: platformKey, platform } = stack;
  const { pools } = platform;
  return Object.entries(shapes).flatMap(
    ([
      name,
      {
        pool,
        resources: { requests },
      },
    ]): Problem[] => {
      const size = pools[pool]?.size;
      const room = size === undefined ? undefined : roomOn(size);
      if (size === undefined || room === undefined) return [];
      const at = `${workloadPath(key, name)}.resources.requests`;
      const others = [`${platformKey}.pools.${pool}`];
      const too = (what: "cpu" | "memory", asked: string, has: string) =>
        wrong(
          `${at}.${what}`,
          asked,
          `is more than a node of pool ${pool} has for pods: ${size}, ${has}`,
          `ask for less, or make ${platformKey}.pools.${pool}.size larger`,
          ...others,
        );
      return [
        ...(milliCpu(requests.cpu) > room.milliCpu ? [too("cpu", requests.cpu, `${room.milliCpu}m`)] : []),
        ...(mebibytes(requests.memory) > room.mebibytes ? [too("memory", requests.memory, `${room.mebibytes}Mi`)] : []),
      ];
    },
  );
});

/** Data is given up by its system's name, and after a dump or by saying that there is none. */
const retirement = forEachSystem((key, { retired, services, buckets }) => {
  if (typeof retired === "boolean") return [];
  const name = key.split(":").at(-1) ?? "";
  const at = `${key}.retired`;
  const dumped = services["database"] !== undefined && Object.hasOwn(buckets, "backup.bucket.name");
  if ("lastBackup" in retired) {
    if (dumped) return [];
    const problem = "asks for a dump, and this system has no backup that makes one";
    const fix = `set ${key}.backup, or copy the data yourself and use {dataGoes: ${name}, withoutBackup: true}`;
    return [wrong(`${at}.lastBackup`, true, problem, fix, `${key}.backup`)];
  }
  if (retired.dataGoes !== name) {
    const problem = "is not the name of this system, so nothing of it is given up";
    return [wrong(`${at}.dataGoes`, retired.dataGoes, problem, `type ${name}, or use true to keep its data`)];
  }
  if (dumped || retired.withoutBackup) return [];
  const problem = "gives up data that no backup dumps";
  return [wrong(`${at}.dataGoes`, name, problem, "copy what you need, then say withoutBackup: true", `${key}.backup`)];
});

const workloads = forEachSystem((key, facts, { platform }) =>
  checkWorkloads(key, platform.environment === "production", facts.shapes, facts.workloads),
);

export const systemRules: readonly Rule[] = [
  movingTags,
  unknownPools,
  managedServices,
  pullSecrets,
  registries,
  autoscalers,
  refusedInProduction,
  migrations,
  refused,
  memory,
  fitsANode,
  retirement,
  workloads,
];
