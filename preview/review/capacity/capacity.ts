/**
 * Whether all pods find a node: what each pool has and what is requested of it, and which pods would wait or never run, with the
 * setting to change. This estimates what the scheduler would do; the sandbox runs the real scheduler. Pure.
 */
import { roomOn, type Room } from "../../../catalogue/droplets.ts";
import { volumesPerNode } from "../../../catalogue/doks.ts";
import type { Resource } from "../../../graph/resource.ts";
import { givenCluster } from "../../../graph/stack.ts";
import { uncountedCharts } from "./charts.ts";
import { findings, type CapacityFinding } from "./findings.ts";
import type { PodGroup } from "./pod-group.ts";
import { podGroups } from "./pods.ts";
import type { Pool } from "./schedule.ts";

/** What pods request of a node pool, and what the pool has. */
export interface Load {
  /** Sum of the requests of all pods that must run on the pool. */
  readonly requested: Room;
  /** What all nodes of the pool have for pods; undefined for an unknown size. */
  readonly room: Room | undefined;
  /** Number of block volumes of these pods. */
  readonly volumes: number;
  /** Most block volumes that can be attached to the pool's nodes. */
  readonly volumesRoom: number;
}

interface PoolCapacity {
  readonly pool: MadePool;
  /** Pods and nodes at their minimum. */
  readonly min: Load;
  /** Autoscaled pods and nodes at their maximum. */
  readonly max: Load;
}

/** Capacity of a stack's node pools. */
export interface Capacity {
  readonly pools: readonly PoolCapacity[];
  /** Problems first; of each workload at most one, the most serious. */
  readonly findings: readonly CapacityFinding[];
  /** Names of Helm releases whose pods are not known, and so not counted. */
  readonly uncounted: readonly string[];
  /** What else is not counted, because the cluster was there before: `what else runs on general, which was there before`. */
  readonly unknown: readonly string[];
}

/**
 * Capacity of the pools that a stack makes, and of those it is told of in a cluster that is there; empty if it knows of none.
 *
 * @param before the stack's resources before a change, to say which problems are new @default - nothing is compared
 */
export function capacity(resources: readonly Resource[], before?: readonly Resource[]): Capacity {
  const now = capacityOf(resources);
  if (before === undefined || !now.findings.some(isProblem)) return now;
  const known = new Set(
    capacityOf(before)
      .findings.filter(isProblem)
      .map(({ resource }) => resource),
  );
  const marked = now.findings.map((one) => (isProblem(one) ? { ...one, isNew: !known.has(one.resource) } : one));
  return { ...now, findings: marked };
}

function isProblem({ level }: CapacityFinding): boolean {
  return level === "problem";
}

function capacityOf(resources: readonly Resource[]): Capacity {
  const given = givenCluster(resources);
  const there = Object.entries(given?.pools ?? {}).map(([name, pool]) => ({ name, ...pool }));
  const [told, untold] = [there.filter(isTold), there.filter((one) => !isTold(one))];
  const pools = [
    ...poolsOf(resources),
    ...told.map(({ name, size, min, max }): MadePool => ({
      ...{ urn: given?.urn ?? "", name, size, room: roomOn(size), min: min ?? max, max, isThere: true },
    })),
  ];
  const unknown = given?.pools === undefined ? [] : unknownOf(told, untold);
  if (pools.length === 0) return { pools: [], findings: [], uncounted: [], unknown };
  // In a cluster that is there, pods without a pool may run on nodes that the settings do not know of.
  const known = ({ pool, everyNode }: PodGroup) =>
    pool === undefined ? everyNode : !untold.some(({ name }) => name === pool);
  const groups = podGroups(resources).filter((group) => given?.pools === undefined || known(group));
  return {
    pools: pools.map((pool) => ({ pool, min: load(pool, groups, "min"), max: load(pool, groups, "max") })),
    findings: [...findings(groups, pools), ...unknownSizes(pools)],
    uncounted: uncountedCharts(resources),
    unknown,
  };
}

interface Told {
  readonly name: string;
  readonly size: string;
  readonly min?: number;
  readonly max: number;
}

function isTold(pool: Partial<Told> & Pick<Told, "name">): pool is Told {
  return pool.size !== undefined && pool.max !== undefined;
}

function unknownOf(told: readonly { name: string }[], untold: readonly { name: string }[]): string[] {
  const names = (pools: readonly { name: string }[]) => pools.map(({ name }) => name).join(", ");
  return [
    ...(told.length === 0 ? [] : [`what else runs on ${names(told)}, which the cluster had before`]),
    ...(untold.length === 0 ? [] : [`pods of ${names(untold)}: the settings do not say its size and max`]),
    "pods that name no pool: they may run on nodes that the settings do not name",
  ];
}

interface MadePool extends Pool {
  /** URN of the pool; of the cluster for the built-in one. */
  readonly urn: string;
}

function poolsOf(resources: readonly Resource[]): MadePool[] {
  return resources.flatMap(({ type, inputs, urn }) => {
    if (type.endsWith(":KubernetesCluster")) return [poolOf(urn, inputs["nodePool"] as Record<string, unknown>)];
    return type.endsWith(":KubernetesNodePool") ? [poolOf(urn, inputs)] : [];
  });
}

function poolOf(urn: string, { name, size, nodeCount, minNodes, maxNodes }: Record<string, unknown>): MadePool {
  const slug = String(size);
  return {
    ...{ urn, name: String(name), size: slug, room: roomOn(slug) },
    ...{ min: Number(minNodes ?? nodeCount), max: Number(maxNodes ?? nodeCount) },
  };
}

function load(pool: Pool, groups: readonly PodGroup[], end: "min" | "max"): Load {
  const nodes = pool[end];
  const here = groups.filter(
    (group) => !group.task && (group.pool === pool.name || (group.everyNode && group.pool === undefined)),
  );
  const sum = (of: (group: PodGroup) => number) =>
    here.reduce((all, group) => all + of(group) * (group.everyNode ? nodes : group[end]), 0);
  return {
    requested: { milliCpu: sum(({ each }) => each.milliCpu), mebibytes: sum(({ each }) => each.mebibytes) },
    room: pool.room && { milliCpu: pool.room.milliCpu * nodes, mebibytes: pool.room.mebibytes * nodes },
    ...{ volumes: sum(({ volumes }) => volumes), volumesRoom: volumesPerNode * nodes },
  };
}

function unknownSizes(pools: readonly MadePool[]): CapacityFinding[] {
  return pools
    .filter(({ room }) => room === undefined)
    .map(({ name, size, urn }) => ({
      level: "warning",
      situation: "unknown size",
      pool: name,
      urn,
      resource: `pool ${name}`,
      text: `has nodes of size ${size}: what they have for pods is not known, so nothing is checked on it`,
      fix: "add its memory to catalogue/droplets.ts",
    }));
}
