/** Runs a program without an engine, on Pulumi's own mock monitor, and returns everything that it registered. */
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../settings/index.ts";
import { project } from "../../settings/reading/keys.ts";
import type { Graph } from "../resource.ts";
import { record } from "./recorder.ts";
import { standInCall, standInResource } from "./stand-ins.ts";

/** Pulumi's runtime is global to the process, so a run waits for the one before it. */
let lastRun: Promise<unknown> = Promise.resolve();

/**
 * The graph of what a program registers, with values as the providers' stand-ins give them; nothing is masked.
 *
 * @param program returns the stack's outputs
 */
export function runProgram(
  program: () => Promise<Record<string, unknown>>,
  stack: string,
  config: StackConfig = {},
): Promise<Graph> {
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
