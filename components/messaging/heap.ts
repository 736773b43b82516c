import { mebibytes } from "../../catalogue/quantity.ts";

/**
 * Options that give a JVM half of the container's memory limit as its heap, all of it from the start. The other half is for
 * what a JVM needs beside the heap, and for the page cache.
 *
 * @param limit memory limit of the container, a Kubernetes quantity such as `2Gi`
 */
export function heapOptions(limit: string): string {
  const half = Math.floor(mebibytes(limit) / 2);
  return `-Xms${half}m -Xmx${half}m`;
}
