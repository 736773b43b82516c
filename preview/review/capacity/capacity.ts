/**
 * Whether all pods find a node: what each pool has and what is requested of it, and which pods would wait, with the
 * setting to raise. This estimates what the scheduler would do; the sandbox runs the real scheduler. Pure.
 */
import { roomOn, type Room } from "../../../catalogue/droplets.ts";
import { systemPool, volumesPerNode } from "../../../catalogue/doks.ts";
import type { Resource } from "../../../graph/resource.ts";
import { uncountedCharts } from "./charts.ts";
import type { PodGroup } from "./pod-group.ts";
import { podGroups } from "./pods.ts";
import { schedule, type Pool, type Waiting } from "./schedule.ts";

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
  readonly pool: Pool;
  /** Pods and nodes at their minimum. */
  readonly min: Load;
  /** Autoscaled pods and nodes at their maximum. */
  readonly max: Load;
}

interface CapacityFinding {
  /** `problem` if pods would wait for ever, `warning` if they wait for a new node or only in some situations. */
  readonly level: "problem" | "warning";
  readonly pool: string;
  /** Which pods wait, and for what: `2 pods of gx/projector wait for memory`. */
  readonly text: string;
  /** Setting to change: `raise platform.pools.general.min from 4 to 5`. */
  readonly fix: string;
}

/** Capacity of a stack's node pools. */
export interface Capacity {
  readonly pools: readonly PoolCapacity[];
  readonly findings: readonly CapacityFinding[];
  /** Names of Helm releases whose pods are not known, and so not counted. */
  readonly uncounted: readonly string[];
}

/** Capacity of the pools that a stack makes; empty if it does not make the cluster. */
export function capacity(resources: readonly Resource[]): Capacity {
  const pools = poolsOf(resources);
  if (pools.length === 0) return { pools: [], findings: [], uncounted: [] };
  const groups = podGroups(resources);
  return {
    pools: pools.map((pool) => ({ pool, min: load(pool, groups, "min"), max: load(pool, groups, "max") })),
    findings: [...unknownSizes(pools), ...scenarios.flatMap((scenario) => findings(scenario, groups, pools))],
    uncounted: uncountedCharts(resources),
  };
}

function poolsOf(resources: readonly Resource[]): Pool[] {
  return resources.flatMap(({ type, inputs }) => {
    if (type.endsWith(":KubernetesCluster")) return [poolOf(inputs["nodePool"] as Record<string, unknown>)];
    return type.endsWith(":KubernetesNodePool") ? [poolOf(inputs)] : [];
  });
}

function poolOf({ name, size, nodeCount, minNodes, maxNodes }: Record<string, unknown>): Pool {
  const slug = String(size);
  return {
    ...{ name: String(name), size: slug, room: roomOn(slug) },
    ...{ min: Number(minNodes ?? nodeCount), max: Number(maxNodes ?? nodeCount) },
  };
}

function load(pool: Pool, groups: readonly PodGroup[], end: "min" | "max"): Load {
  const nodes = pool[end];
  const here = groups.filter((group) => !group.task && (group.everyNode || group.pool === pool.name));
  const sum = (of: (group: PodGroup) => number) =>
    here.reduce((all, group) => all + of(group) * (group.everyNode ? nodes : group[end]), 0);
  return {
    requested: { milliCpu: sum(({ each }) => each.milliCpu), mebibytes: sum(({ each }) => each.mebibytes) },
    room: pool.room && { milliCpu: pool.room.milliCpu * nodes, mebibytes: pool.room.mebibytes * nodes },
    ...{ volumes: sum(({ volumes }) => volumes), volumesRoom: volumesPerNode * nodes },
  };
}

/** A situation in which all pods should find a node. */
interface Scenario {
  /** End of the sentence that says which pods wait: `while a node is drained`. */
  readonly when: (pool: Pool) => string;
  /** Number of pods of a group in this situation. */
  readonly count: (group: PodGroup) => number;
  /** Number of nodes that a pool has in this situation. */
  readonly nodes: (pool: Pool) => number;
  readonly level: (pool: Pool) => CapacityFinding["level"];
  /** Setting of the pool to raise if the nodes do not suffice. */
  readonly raise: "min" | "max";
}

const steady = (group: PodGroup) => (group.task ? 0 : group.min);
const scenarios: readonly Scenario[] = [
  {
    when: ({ min, max }) => (min === max ? "for good" : "at rest, until the autoscaler brings a node"),
    count: steady,
    nodes: ({ min }) => min,
    level: ({ min, max }) => (min === max ? "problem" : "warning"),
    raise: "min",
  },
  {
    when: () => "while everything is updated at once, with jobs running",
    count: (group) => group.min + group.surge,
    nodes: ({ max }) => max,
    level: () => "warning",
    raise: "max",
  },
  {
    when: () => "while a node is drained",
    count: steady,
    // If a pool has one node, DOKS adds another before it drains that one.
    nodes: ({ max }) => Math.max(1, max - 1),
    level: () => "warning",
    raise: "max",
  },
  {
    when: () => "when the autoscalers ask for all that they may",
    count: (group) => (group.task ? 0 : group.max),
    nodes: ({ max }) => max,
    level: () => "warning",
    raise: "max",
  },
];

function findings(scenario: Scenario, groups: readonly PodGroup[], pools: readonly Pool[]): CapacityFinding[] {
  const waiting = schedule(groups, scenario.count, pools, scenario.nodes);
  return [...Map.groupBy(waiting, ({ group }) => group.pool)].map(([name, here]) => {
    const pods = here.map(waits).join(", ");
    const pool = pools.find((one) => one.name === name);
    if (pool !== undefined) {
      const text = `${pods} ${scenario.when(pool)}`;
      return { level: scenario.level(pool), pool: pool.name, text, fix: fix(scenario, groups, pool) };
    }
    if (name === undefined) return { level: "warning", pool: "any", text: pods, fix: "raise the max of a pool" };
    return { level: "problem", pool: name, text: pods, fix: `add platform.pools.${name}, or name another pool` };
  });
}

function waits({ group, count, lacking }: Waiting): string {
  return `${count} ${count === 1 ? "pod" : "pods"} of ${group.name} ${count === 1 ? "waits" : "wait"} for ${lacking}`;
}

/** Advice on a pool that is too small: the smallest number of nodes that suffices, or a larger node size if none does. */
function fix({ count, nodes, raise }: Scenario, groups: readonly PodGroup[], pool: Pool): string {
  const here = groups.filter((group) => group.pool === pool.name || group.everyNode);
  const larger = (extra: number) => ({ ...pool, min: pool.min + extra, max: pool.max + extra });
  const more = Array.from({ length: 64 }, (_, i) => i + 1).find(
    (extra) => schedule(here, count, [pool], () => nodes(larger(extra))).length === 0,
  );
  if (more === undefined) {
    const largest = here.toSorted(
      (a, b) => b.each.mebibytes - a.each.mebibytes || b.each.milliCpu - a.each.milliCpu,
    )[0];
    return `${largest?.name ?? "a pod"} needs a larger node than ${pool.size}, or lower requests`;
  }
  if (pool.name === systemPool) {
    return `raise platform.cluster.systemPool.count from ${pool.min} to ${pool.min + more}, or lower requests`;
  }
  const setting = `platform.pools.${pool.name}.${raise}`;
  const both = pool.min === pool.max && raise === "min" ? " and max" : "";
  return `raise ${setting}${both} from ${pool[raise]} to ${pool[raise] + more}, or lower requests`;
}

function unknownSizes(pools: readonly Pool[]): CapacityFinding[] {
  return pools
    .filter(({ room }) => room === undefined)
    .map(({ name, size }) => ({
      level: "warning",
      pool: name,
      text: `what a node of size ${size} has for pods is not known, so nothing is checked on it`,
      fix: "add its memory to catalogue/droplets.ts",
    }));
}
