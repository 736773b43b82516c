/** Waivers, which let named resources break a rule for a stated reason: `waivers.yaml` beside this file. */
import { readFileSync } from "node:fs";
import { parse, YAMLError } from "yaml";
import { z } from "zod";
import { Explained } from "../commands/explained.ts";
import { rules } from "./rules/index.ts";

/** Lets named resources break a rule. */
export interface Waiver {
  readonly rule: string;
  readonly stacks: readonly string[];
  /** Kind and name of each resource, as findings have them: `StatefulSet bow-mark/postgres`. */
  readonly resources: readonly string[];
  /** A sentence, which every preview shows. */
  readonly reason: string;
}

const waiver: z.ZodType<Waiver> = z.strictObject({
  rule: z.enum(rules.map(({ name }) => name)),
  stacks: z.array(z.string()).min(1),
  resources: z.array(z.string()).min(1),
  reason: z.string().min(20, "a reason is a sentence"),
});

/** The file of waivers is no YAML, or has a wrong entry. */
export class WaiverError extends Explained {}

/**
 * Reads the waivers.
 *
 * @param file YAML file @default `waivers.yaml` beside this file
 * @throws {WaiverError} that names the wrong entry
 */
export function readWaivers(file = new URL("waivers.yaml", import.meta.url)): Waiver[] {
  return waiversFrom(readFileSync(file, "utf8"));
}

/**
 * Reads the waivers in a text.
 *
 * @throws {WaiverError} that names the wrong entry or line
 */
export function waiversFrom(text: string): Waiver[] {
  const { data, error } = z.array(waiver).safeParse(entries(text));
  if (error !== undefined) throw new WaiverError(`policy/waivers.yaml: ${z.prettifyError(error)}`);
  return data;
}

function entries(text: string): unknown {
  try {
    return parse(text) ?? [];
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error;
    throw new WaiverError(`policy/waivers.yaml is not YAML: ${error.message.split("\n")[0] ?? ""}`);
  }
}
