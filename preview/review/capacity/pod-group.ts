import type { Room } from "../../../catalogue/droplets.ts";
import type { Container } from "../../../graph/pods.ts";
import { mebibytes, milliCpu } from "../../../catalogue/quantity.ts";

/** The pods of one owner, which are all alike. */
export interface PodGroup {
  /** Namespace and name of the owner: `bow-mark/server-deployment`. */
  readonly name: string;
  /** URN of the owner. */
  readonly urn: string;
  /** Node pool that the pods must run on; undefined for any. */
  readonly pool: string | undefined;
  /** Requests of one pod. */
  readonly each: Room;
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
}

/** The requests of one container. */
export function requested({ resources }: Pick<Container, "resources">): Room {
  const { cpu, memory } = resources?.requests ?? {};
  return { milliCpu: milliCpu(cpu), mebibytes: mebibytes(memory) };
}
