import type { Room } from "../../../catalogue/droplets.ts";
import type { Container } from "../../../graph/pods.ts";
import { mebibytes, milliCpu } from "../../../catalogue/quantity.ts";

/** Equal pods of one owner. */
export interface PodGroup {
  /** `bow-mark/server-deployment` */
  readonly name: string;
  readonly urn: string;
  /** Pool that they must be on; undefined for any. */
  readonly pool: string | undefined;
  /** Requests of one pod. */
  readonly each: Room;
  /** Block volumes of one pod. */
  readonly volumes: number;
  readonly min: number;
  readonly max: number;
  /** More at once while a new version replaces the old. */
  readonly surge: number;
  /** Jobs come and go; the others stay. */
  readonly task: boolean;
  /** One on each node. */
  readonly everyNode: boolean;
}

/** What one container asks for. */
export function requested({ resources }: Pick<Container, "resources">): Room {
  const { cpu, memory } = resources?.requests ?? {};
  return { milliCpu: milliCpu(cpu), mebibytes: mebibytes(memory) };
}
