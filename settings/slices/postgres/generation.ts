/** The number of a PostgreSQL server; its names follow from it (`catalogue/names.ts`). */
import { z } from "zod";

/** Which server of a system it is: each has names of its own, so that two can stand beside each other. */
export const generation = z
  .int()
  .min(1)
  .max(99)
  .default(1)
  .describe("Number of the server; another one is another, empty server with its own names. A move raises it by one.")
  .meta({ examples: [2] });
