/** How far a system is taken away: `retired` in its settings. */
import { z } from "zod";

export const retiredSetting = z
  .union([
    z.boolean(),
    z
      .strictObject({
        lastBackup: z
          .literal(true)
          .describe("Runs its PostgreSQL and nothing else, and dumps every database into the backup's bucket once."),
      })
      .describe("The second step: one more dump, which nobody's writing can outdate."),
    z
      .strictObject({
        dataGoes: z
          .string()
          .min(1)
          .describe("The name of the system, typed again: its data loses its protection in this update.")
          .meta({ examples: ["gx"] }),
        withoutBackup: z.boolean().default(false).describe("Gives the data up though there is no last dump of it."),
      })
      .describe("The third step: the data is given up, and goes when the system's key is removed."),
  ])
  .default(false)
  .meta({
    description:
      "Takes the system away: pods, routes, DNS records and accounts go, and its data stays, protected. Without it, the " +
      "system is back with that data.",
    examples: [true, { lastBackup: true }],
  });
export type RetiredSetting = z.infer<typeof retiredSetting>;

/**
 * What there is of a system. It is `running`; `retired`, so that only its data is left; `dumping`, retired with its database
 * running for a last dump; or `given-up`, so that its data goes with its key.
 */
export type Presence = "running" | "retired" | "dumping" | "given-up";

/** What a setting leaves of a system. */
export function presenceOf(setting: RetiredSetting): Presence {
  if (typeof setting === "boolean") return setting ? "retired" : "running";
  return "lastBackup" in setting ? "dumping" : "given-up";
}
