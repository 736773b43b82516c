/** The number of a PostgreSQL server, and the names that follow from it. Pure. */
import { z } from "zod";

/** Which server of a system it is: each has names of its own, so that two can stand beside each other. */
export const generation = z
  .int()
  .min(1)
  .max(99)
  .default(1)
  .describe("Number of the server; another one is another, empty server with its own names. A move raises it by one.")
  .meta({ examples: [2] });

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
