const mebibytes: Record<string, number> = { Ki: 1 / 1024, Mi: 1, Gi: 1024, Ti: 1024 * 1024 };

/**
 * A JVM's heap as its options: half of the container's memory limit, fixed from the start; the other half is for what a
 * JVM needs beside its heap, and for the page cache.
 *
 * @param limit Kubernetes quantity with a binary unit, such as `2Gi`
 */
export function heapOptions(limit: string): string {
  const [, amount = "0", unit = "Mi"] = /^(\d+)(\w+)$/.exec(limit) ?? [];
  const half = Math.floor((Number(amount) * (mebibytes[unit] ?? 1)) / 2);
  return `-Xms${half}m -Xmx${half}m`;
}
