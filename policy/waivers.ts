/** What is allowed to break a rule, and why: `waivers.yaml` beside this file. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { rules } from "./rules/index.ts";

const waiver = z.strictObject({
  rule: z.enum(rules.map(({ name }) => name)),
  stacks: z.array(z.string()).min(1),
  /** As findings call them: `StatefulSet bow-mark/postgres`. */
  resources: z.array(z.string()).min(1),
  reason: z.string().min(20, "a reason is a sentence"),
});

export type Waiver = z.infer<typeof waiver>;

/** A file of waivers with a wrong entry. */
export class WaiverError extends Error {}

/** @throws {WaiverError} that names the entry */
export function readWaivers(file = new URL("waivers.yaml", import.meta.url)): Waiver[] {
  const { data, error } = z.array(waiver).safeParse(parse(readFileSync(file, "utf8")) ?? []);
  if (error !== undefined) throw new WaiverError(`policy/waivers.yaml: ${z.prettifyError(error)}`);
  return data;
}
