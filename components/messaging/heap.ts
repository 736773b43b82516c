import { mebibytes } from "../../catalogue/quantity.ts";

/**
 * A JVM's heap as its options: half of the container's memory limit, fixed from the start; the other half is for what a
 * JVM needs beside its heap, and for the page cache.
 *
 * @param limit Kubernetes quantity, such as `2Gi`
 */
export function heapOptions(limit: string): string {
  const half = Math.floor(mebibytes(limit) / 2);
  return `-Xms${half}m -Xmx${half}m`;
}
