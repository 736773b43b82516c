/**
 * Places pods on nodes much as the scheduler does: on the node with fewest pods of the same owner, then with most free. Or as well
 * as it could be done, to know what no scheduler could do. Pure.
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
  /** Whether the cluster had it before, so that the settings only repeat what DigitalOcean knows. @default false */
  readonly isThere?: true;
}

/** What a node has too little of for a pod. */
export type Lack = "CPU" | "memory" | "CPU and memory" | "volumes" | "a node";

/** Pods of a group for which there was no node. */
export interface Waiting {
  readonly group: PodGroup;
  /** Number of these pods. */
  readonly count: number;
  /** What the nodes had too little of. */
  readonly lacking: Lack;
}

/** A node with what is free on it. */
interface Node extends Room {
  readonly pool: Pool & { readonly room: Room };
  milliCpu: number;
  mebibytes: number;
  volumes: number;
  pods: number;
  readonly owners: Map<PodGroup, number>;
}

/**
 * In which order pods come, and where they go: `spread` as the scheduler spreads them, in the order given; `packed` with
 * those first that must be apart, then the largest, each on the fullest node that has room.
 */
export type Manner = "spread" | "packed";

/**
 * Places all pods.
 *
 * @param count number of pods of a group
 * @param nodes number of nodes of a pool
 * @returns the pods that found no node, of each group at most one entry; empty if all did
 */
export function schedule(
  groups: readonly PodGroup[],
  count: (group: PodGroup) => number,
  pools: readonly Pool[],
  nodes: (pool: Pool) => number,
  manner: Manner = "spread",
): Waiting[] {
  const rows = new Rows(pools, nodes);
  // Whoever has a higher priority gets room first, and takes it from others; a new node gets what runs on every node first.
  const size = ({ each, apart: { perNode, skew } }: PodGroup) => {
    if (manner === "spread") return 0;
    return Math.min(perNode, skew) < Infinity ? Infinity : each.milliCpu / 1000 + each.mebibytes / 2048;
  };
  const order = groups.toSorted(
    (a, b) =>
      b.priority - a.priority ||
      Number(b.everyNode) - Number(a.everyNode) ||
      (size(a) === size(b) ? 0 : size(b) - size(a)),
  );
  // Pods that run all the time are placed before those of tasks, autoscaling and updates.
  const steady = (group: PodGroup) => (group.task ? 0 : Math.min(group.min, count(group)));
  return together([
    ...order.flatMap((group) =>
      group.everyNode ? placeOnEach(rows, group) : placeAll(rows, group, steady(group), manner),
    ),
    ...order.flatMap((group) => (group.everyNode ? [] : placeAll(rows, group, count(group) - steady(group), manner))),
  ]);
}

function together(waiting: readonly Waiting[]): Waiting[] {
  return [...Map.groupBy(waiting, ({ group }) => group)].map(([group, own]) => ({
    group,
    count: own.reduce((sum, { count }) => sum + count, 0),
    lacking: own[0]?.lacking ?? "a node",
  }));
}

/** Places a DaemonSet's pods. Each can only run on its own node, and waits if that one is full. */
function placeOnEach(rows: Rows, group: PodGroup): Waiting[] {
  const nodes = rows.of(group);
  const full = nodes.filter((node) => lacking(node, group));
  for (const node of nodes.filter((one) => lacking(one, group) === undefined)) rows.place(node, group);
  return full.length === 0 ? [] : [{ group, count: full.length, lacking: mostly(full, group) }];
}

function placeAll(rows: Rows, group: PodGroup, wanted: number, manner: Manner): Waiting[] {
  const { skew, perNode, nodes: leastNodes } = group.apart;
  const own = (node: Node) => node.owners.get(group) ?? 0;
  /** Fewest of the group's pods that a node with room has; it never falls. */
  let fewest = 0;
  for (let placed = 0; placed < wanted; placed++) {
    const nodes = rows.of(group);
    const most = Math.min(perNode, nodes.length < leastNodes ? skew : Infinity);
    const takes = (node: Node) => own(node) < most && lacking(node, group) === undefined;
    const best =
      manner === "spread" || skew < Infinity ? emptiest(nodes, takes, own, fewest) : nodes.find((node) => takes(node));
    if (best === undefined) return [{ group, count: wanted - placed, lacking: mostly(nodes, group) }];
    fewest = own(best);
    if (skew < Infinity && fewest + 1 - Math.min(...nodes.map(own)) > skew)
      return [{ group, count: wanted - placed, lacking: "a node" }];
    rows.place(best, group);
  }
  return [];
}

/** Of the nodes that take a pod, the one with fewest of its group, and of these the one with most free. */
function emptiest(
  nodes: readonly Node[],
  takes: (node: Node) => boolean,
  own: (node: Node) => number,
  fewest: number,
): Node | undefined {
  let best: Node | undefined;
  for (let i = nodes.length - 1; i >= 0; i -= 1) {
    const node = nodes[i];
    if (node === undefined || !takes(node)) continue;
    // Nodes are in the order of what is free, so that the first with no more than the fewest is the best of all.
    if (own(node) === fewest) return node;
    if (best === undefined || own(node) < own(best)) best = node;
  }
  return best;
}

/**
 * The nodes of each pool, those with least free first. They stay in this order while pods are placed: to sort them for each workload
 * would take most of a review's time at some hundred nodes.
 */
class Rows {
  readonly #byPool: ReadonlyMap<string, Node[]>;

  constructor(pools: readonly Pool[], nodes: (pool: Pool) => number) {
    const row = (pool: Pool) => Array.from({ length: nodes(pool) }, () => emptyNode(pool));
    this.#byPool = new Map(pools.map((pool) => [pool.name, row(pool)]));
  }

  /** The nodes that pods of a group may run on, in order. */
  of({ pool }: PodGroup): readonly Node[] {
    if (pool !== undefined) return this.#byPool.get(pool) ?? [];
    return [...this.#byPool.values()].flat().toSorted((a, b) => free(a) - free(b));
  }

  place(node: Node, group: PodGroup): void {
    const row = this.#byPool.get(node.pool.name) ?? [];
    row.splice(row.indexOf(node), 1);
    place(node, group);
    row.splice(placeIn(row, free(node)), 0, node);
  }
}

/** Index at which a node with so much free belongs in a row, in front of those that have as much. */
function placeIn(row: readonly Node[], room: number): number {
  let [from, to] = [0, row.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const other = row[middle];
    if (other !== undefined && free(other) < room) from = middle + 1;
    else to = middle;
  }
  return from;
}

function emptyNode(pool: Pool): Node {
  const room = pool.room ?? { milliCpu: Infinity, mebibytes: Infinity };
  return { pool: { ...pool, room }, ...room, volumes: volumesPerNode, pods: podsPerNode, owners: new Map() };
}

function place(node: Node, group: PodGroup): void {
  node.milliCpu -= group.each.milliCpu;
  node.mebibytes -= group.each.mebibytes;
  node.volumes -= group.volumes;
  node.pods -= 1;
  node.owners.set(group, (node.owners.get(group) ?? 0) + 1);
}

/** What free room is too small for a pod; undefined if it fits. */
export function lacking(
  free: Room & { readonly volumes: number; readonly pods: number },
  { each, volumes }: Pick<PodGroup, "each" | "volumes">,
): Lack | undefined {
  const [cpu, memory] = [free.milliCpu < each.milliCpu, free.mebibytes < each.mebibytes];
  if (cpu && memory) return "CPU and memory";
  if (cpu) return "CPU";
  if (memory) return "memory";
  return free.volumes < volumes ? "volumes" : free.pods < 1 ? "a node" : undefined;
}

/** What most of the nodes lack for a pod of the group. */
function mostly(nodes: readonly Node[], group: PodGroup): Lack {
  const reasons = nodes.map((node) => lacking(node, group) ?? "a node");
  const groups = [...Map.groupBy(reasons, (reason) => reason)].toSorted(([, a], [, b]) => b.length - a.length);
  return groups[0]?.[0] ?? "a node";
}

/** How free a node is: the free shares of its CPU and of its memory, added up. */
function free({ milliCpu, mebibytes, pool }: Node): number {
  return milliCpu / pool.room.milliCpu + mebibytes / pool.room.mebibytes;
}
