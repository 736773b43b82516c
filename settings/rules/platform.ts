/** Rules within the settings of the platform. */
import { systemPool } from "../../catalogue/doks.ts";
import { mebibytes, milliCpu } from "../../catalogue/quantity.ts";
import { tagOf } from "../../catalogue/image.ts";
import type { Problem } from "../reading/error.ts";
import { knowsPools, nameThePool, wrong, type Rule } from "./rule.ts";

const upgrade: Rule = ({ key, platform: { cluster } }) => {
  if (cluster.source !== "create" || cluster.upgradeTo === undefined) return [];
  const minor = (version: string) => Number(version.split(".")[1]);
  if (minor(cluster.upgradeTo) === minor(cluster.version) + 1) return [];
  const problem = `is not the minor that follows version ${cluster.version}`;
  const fix = `upgrade one minor at a time: "1.${minor(cluster.version) + 1}"`;
  return [wrong(`${key}.cluster.upgradeTo`, cluster.upgradeTo, problem, fix, `${key}.cluster.version`)];
};

const edgeAddons: Rule = ({ key, platform: { cluster, edge, addons } }) => {
  if (edge.kind === "stack") {
    if (cluster.source === "stack") return [];
    const fix = 'use "gateway", "ingress" or "none"';
    return [wrong(`${key}.edge.kind`, edge.kind, "needs cluster.source stack", fix, `${key}.cluster`)];
  }
  const needed = edge.kind === "gateway" ? (["envoyGateway", "certManager"] as const) : (["certManager"] as const);
  if (edge.kind === "none") return [];
  return needed
    .filter((addon) => addons[addon] === "none")
    .map((addon) =>
      wrong(
        `${key}.addons.${addon}`,
        addons[addon],
        `is needed by edge.kind ${edge.kind}`,
        'use "install", or "existing" if the cluster has it',
        `${key}.edge`,
      ),
    );
};

/** In production, hosts of routes need an edge, or no request ever reaches them. */
const nobodyServes: Rule = ({ key, platform: { edge, environment }, systems }) => {
  if (edge.kind !== "none" || environment !== "production") return [];
  const hosts = Object.values(systems).flatMap(({ served }) =>
    Object.values(served).flatMap(({ host, by }) => (by === "edge" ? [host] : [])),
  );
  if (hosts.length === 0) return [];
  const problem = `leaves ${hosts.join(", ")} without anybody who serves them`;
  return [wrong(`${key}.edge.kind`, edge.kind, problem, 'use "gateway", or "ingress" with a controller of your own')];
};

/** A cluster that exists is named once. */
const whichCluster: Rule = ({ key, platform: { cluster } }) => {
  if (cluster.source !== "existing") return [];
  const { name, id } = cluster;
  if ((name === undefined) !== (id === undefined)) return [];
  const path = `${key}.cluster.${name === undefined ? "name" : "id"}`;
  if (name !== undefined) return [wrong(path, id, "says again which cluster it is", "give name or id, not both")];
  const fix = "give the cluster's name or its id: doctl kubernetes cluster list shows both";
  return [wrong(path, name, "is required where there is no id", fix)];
};

const pools: Rule = (stack) => {
  const { key, platform } = stack;
  const { cluster, pools: all, monitoring, addons } = platform;
  const ranges = Object.entries(all).flatMap(([name, { min, max }]): Problem[] =>
    min === undefined || max === undefined || min <= max
      ? []
      : [wrong(`${key}.pools.${name}.max`, max, `is less than min, ${min}`, "make max at least as large as min")],
  );
  const { pool } = monitoring;
  // A pool that is there already can only be in a cluster that is, and where nobody asks for pools it would say nothing.
  const foreign = cluster.source === "existing" || (cluster.source === "kubeconfig" && knowsPools(stack));
  const strangers = Object.entries(all).flatMap(([name, { kind }]): Problem[] => {
    if (foreign || kind !== "existing") return [];
    const problem = `is for a cluster that exists, and ${key}.cluster.source is ${cluster.source}`;
    const fix = cluster.source === "create" ? "give it size, min and max" : "leave it out";
    return [wrong(`${key}.pools.${name}.kind`, kind, problem, fix, `${key}.cluster`)];
  });
  if (!knowsPools(stack)) return [...ranges, ...strangers];
  const own =
    cluster.source === "create" && systemPool in all
      ? [wrong(`${key}.pools.${systemPool}`, systemPool, "is the name of the built-in pool", "give it another name")]
      : [];
  own.push(...strangers);
  if (pool === undefined || addons.prometheus !== "install" || Object.hasOwn(all, pool)) return [...ranges, ...own];
  const at = `${key}.pools.${pool}`;
  const unknown = wrong(`${key}.monitoring.pool`, pool, "is not a pool of this stack", nameThePool(stack), at);
  return [...ranges, ...own, unknown];
};

const monitoringSize: Rule = ({ key, platform: { monitoring } }) =>
  (["cpu", "memory"] as const).flatMap((what) => {
    const { requests, limits } = monitoring.resources;
    const amount = what === "cpu" ? milliCpu : mebibytes;
    if (amount(requests[what]) <= amount(limits[what])) return [];
    const path = `${key}.monitoring.resources`;
    const problem = `is more than the limit of ${limits[what]}`;
    const fix = `use at most that, or raise limits.${what}`;
    return [wrong(`${path}.requests.${what}`, requests[what], problem, fix, `${path}.limits.${what}`)];
  });

/** The major version that a tag begins with, 17 of `17.2-alpine`; undefined if it begins with something else. */
const versionOf = (tag: string) => /^(\d+)(?:[.-]|$)/.exec(tag)?.[1];

/** Why an image cannot run PostgreSQL of a major version; undefined if it can, or is not the official image. */
export function postgresImageProblem(image: string, major: string): string | undefined {
  const tag = tagOf(image);
  if (tag === undefined || !/(^|\/)postgres:/.test(image)) return undefined;
  const version = versionOf(tag);
  if (version !== undefined && version !== major) return `is PostgreSQL ${version}, and this one is ${major}`;
  if (/alpine/.test(tag))
    return "is the Alpine image: its user has another number than the Debian one's, whose files it could not read";
  return undefined;
}

const images: Rule = ({ key, platform: { images: given } }) =>
  Object.entries(given.postgres ?? {}).flatMap(([major, image]) => {
    const problem = postgresImageProblem(image, major);
    const fix = `use a Debian image of ${major}, such as postgres:${major}`;
    return problem === undefined ? [] : [wrong(`${key}.images.postgres["${major}"]`, image, problem, fix)];
  });

const registryOfStack: Rule = ({ key, platform: { registry, cluster } }) =>
  registry.kind === "create" && cluster.source === "kubeconfig"
    ? [
        wrong(
          `${key}.registry.kind`,
          registry.kind,
          "needs DigitalOcean's token, which a stack on another cluster does not ask for",
          'use "none", and say where the images are: images.registry of each system',
          `${key}.cluster`,
        ),
      ]
    : [];

export const platformRules: readonly Rule[] = [
  whichCluster,
  upgrade,
  edgeAddons,
  nobodyServes,
  pools,
  monitoringSize,
  images,
  registryOfStack,
];
