/** The names that follow from the number of a PostgreSQL server. Pure. */

/** End of the names of a server: nothing for the first one, then `-2` and so on. */
export function suffixOf({ generation: number }: { readonly generation: number }): string {
  return number === 1 ? "" : `-${number}`;
}

/**
 * Name under which `workloads` has the settings of a workload: those of `postgres-2` and `postgres-2-setup` are the first
 * server's, so that a move leaves them where they are.
 */
export function settingsName(workload: string): string {
  return workload.replace(/-(?:[2-9]|[1-9][0-9])(?=(?:-setup|-grant)?$)/, "");
}
