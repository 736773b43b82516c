/**
 * Rules that compare what a stack orders from DigitalOcean with what DigitalOcean offers (`catalogue/`). With
 * `catalogue: lenient` most of them are left to preflight, which asks DigitalOcean.
 */
import {
  databaseNodes,
  databaseSizes,
  databaseVersions,
  type Engine,
  planConnections,
} from "../../catalogue/databases.ts";
import { dropletSizes } from "../../catalogue/droplets.ts";
import { kubernetesMinors } from "../../catalogue/kubernetes.ts";
import { regionsWith, type Product } from "../../catalogue/regions.ts";
import type { Problem } from "../reading/error.ts";
import type { SystemFacts } from "../slices/facts.ts";
import { mostAlike } from "../reading/nearest.ts";
import { knowsPools, wrong, type Rule, type Stack } from "./rule.ts";

type Managed = Extract<SystemFacts["services"][string], { kind: "managed" }>;

const words: Readonly<Record<Product, string>> = {
  kubernetes: "Kubernetes clusters",
  nat: "NAT gateways",
  databases: "managed databases",
  valkey: "managed Valkey",
  spaces: "Spaces",
  registry: "a container registry",
};

const lenient = "or set catalogue: lenient where DigitalOcean has it by now";

function offered(path: string, value: string, known: readonly string[], what: string): Problem[] {
  if (known.includes(value)) return [];
  const alike =
    known.length > 10 ? `use one such as ${mostAlike(value, known).join(", ")}` : `use one of ${known.join(", ")}`;
  return [wrong(path, value, `is not ${what}`, `${alike}, ${lenient}`)];
}

function regionFor(path: string, region: string, product: Product, others: string[] = []): Problem[] {
  const fix = `use one of ${regionsWith(product).join(", ")}, ${lenient}`;
  const known = regionsWith(product);
  return known.includes(region) ? [] : [wrong(path, region, `is not a region with ${words[product]}`, fix, ...others)];
}

const regions: Rule = ({ key, platform, systems }) => {
  const facts = Object.entries(systems);
  const buckets = facts.some(([, { buckets: all }]) => Object.values(all).some(({ kind }) => kind === "create"));
  return [
    ...(platform.cluster.source === "create" || platform.cluster.source === "existing"
      ? regionFor(`${key}.region`, platform.region, "kubernetes")
      : []),
    ...(platform.cluster.source === "create" && platform.cluster.nat !== false
      ? regionFor(`${key}.region`, platform.region, "nat", [`${key}.cluster.nat`])
      : []),
    ...(buckets ? regionFor(`${key}.storageRegion`, platform.storageRegion, "spaces") : []),
    ...facts.flatMap(([system, { buckets: all }]) =>
      Object.entries(all).flatMap(([path, bucket]) =>
        bucket.kind === "existing" && bucket.endpoint === undefined
          ? regionFor(`${system}.${path.replace(/name$/, "region")}`, bucket.region, "spaces")
          : [],
      ),
    ),
    ...(platform.registry.kind === "create"
      ? regionFor(`${key}.storageRegion`, platform.storageRegion, "registry", [`${key}.registry`])
      : []),
    ...facts.flatMap(([system, { services }]) =>
      managed(services).flatMap(([path, , engine]) =>
        regionFor(`${key}.region`, platform.region, engine === "valkey" ? "valkey" : "databases", [
          `${system}.${path}`,
        ]),
      ),
    ),
  ];
};

const nodes: Rule = (stack) => {
  const { key, platform } = stack;
  const { cluster, pools } = platform;
  if (!knowsPools(stack) || cluster.source === "kubeconfig") return [];
  const sizes = Object.entries(pools).flatMap(([pool, { size }]) =>
    size === undefined ? [] : [[`pools.${pool}.size`, size] as const],
  );
  const builtIn = cluster.source === "create" ? [["cluster.systemPool.size", cluster.systemPool.size] as const] : [];
  return [...builtIn, ...sizes].flatMap(([path, size]) =>
    offered(`${key}.${path}`, size, dropletSizes, "a size of nodes"),
  );
};

const minors: Rule = ({ key, platform: { cluster } }) => {
  if (cluster.source !== "create") return [];
  const known = kubernetesMinors.map((minor) => `"${minor}"`).join(", ");
  return (["version", "upgradeTo"] as const).flatMap((field) => {
    const minor = cluster[field];
    if (minor === undefined || kubernetesMinors.includes(minor)) return [];
    // An upgrade that skips a minor is reported by another rule already.
    if (field === "upgradeTo" && Number(minor.slice(2)) !== Number(cluster.version.slice(2)) + 1) return [];
    return [wrong(`${key}.cluster.${field}`, minor, "is not a minor of DOKS", `use one of ${known}, ${lenient}`)];
  });
};

const databases: Rule = ({ systems }) =>
  Object.entries(systems).flatMap(([key, { services }]) =>
    managed(services).flatMap(([path, service, engine]) => {
      const at = `${key}.${path}`;
      const unknown = [
        ...offered(`${at}.size`, service.size, databaseSizes(engine), `a size of ${engines[engine]}`),
        ...("version" in service
          ? offered(`${at}.version`, service.version, databaseVersions(engine), `a version of ${engines[engine]}`)
          : []),
      ];
      const possible = databaseNodes(engine, service.size);
      if (possible === undefined || possible.includes(service.nodes)) return unknown;
      const problem = `is not a number of nodes that ${service.size} has`;
      const larger = databaseSizes(engine).find((size) => databaseNodes(engine, size)?.includes(service.nodes));
      const fix = `use ${possible.join(" or ")}${larger === undefined ? "" : `, or a size from ${larger} up`}`;
      return [...unknown, wrong(`${at}.nodes`, service.nodes, problem, fix, `${at}.size`)];
    }),
  );

const engines: Readonly<Record<Engine, string>> = {
  pg: "managed PostgreSQL",
  valkey: "managed Valkey",
  kafka: "managed Kafka",
};

function managed(services: SystemFacts["services"]): [path: string, service: Managed, engine: Engine][] {
  return Object.entries(services).flatMap(([path, service]): [string, Managed, Engine][] => {
    if (service.kind !== "managed") return [];
    return [[path, service, path === "redis" ? "valkey" : path === "kafka" ? "kafka" : "pg"]];
  });
}

/** A connection pool takes its connections from those that the plan of the database admits. */
const connectionPools: Rule = ({ systems }) =>
  Object.entries(systems).flatMap(([key, { services }]) =>
    managed(services).flatMap(([path, service]) => {
      const size = "connectionPool" in service ? service.connectionPool?.size : undefined;
      const most = planConnections(service.size);
      if (size === undefined || most === undefined || size <= most) return [];
      const at = `${key}.${path}`;
      const problem = `is more than the ${most} connections of ${service.size}`;
      return [wrong(`${at}.connectionPool.size`, size, problem, `use at most ${most}, or a larger size`, `${at}.size`)];
    }),
  );

/** All rules of this file as one. */
export function catalogueRules(stack: Stack): Problem[] {
  const always = [connectionPools];
  const strict = [regions, nodes, minors, databases];
  const rules = stack.platform.catalogue === "strict" ? [...strict, ...always] : always;
  return rules.flatMap((rule) => rule(stack));
}
