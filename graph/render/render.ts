/** Runs the program without engine, account or secret, and returns everything it registered. */
import * as pulumi from "@pulumi/pulumi";
import program from "../../index.ts";
import { parseSettings, type Missing, type StackConfig } from "../../settings/index.ts";
import { project } from "../../settings/reading/keys.ts";
import { readStackFile } from "../../settings/reading/stack-file.ts";
import type { Notice } from "../../settings/slices/facts.ts";
import type { Graph } from "../resource.ts";
import { record } from "./recorder.ts";
import { configOf, type Patch } from "./configuration.ts";
import { standInCall, standInResource } from "./stand-ins.ts";

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
  const run = await runProgram(stack, parsed.withPlaceholders());
  return { ...run, missing: parsed.missing, notices: parsed.notices };
}

/** Pulumi's runtime is one for the whole process, so runs take turns. */
let lastRun: Promise<unknown> = Promise.resolve();

function runProgram(stack: string, config: StackConfig): Promise<Graph> {
  const run = lastRun.then(async () => {
    await pulumi.runtime.setMocks({ newResource: standInResource, call: standInCall }, project, stack, false);
    const recording = record();
    pulumi.runtime.setAllConfig({ ...config });
    await pulumi.runtime.runInPulumiStack(program);
    await pulumi.runtime.disconnect();
    // Registrations overlap, so their order says nothing.
    return { stack, ...recording, resources: recording.resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1)) };
  });
  lastRun = run.catch(() => undefined);
  return run;
}
