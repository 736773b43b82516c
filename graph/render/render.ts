/** Runs the program on Pulumi's mocks, without engine, account or secrets, and returns the resources that it registers. */
import program from "../../index.ts";
import type { PlatformSetting } from "../../settings/platform.ts";
import type { Missing, Settings } from "../../settings/index.ts";
import { parseSettings } from "../../systems/settings.ts";
import { readStackFile } from "../../settings/reading/stack-file.ts";
import type { Notice } from "../../settings/slices/facts.ts";
import type { Graph } from "../resource.ts";
import { configOf, type Patch } from "./configuration.ts";
import { runProgram } from "./run.ts";

/** The resources of a stack, and what a user should know about its settings. */
export interface Rendering extends Told {
  /** The platform's settings. */
  readonly platform: PlatformSetting;
  /** What follows from the systems' settings, by their key. */
  readonly facts: Settings["facts"];
}

/** What of it a review repeats, whose schema is made from its types, and knows none of the settings'. */
export interface Told extends Graph {
  /** Secrets that are not set; a run by the engine would refuse to start without them. */
  readonly missing: readonly Missing[];
  /** Remarks on settings that are allowed but may surprise. */
  readonly notices: readonly Notice[];
}

/**
 * All resources of a stack. What a provider would answer comes from stand-ins, and secrets from placeholders. Nothing
 * is masked.
 *
 * @param patch changes to the stack file
 * @param folder that has the stack file @default the working directory
 * @throws {SettingsError} if the settings are wrong
 */
export async function render(stack: string, patch: Patch = {}, folder?: string): Promise<Rendering> {
  const file = readStackFile(stack, folder);
  const parsed = parseSettings(stack, configOf(file.config, patch), file);
  const run = await runProgram(program, stack, parsed.withPlaceholders());
  const { missing, notices, platform, facts } = parsed;
  return { ...run, missing, notices, platform, facts };
}
