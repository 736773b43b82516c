/**
 * Places pods on nodes much as the scheduler does: on the node with fewest pods of the same owner, then with most free.
 * Pure.
 */
import type { Room } from "../../../catalogue/droplets.ts";
import { podsPerNode, volumesPerNode } from "../../../catalogue/doks.ts";
import type { PodGroup } from "./pod-group.ts";

/** A node pool. */
export interface Pool {
  readonly name: string;
  /** Slug of its nodes' size: `s-4vcpu-8gb`. */
  readonly size: string;
  /** Smallest number of nodes. */
  readonly min: number;
  /** Largest number of nodes. */
  readonly max: number;
  /** CPU and memory that each node has for pods; undefined for an unknown size. */
  readonly room: Room | undefined;
}

/** Pods of a group for which there was no node. */
export interface Waiting {
  readonly group: PodGroup;
  /** Number of these pods. */
  readonly count: number;
  /** What the nodes had too little of. */
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
 * Places all pods.
 *
 * @param count number of pods of a group
 * @param nodes number of nodes of a pool
 * @returns the pods that found no node; empty if all did
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
  // Pods that run all the time are placed first, then those of tasks, autoscaling and updates.
  const steady = (group: PodGroup) => (group.task ? 0 : Math.min(group.min, count(group)));
  return [
    ...everywhere,
    ...single.flatMap((group) => placeAll(all, group, steady(group))),
    ...single.flatMap((group) => placeAll(all, group, count(group) - steady(group))),
  ];
}

/** Places a DaemonSet's pods. Each can only run on its own node, and waits if that one is full. */
function placeOnEach(nodes: readonly Node[], group: PodGroup): Waiting[] {
  const own = candidatesFor(group, nodes);
  const [full, fitting] = [own.filter((node) => lacking(node, group)), own.filter((node) => !lacking(node, group))];
  for (const node of fitting) place(node, group);
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

/** What most of the nodes lack for a pod of the group. */
function mostly(nodes: readonly Node[], group: PodGroup): Waiting["lacking"] {
  const reasons = nodes.map((node) => lacking(node, group) ?? "a node");
  const groups = [...Map.groupBy(reasons, (reason) => reason)].toSorted(([, a], [, b]) => b.length - a.length);
  return groups[0]?.[0] ?? "a node";
}

function preferred({ name }: PodGroup): (a: Node, b: Node) => number {
  return (a, b) => (a.owners.get(name) ?? 0) - (b.owners.get(name) ?? 0) || free(b) - free(a);
}

/** How free a node is: the free shares of its CPU and of its memory, added up. */
function free({ milliCpu, mebibytes, pool }: Node): number {
  return milliCpu / pool.room.milliCpu + mebibytes / pool.room.mebibytes;
}
