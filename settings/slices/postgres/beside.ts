/**
 * Settings of two PostgreSQL servers at once, while data moves from one to the other: `database` is the one that the workloads
 * use, `database.beside` the other one. Pure.
 */
import { z } from "zod";
import { dnsLabel } from "../fields.ts";

/** Which server of a system it is: each has names of its own, so that two can stand beside each other. */
export const generation = z
  .int()
  .min(1)
  .max(99)
  .default(1)
  .describe("Number of the server; another one is another, empty server with its own names. A move raises it by one.")
  .meta({ examples: [2] });

export const storageClass = dnsLabel.optional().meta({
  description: "StorageClass of the claim, for the life of the volume.",
  unset: "the system's own; in production one that keeps a volume whose claim is deleted",
  examples: ["do-block-storage-retain"],
});

export const besideFields = {
  step: z
    .enum(["keep", "copy", "release"])
    .default("keep")
    .describe(
      "`keep`: it runs, and nobody uses it. `copy`: the workloads that use PostgreSQL stop, and all that `database` holds is " +
        "copied into it. `release`: it is no longer protected, so that the next update may take it away.",
    ),
  meta: {
    description:
      "Another server beside this one, while data moves: the new one before, the old one after the two have changed places.",
    unset: "none",
    examples: [{ kind: "in-cluster", generation: 2, step: "copy" }],
  },
};

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
