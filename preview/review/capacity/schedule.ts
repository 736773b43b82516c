/** Pods onto nodes, as the scheduler would: each where most is free and fewest of its kind are. Pure. */
import type { Room } from "../../../catalogue/droplets.ts";
import { podsPerNode, volumesPerNode } from "../../../catalogue/doks.ts";
import type { PodGroup } from "./pod-group.ts";

/** Equal nodes. */
export interface Pool {
  readonly name: string;
  readonly size: string;
  readonly min: number;
  readonly max: number;
  /** On each node; undefined where the size is unknown. */
  readonly room: Room | undefined;
}

/** Pods of a group that found no node. */
export interface Waiting {
  readonly group: PodGroup;
  readonly count: number;
  /** What there was too little of. */
  readonly lacking: "CPU" | "memory" | "CPU and memory" | "volumes" | "a node";
}

interface Node {
  readonly pool: Pool & { readonly room: Room };
  milliCpu: number;
  mebibytes: number;
  volumes: number;
  pods: number;
  readonly owners: Map<string, number>;
}

/**
 * @param count how many pods of each group
 * @param nodes how many nodes of each pool
 */
export function schedule(
  groups: readonly PodGroup[],
  count: (group: PodGroup) => number,
  pools: readonly Pool[],
  nodes: (pool: Pool) => number,
): Waiting[] {
  const all = pools.flatMap((pool) => Array.from({ length: nodes(pool) }, () => emptyNode(pool)));
  const everywhere = groups.filter(({ everyNode }) => everyNode).flatMap((group) => placeOnEach(all, group));
  const single = groups.filter(({ everyNode }) => !everyNode);
  // What always runs is there before what comes and goes.
  const steady = (group: PodGroup) => (group.task ? 0 : Math.min(group.min, count(group)));
  return [
    ...everywhere,
    ...single.flatMap((group) => placeAll(all, group, steady(group))),
    ...single.flatMap((group) => placeAll(all, group, count(group) - steady(group))),
  ];
}

/** A DaemonSet's pods wait one by one, each for its own node. */
function placeOnEach(nodes: readonly Node[], group: PodGroup): Waiting[] {
  const own = candidatesFor(group, nodes);
  const [full, free] = [own.filter((node) => lacking(node, group)), own.filter((node) => !lacking(node, group))];
  for (const node of free) place(node, group);
  return full.length === 0 ? [] : [{ group, count: full.length, lacking: mostly(full, group) }];
}

function candidatesFor({ pool: name }: PodGroup, nodes: readonly Node[]): Node[] {
  return nodes.filter(({ pool }) => name === undefined || name === pool.name);
}

function placeAll(nodes: readonly Node[], group: PodGroup, wanted: number): Waiting[] {
  const candidates = candidatesFor(group, nodes);
  for (let placed = 0; placed < wanted; placed++) {
    const best = candidates.filter((node) => lacking(node, group) === undefined).toSorted(preferred(group))[0];
    if (best === undefined) return [{ group, count: wanted - placed, lacking: mostly(candidates, group) }];
    place(best, group);
  }
  return [];
}

function emptyNode(pool: Pool): Node {
  const room = pool.room ?? { milliCpu: Infinity, mebibytes: Infinity };
  return { pool: { ...pool, room }, ...room, volumes: volumesPerNode, pods: podsPerNode, owners: new Map() };
}

function place(node: Node, { each, volumes, name }: PodGroup): void {
  node.milliCpu -= each.milliCpu;
  node.mebibytes -= each.mebibytes;
  node.volumes -= volumes;
  node.pods -= 1;
  node.owners.set(name, (node.owners.get(name) ?? 0) + 1);
}

function lacking(node: Node, { each, volumes }: PodGroup): Waiting["lacking"] | undefined {
  const [cpu, memory] = [node.milliCpu < each.milliCpu, node.mebibytes < each.mebibytes];
  if (cpu && memory) return "CPU and memory";
  if (cpu) return "CPU";
  if (memory) return "memory";
  return node.volumes < volumes ? "volumes" : node.pods < 1 ? "a node" : undefined;
}

/** What most of the nodes lack. */
function mostly(nodes: readonly Node[], group: PodGroup): Waiting["lacking"] {
  const reasons = nodes.map((node) => lacking(node, group) ?? "a node");
  const groups = [...Map.groupBy(reasons, (reason) => reason)].toSorted(([, a], [, b]) => b.length - a.length);
  return groups[0]?.[0] ?? "a node";
}

function preferred({ name }: PodGroup): (a: Node, b: Node) => number {
  return (a, b) => (a.owners.get(name) ?? 0) - (b.owners.get(name) ?? 0) || free(b) - free(a);
}

/** Share of a node that is free: of CPU and memory, on average. */
function free({ milliCpu, mebibytes, pool }: Node): number {
  return milliCpu / pool.room.milliCpu + mebibytes / pool.room.mebibytes;
}
