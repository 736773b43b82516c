/**
 * Settings of two PostgreSQL servers at once, while data moves from one to the other: `database` is the one that the workloads
 * use, `database.beside` the other one.
 */
import { z } from "zod";
import { volumeSize } from "../fields.ts";
import { generation } from "./generation.ts";
import { claimSize, postgresServers } from "./servers.ts";

const step = z
  .enum(["keep", "copy", "release"])
  .default("keep")
  .describe(
    "`keep`: it runs, and nobody uses it. `copy`: the workloads that use PostgreSQL stop, and all that `database` holds is " +
      "copied into it. `release`: it is no longer protected, so that the next update may take it away.",
  );
// Nothing here follows from the system, so that what stood in `database` with its defaults is written out, and cannot change.
const fields = { generation: generation.unwrap().meta(generation.meta() ?? {}), step };
const [inCluster, managed, existing] = postgresServers("10Gi");

/** The other server: the new one before, the old one after the two have changed places. One schema for all systems. */
export const beside = z
  .discriminatedUnion("kind", [
    inCluster.extend({ ...fields, storage: volumeSize.describe(claimSize) }).describe(inCluster.description ?? ""),
    managed.extend(fields).describe(managed.description ?? ""),
    existing.extend(fields).describe(existing.description ?? ""),
  ])
  .meta({ id: "database-beside" })
  .optional()
  .meta({
    description:
      "Another server, while data moves: the new one before, the old one after the two have changed places " +
      "(docs/runbooks/moving). `step` is `keep` (it runs, and nobody uses it), `copy` (the workloads that use PostgreSQL stop, and " +
      "everything is copied into it) or `release` (it is no longer protected, so that the next update may take it away).",
    form: "group of what `database` takes, `generation` and `storage` always, and `step`",
    unset: "none",
    examples: [{ kind: "in-cluster", generation: 2, storage: "20Gi" }],
  });
