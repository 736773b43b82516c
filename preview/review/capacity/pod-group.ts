import type { Room } from "../../../catalogue/droplets.ts";
import type { Container } from "../../../graph/pods.ts";
import { mebibytes, milliCpu } from "../../../catalogue/quantity.ts";

/** The pods of one owner, which are all alike. */
export interface PodGroup {
  /** Namespace and name of the owner: `bow-mark/server-deployment`; of a chart, release and part: `prometheus/grafana`. */
  readonly name: string;
  /** URN of the owner. */
  readonly urn: string;
  /** Kind and name of the owner: `Deployment bow-mark/server-deployment`; of a chart with the part: `Release prometheus/grafana`. */
  readonly resource: string;
  /** Path of the settings whose `resources` the pods have, `gx.workloads.svc-identity`; undefined if no setting says it. */
  readonly setting: string | undefined;
  /** Path of the setting that names the pool, where it is a workload's own: `platform.monitoring.pool`. */
  readonly poolSetting?: string;
  /** Node pool that the pods must run on; undefined for any. */
  readonly pool: string | undefined;
  /** Requests of one pod. */
  readonly each: Room;
  /** What of it no setting says: containers beside the first one. */
  readonly beside: Room;
  /** Block volumes of one pod. */
  readonly volumes: number;
  /** Smallest number of pods; the number itself without an autoscaler. */
  readonly min: number;
  /** Largest number of pods; the number itself without an autoscaler. */
  readonly max: number;
  /** Number of additional pods while a new version replaces the old one. */
  readonly surge: number;
  /** Whether the pods run to completion (Job, CronJob), instead of all the time. */
  readonly task: boolean;
  /** Whether each node runs one of the pods (DaemonSet). */
  readonly everyNode: boolean;
  /**
   * Priority of the pods: where there is no room for all, those with a lower one make room. Source: `PriorityClass`; 0 without
   * one.
   */
  readonly priority: number;
  /** How far its pods must be apart; preferences, which are no condition, are left out. */
  readonly apart: Apart;
}

/** What the scheduler insists on between the pods of a group. */
export interface Apart {
  /** Most of them on one node; infinite without a condition. */
  readonly perNode: number;
  /** Largest difference of their numbers on any two nodes that they may run on; infinite without a condition. */
  readonly skew: number;
  /** With fewer nodes than this, no node may have more of them than `skew`. */
  readonly nodes: number;
}

/** No condition. */
export const anywhere: Apart = { perNode: Infinity, skew: Infinity, nodes: 0 };

/** The requests of one container. */
export function requested({ resources }: Pick<Container, "resources">): Room {
  const { cpu, memory } = resources?.requests ?? {};
  return { milliCpu: milliCpu(cpu), mebibytes: mebibytes(memory) };
}
