/**
 * Whether all pods find a node: what each pool has and what is requested of it, and which pods would wait or never run, with the
 * setting to change. This estimates what the scheduler would do; the sandbox runs the real scheduler. Pure.
 */
import { roomOn, type Room } from "../../../catalogue/droplets.ts";
import { volumesPerNode } from "../../../catalogue/doks.ts";
import type { Resource } from "../../../graph/resource.ts";
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
}

/**
 * Capacity of the pools that a stack makes; empty if it does not make the cluster.
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
  const pools = poolsOf(resources);
  if (pools.length === 0) return { pools: [], findings: [], uncounted: [] };
  const groups = podGroups(resources);
  return {
    pools: pools.map((pool) => ({ pool, min: load(pool, groups, "min"), max: load(pool, groups, "max") })),
    findings: [...findings(groups, pools), ...unknownSizes(pools)],
    uncounted: uncountedCharts(resources),
  };
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
