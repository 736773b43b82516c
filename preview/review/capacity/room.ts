/** What an empty node of a pool has for one more pod. Pure. */
import type { Room } from "../../../catalogue/droplets.ts";
import { podsPerNode, volumesPerNode } from "../../../catalogue/doks.ts";
import type { PodGroup } from "./pod-group.ts";
import type { Pool } from "./schedule.ts";

/** What is free on a node. */
export interface FreeRoom extends Room {
  readonly volumes: number;
  readonly pods: number;
}

/**
 * What is free for a pod on a node of a pool that runs only what runs on every node and does not make room for it; infinite CPU and
 * memory for an unknown size.
 */
export function emptyRoom(
  { room, name }: Pool,
  groups: readonly PodGroup[],
  pod: Pick<PodGroup, "priority" | "everyNode">,
): FreeRoom {
  const isFirst = ({ priority }: PodGroup) => priority > pod.priority || (priority === pod.priority && !pod.everyNode);
  const taken = groups.filter((one) => one.everyNode && (one.pool === undefined || one.pool === name) && isFirst(one));
  const sum = (of: (group: PodGroup) => number) => taken.reduce((all, one) => all + of(one), 0);
  const { milliCpu, mebibytes } = room ?? { milliCpu: Infinity, mebibytes: Infinity };
  return {
    milliCpu: milliCpu - sum(({ each }) => each.milliCpu),
    mebibytes: mebibytes - sum(({ each }) => each.mebibytes),
    volumes: volumesPerNode - sum(({ volumes }) => volumes),
    pods: podsPerNode - taken.length,
  };
}
