/** Notices: settings that are allowed but may not do what was meant. The preview lists them, the engine warns of them. Pure. */
import { defaultConnections, planConnections } from "../catalogue/databases.ts";
import { roomOn } from "../catalogue/droplets.ts";
import { bytes, mebibytes, milliCpu } from "../catalogue/quantity.ts";
import type { Notice, SystemFacts } from "./slices/facts.ts";
import type { PlatformSetting } from "./platform.ts";
import type { Presence } from "./slices/retired.ts";
import type { FactsByKey } from "./rules/index.ts";
import { settingsName } from "../catalogue/names.ts";
import { wantedConnections } from "./slices/shape.ts";

/** All notices of a stack. */
export function noticesOf(platform: PlatformSetting, systems: FactsByKey): Notice[] {
  return Object.entries(systems).flatMap(([key, facts]) =>
    facts.presence === "running" ? ofRunning(key, platform, facts) : [ofRetired(key, platform, facts)],
  );
}

function ofRunning(key: string, platform: PlatformSetting, facts: SystemFacts): Notice[] {
  return [
    ...missingMesh(key, platform, facts),
    ...poolsTooSmall(key, platform, facts),
    ...connectionsTooFew(key, facts),
    ...diskTooSmall(key, facts),
    ...idleSettings(key, facts),
    ...facts.notices.map(({ path, text }) => ({ path: `${key}.${path}`, text })),
  ];
}

const runbook = "docs/runbooks/retire.md";

/** What is left of a system that is taken away, and what is next. */
function ofRetired(
  key: string,
  { environment }: PlatformSetting,
  { presence, services, buckets }: SystemFacts,
): Notice {
  const managed = Object.entries(services).filter(([, { kind }]) => kind === "managed");
  const kept = [
    ...["its namespace with every volume", "its passwords and keys"],
    ...managed.map(([what]) => `the managed ${what}, which is paid for`),
    ...Object.values(buckets).map(({ name }) => `bucket ${name}`),
  ].join(", ");
  const texts: Readonly<Record<Exclude<Presence, "running">, string>> = {
    retired:
      `takes the system away: no pod of it runs, nobody reaches it, nothing is dumped. What stays` +
      `${environment === "production" ? ", protected" : ""}: ${kept}. Without this line the system is back, with its data`,
    dumping:
      "runs the database alone, for one more dump of it. After that, dataGoes gives the data up, and true keeps it",
    "given-up":
      `takes the protection away from ${kept}: all of it is deleted once the system's key is removed, but for the bucket ` +
      "of its backups. true keeps it",
  };
  return { path: `${key}.retired`, text: `${texts[presence as Exclude<Presence, "running">]} (${runbook})` };
}

function missingMesh(key: string, { addons }: PlatformSetting, { mesh }: SystemFacts): Notice[] {
  if (mesh === undefined || addons.linkerd === "existing") return [];
  const text =
    "asks for Linkerd, and the cluster has no control plane: connections between its pods are not encrypted, " +
    "only limited by policies";
  return [{ path: `${key}.${mesh}`, text }];
}

function poolsTooSmall(key: string, { cluster, pools }: PlatformSetting, facts: SystemFacts): Notice[] {
  if (cluster.source !== "create" && cluster.source !== "existing") return [];
  return Object.entries(facts.shapes).flatMap(
    ([
      name,
      {
        pool,
        replicas,
        resources: { requests },
      },
    ]) => {
      if (typeof replicas === "number") return [];
      const nodes = pools[pool];
      const size = nodes?.size === undefined ? undefined : roomOn(nodes.size);
      if (nodes?.max === undefined || size === undefined) return [];
      // Counted in whole pods for each node, because a pod cannot use what is left over on two nodes.
      const onOne = Math.min(
        Math.floor(size.milliCpu / milliCpu(requests.cpu)),
        Math.floor(size.mebibytes / mebibytes(requests.memory)),
      );
      const needed = onOne === 0 ? Infinity : Math.ceil(replicas.max / onOne);
      if (needed <= nodes.max) return [];
      const text =
        `may grow to ${replicas.max} pods, for which pool ${pool} would need ${needed} nodes of ` +
        `${nodes.size ?? ""}; it stops at ${nodes.max}`;
      return [{ path: `${key}.workloads.${name}.autoscaling`, text }];
    },
  );
}

/**
 * Disk that Redis needs at most, in times of its data: the log, as much again until it is rewritten, what is rewritten, and
 * snapshots. A server with 100 MB of random values that were overwritten all the time took 4.4 times that.
 */
const redisDisk = 5;

function diskTooSmall(key: string, { services }: SystemFacts): Notice[] {
  const { redis } = services;
  if (redis?.kind !== "in-cluster" || !("maxMemory" in redis)) return [];
  if (bytes(redis.storage) >= redisDisk * bytes(redis.maxMemory)) return [];
  const text =
    `is less than ${redisDisk} times maxMemory (${redis.maxMemory}), which the log, its rewriting and snapshots may take: ` +
    "on a full disk Redis refuses what is written. Ask for more, or lower maxMemory";
  return [{ path: `${key}.redis.storage`, text }];
}

/** Settings for a workload that the stack does not have, such as resources of a database that is managed. */
function idleSettings(key: string, { shapes, workloads }: SystemFacts): Notice[] {
  const text = `changes nothing: with the other settings there is no such workload, but ${Object.keys(shapes).join(", ")}`;
  return Object.entries(workloads)
    .filter(
      ([name, setting]) => setting !== undefined && !Object.keys(shapes).some((one) => settingsName(one) === name),
    )
    .map(([name]) => ({ path: `${key}.workloads.${name}`, text }));
}

/** Notices if the workloads may open more connections than the PostgreSQL server, or DigitalOcean's plan, admits. */
function connectionsTooFew(key: string, { services, shapes, connections: wanted }: SystemFacts): Notice[] {
  const database = services["database"];
  if (database === undefined || !("version" in database)) return [];
  const [path, admitted] = admittedConnections(database);
  if (admitted === undefined || wanted <= admitted) return [];
  const most = Object.entries(shapes)
    .filter(([, { connections }]) => connections > 1)
    .map(([name, shape]) => `${name} ${wantedConnections({ [name]: shape })}`);
  const text =
    `admits ${admitted} connections, and the workloads may open ${wanted} (${most.join(", ")}): the last ones are ` +
    "refused. Raise it, or lower workloads.*.connections with what makes the application open fewer";
  return [{ path: `${key}.database.${path}`, text }];
}

function admittedConnections(database: SystemFacts["services"][string]): [string, number | undefined] {
  switch (database.kind) {
    case "in-cluster": {
      // Without this setting, the program sets `max_connections` to what the workloads need.
      const given = "parameters" in database ? database.parameters["max_connections"] : undefined;
      return ["parameters.max_connections", given === undefined ? undefined : Number(given) || defaultConnections];
    }
    case "managed":
      return "connectionPool" in database && database.connectionPool !== undefined
        ? ["connectionPool.size", database.connectionPool.size]
        : ["size", planConnections(database.size)];
    case "existing":
      return ["kind", undefined];
  }
}
