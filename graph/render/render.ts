/** Runs the program without engine, account or secret, and returns everything it registered. */
import program from "../../index.ts";
import { parseSettings, type Missing } from "../../settings/index.ts";
import { readStackFile } from "../../settings/reading/stack-file.ts";
import type { Notice } from "../../settings/slices/facts.ts";
import type { Graph } from "../resource.ts";
import { configOf, type Patch } from "./configuration.ts";
import { runProgram } from "./run.ts";

export interface Rendering extends Graph {
  /** Secrets that an engine run would refuse to go without. */
  readonly missing: readonly Missing[];
  /** What is allowed and yet worth a word. */
  readonly notices: readonly Notice[];
}

/**
 * The whole graph of a stack, with values as the providers' stand-ins give them; nothing is masked.
 *
 * @throws {SettingsError} when the settings are wrong
 */
export async function render(stack: string, patch: Patch = {}, folder?: string): Promise<Rendering> {
  const file = readStackFile(stack, folder);
  const parsed = parseSettings(stack, configOf(file.config, patch), file);
  const run = await runProgram(program, stack, parsed.withPlaceholders());
  return { ...run, missing: parsed.missing, notices: parsed.notices };
}
