/** Runs the program on Pulumi's mocks, without engine, account or secrets, and returns the resources that it registers. */
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

/** The resources of a stack, and what a user should know about its settings. */
export interface Rendering extends Graph {
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
  const run = await runProgram(stack, parsed.withPlaceholders());
  return { ...run, missing: parsed.missing, notices: parsed.notices };
}

/** Pulumi's runtime is global to the process, so a run waits for the one before it. */
let lastRun: Promise<unknown> = Promise.resolve();

function runProgram(stack: string, config: StackConfig): Promise<Graph> {
  const run = lastRun.then(async () => {
    await pulumi.runtime.setMocks({ newResource: standInResource, call: standInCall }, project, stack, false);
    const recording = record();
    pulumi.runtime.setAllConfig({ ...config });
    await pulumi.runtime.runInPulumiStack(program);
    await pulumi.runtime.disconnect();
    // Resources are registered concurrently, so their order differs from run to run.
    return { stack, ...recording, resources: recording.resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1)) };
  });
  lastRun = run.catch(() => undefined);
  return run;
}
