/**
 * Requests on managed databases that DigitalOcean refuses. Sources: API reference, "Managed Databases", with the example of
 * "List Database Options"; documentation, "PostgreSQL Limits"; wording of the errors from do-operator#3 (node count),
 * terraform-provider-digitalocean#1128 (version), terraformer#1905 (kind of cluster); doctl#1076 (smaller size).
 */
import { isIPv4 } from "node:net";
import {
  databaseNodes,
  databaseSizes,
  databaseVersions,
  type Engine,
  planConnections,
} from "../../../catalogue/databases.ts";
import { parseBlock } from "../../../catalogue/addresses.ts";
import { regionsWith } from "../../../catalogue/regions.ts";
import type { Holdings, Database } from "../resources.ts";
import { Refusal, unprocessable } from "../answers.ts";
import { tagsRefusal } from "./tags.ts";

export interface DatabaseRequest {
  readonly name: string;
  readonly engine: Engine;
  readonly version?: string | undefined;
  readonly size: string;
  readonly region: string;
  readonly num_nodes: number;
  readonly tags?: readonly string[] | null | undefined;
  readonly private_network_uuid?: string | undefined;
}

/**
 * Most clusters of a team, unless DigitalOcean has raised its limit. Documentation, "PostgreSQL Limits" and "Kafka
 * Limits".
 */
const clustersPerTeam = 10;
/** Most rules of a firewall. API reference, "Update Firewall Rules". */
const rulesPerFirewall = 100;
/** Most connection pools of a cluster. Documentation, "PostgreSQL Limits". */
const poolsPerCluster = 21;

/** Why a cluster cannot be made; undefined if it can. */
export function databaseRefusal(
  asked: DatabaseRequest,
  account: Pick<Holdings, "databases" | "vpcs">,
): Refusal | undefined {
  const { name, engine, version, region } = asked;
  // Names have no underscores: api-v2#194.
  if (!/^[a-z0-9]([a-z0-9-]{1,61}[a-z0-9])$/.test(name)) return unprocessable("invalid cluster name");
  if ([...account.databases.values()].some((one) => one.name === name))
    return unprocessable("cluster name is not available");
  if (account.databases.size >= clustersPerTeam)
    return unprocessable(`your team may have at most ${clustersPerTeam} database clusters`);
  if (!regionsWith(engine === "valkey" ? "valkey" : "databases").includes(region))
    return unprocessable("invalid cluster region");
  if (version !== undefined && !databaseVersions(engine).includes(version))
    return unprocessable("invalid cluster engine version");
  const vpc = account.vpcs.get(asked.private_network_uuid ?? "");
  if (asked.private_network_uuid !== undefined && vpc === undefined) return unprocessable("vpc not found");
  if (vpc !== undefined && vpc.region !== region)
    return unprocessable(`vpc ${vpc.name} is in ${vpc.region}, the cluster in ${region}`);
  return layoutRefusal(engine, asked) ?? tagsRefusal(asked.tags);
}

/** Why a cluster cannot change to a size; undefined if it can. */
export function resizeRefusal(
  one: Pick<Database, "engine" | "size" | "storage_size_mib">,
  asked: { size: string; num_nodes: number; storage_size_mib?: number | null | undefined },
): Refusal | undefined {
  const [now, then] = [shapeOf(one.size), shapeOf(asked.size)];
  if (then.gibibytes < now.gibibytes || (then.gibibytes === now.gibibytes && then.vcpus < now.vcpus))
    return unprocessable(`cannot resize from ${one.size} to ${asked.size}: a cluster cannot become smaller`);
  if ((asked.storage_size_mib ?? one.storage_size_mib) < one.storage_size_mib)
    return unprocessable("storage size cannot be decreased");
  return layoutRefusal(one.engine as Engine, asked);
}

/** Why a cluster cannot change to a version; undefined if it can. */
export function versionChangeRefusal(one: Pick<Database, "engine" | "version">, asked: string): Refusal | undefined {
  const lower = asked.localeCompare(one.version, "en", { numeric: true }) <= 0;
  return lower || !databaseVersions(one.engine as Engine).includes(asked)
    ? unprocessable("invalid cluster engine version")
    : undefined;
}

/** Why a connection pool cannot be made; undefined if it can. */
export function connectionPoolRefusal(
  one: Pick<Database, "engine" | "size" | "pools" | "db_names" | "users">,
  asked: { name: string; size: number; db: string; user?: string | undefined },
): Refusal | undefined {
  if (one.engine !== "pg") return unprocessable("operation is not supported for this cluster type");
  if (asked.name.length < 3 || asked.name.length > 60)
    return unprocessable("pool name must be between 3 and 60 characters");
  if (one.pools.some(({ name }) => name === asked.name))
    return new Refusal(409, "conflict", "pool name is not available");
  if (one.pools.length >= poolsPerCluster) return unprocessable(`a cluster has at most ${poolsPerCluster} pools`);
  if (!one.db_names.includes(asked.db)) return unprocessable(`database ${asked.db} does not exist`);
  if (asked.user !== undefined && asked.user !== "" && !one.users.some(({ name }) => name === asked.user))
    return unprocessable(`user ${asked.user} does not exist`);
  const given = one.pools.reduce((sum, { size }) => sum + size, 0);
  const left = (planConnections(one.size) ?? 0) - given;
  return asked.size < 1 || asked.size > left
    ? unprocessable(`pool size must be between 1 and ${left}: connections of ${one.size} that no pool has`)
    : undefined;
}

/** Why a database cannot be made in a cluster; undefined if it can. */
export function namedDatabaseRefusal(one: Pick<Database, "engine" | "db_names">, name: string): Refusal | undefined {
  if (one.engine !== "pg") return unprocessable("operation is not supported for this cluster type");
  return one.db_names.includes(name) ? new Refusal(409, "conflict", "database name is not available") : undefined;
}

/**
 * Why a topic cannot be made; undefined if it can. Source of limits: terraform-provider-digitalocean,
 * `resource_database_kafka_topic.go`.
 */
export function topicRefusal(
  one: Pick<Database, "engine" | "num_nodes" | "topics">,
  asked: { name: string; partition_count: number; replication_factor: number },
): Refusal | undefined {
  if (one.engine !== "kafka") return unprocessable("operation is not supported for this cluster type");
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(asked.name)) return unprocessable("invalid topic name");
  if (one.topics.some(({ name }) => name === asked.name)) return new Refusal(409, "conflict", "topic already exists");
  if (asked.partition_count < 3 || asked.partition_count > 2048)
    return unprocessable("partition_count must be between 3 and 2048");
  return asked.replication_factor < 2 || asked.replication_factor > one.num_nodes
    ? unprocessable(`replication_factor must be between 2 and ${one.num_nodes}, the nodes of the cluster`)
    : undefined;
}

/**
 * Why a topic cannot be changed; undefined if it can. API reference, "Update Topic for a Kafka Cluster": "can only be
 * increased".
 */
export function topicChangeRefusal(
  one: Pick<Database["topics"][number], "partitions">,
  asked: { partition_count: number },
): Refusal | undefined {
  return asked.partition_count < one.partitions ? unprocessable("partition_count can only be increased") : undefined;
}

/** Why a cluster cannot get a list of trusted sources; undefined if it can. */
export function firewallRefusal(rules: readonly { type: string; value: string }[]): Refusal | undefined {
  if (rules.length > rulesPerFirewall) return unprocessable(`a firewall has at most ${rulesPerFirewall} rules`);
  const wrong = rules.find(({ type, value }) => type === "ip_addr" && !isAddressOrRange(value));
  return wrong === undefined ? undefined : unprocessable(`${wrong.value} is not an IPv4 address or range`);
}

function layoutRefusal(engine: Engine, { size, num_nodes: nodes }: { size: string; num_nodes: number }) {
  if (!databaseSizes(engine).includes(size)) return unprocessable("invalid size");
  return databaseNodes(engine, size)?.includes(nodes) === true ? undefined : unprocessable("invalid node count");
}

/** vCPUs and memory of a size, read from its slug: `db-s-1vcpu-2gb`. */
function shapeOf(size: string): { vcpus: number; gibibytes: number } {
  const [, vcpus, gibibytes] = /-(\d+)vcpu-(\d+)gb/.exec(size) ?? [];
  return { vcpus: Number(vcpus ?? 0), gibibytes: Number(gibibytes ?? 0) };
}

function isAddressOrRange(value: string): boolean {
  if (!value.includes("/")) return isIPv4(value);
  try {
    parseBlock(value);
    return true;
  } catch {
    return false;
  }
}
