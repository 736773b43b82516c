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
 * What is free on a node of a pool that runs nothing but what runs on every node; infinite CPU and memory for an unknown size.
 *
 * @param but what is not counted: the pods that the room is for
 */
export function emptyRoom({ room, name }: Pool, groups: readonly PodGroup[], but: PodGroup): FreeRoom {
  const taken = groups.filter((one) => one.everyNode && one !== but && (one.pool === undefined || one.pool === name));
  const sum = (of: (group: PodGroup) => number) => taken.reduce((all, one) => all + of(one), 0);
  const { milliCpu, mebibytes } = room ?? { milliCpu: Infinity, mebibytes: Infinity };
  return {
    milliCpu: milliCpu - sum(({ each }) => each.milliCpu),
    mebibytes: mebibytes - sum(({ each }) => each.mebibytes),
    volumes: volumesPerNode - sum(({ volumes }) => volumes),
    pods: podsPerNode - taken.length,
  };
}
