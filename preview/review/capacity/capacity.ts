/**
 * Whether everything fits: per pool what is asked for and what there is, and what would wait for a node, with the setting
 * that helps. An estimate of the scheduler's answer; the rehearsal on a real control plane asks the scheduler itself. Pure.
 */
import { roomOn, type Room } from "../../../catalogue/droplets.ts";
import { systemPool, volumesPerNode } from "../../../catalogue/doks.ts";
import type { Resource } from "../../../graph/resource.ts";
import { uncountedCharts } from "./charts.ts";
import type { PodGroup } from "./pod-group.ts";
import { podGroups } from "./pods.ts";
import { schedule, type Pool, type Waiting } from "./schedule.ts";

/** Of a pool: what all pods that must be on it ask for, and what its nodes have. */
export interface Load {
  readonly requested: Room;
  readonly room: Room | undefined;
  readonly volumes: number;
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
  /** A problem never resolves itself; a warning is waiting, or no room where some is needed now and then. */
  readonly level: "problem" | "warning";
  readonly pool: string;
  /** `2 pods of gx/projector wait for memory` */
  readonly text: string;
  /** `raise platform.pools.general.min from 4 to 5` */
  readonly fix: string;
}

export interface Capacity {
  readonly pools: readonly PoolCapacity[];
  readonly findings: readonly CapacityFinding[];
  /** Charts whose pods are not counted. */
  readonly uncounted: readonly string[];
}

/** Nothing where the cluster is not this stack's: its pools are another's. */
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

/** A moment in which everything must find a node. */
interface Scenario {
  /** Ends a sentence that says which pods wait. */
  readonly when: (pool: Pool) => string;
  readonly count: (group: PodGroup) => number;
  readonly nodes: (pool: Pool) => number;
  readonly level: (pool: Pool) => CapacityFinding["level"];
  /** The end of the pool that more nodes would be added at. */
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
    // DOKS drains a pool of one only after it has added another.
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

/** The fewest nodes that suffice; a larger size where no number does. */
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
