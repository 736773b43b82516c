/** Runs a workflow of CircleCI here, job by job as they wait for each other. */
import { cpSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Infrastructure } from "../github/infrastructure.ts";

interface RunStep {
  command: string;
  working_directory?: string;
  environment?: Record<string, string>;
}
type Step = string | Record<string, string | RunStep | { root: string; paths: string[] } | { at: string }>;
export interface Circle {
  commands: Record<string, { steps: Step[] }>;
  jobs: Record<string, { steps: Step[]; docker?: { image: string }[]; executor?: string }>;
  workflows: Record<string, { jobs: Record<string, Use>[] }>;
}
interface Use {
  name?: string;
  context: string;
  requires?: string[];
  filters: { branches: { only: string } };
  "serial-group"?: string;
}

/** A job as a workflow runs it. */
export interface Planned {
  readonly name: string;
  readonly use: Use;
  readonly runs: { command: string; folder: string; env: Record<string, string> }[];
  readonly steps: Step[];
}

/** The jobs of the workflow in an order that they may run in, with every parameter filled in. */
export function planned(circle: Circle, commit: string): Planned[] {
  const jobs = Object.values(circle.workflows).flatMap((workflow) =>
    workflow.jobs.flatMap((entry) => Object.entries(entry)),
  );
  const done: Planned[] = [];
  while (done.length < jobs.length) {
    const next = jobs.find(
      ([job, { name = job, requires = [] }]) =>
        !done.some((one) => one.name === name) && requires.every((other) => done.some((one) => one.name === other)),
    );
    if (next === undefined) throw new Error("jobs wait for each other");
    const [job, written] = next;
    const use = filled(written, {}, commit);
    const steps = filled(circle.jobs[job]?.steps ?? [], { ...use }, commit).flatMap((step) => {
      const [command, given] = (typeof step === "string" ? [] : Object.entries(step)).at(0) ?? ["", {}];
      const known = circle.commands[command];
      return known === undefined ? [step] : filled(known.steps, given as Record<string, unknown>, commit);
    });
    const runs = steps.flatMap((step) => {
      if (typeof step === "string" || step["run"] === undefined) return [];
      const run = typeof step["run"] === "string" ? { command: step["run"] } : (step["run"] as RunStep);
      return [{ command: run.command, folder: run.working_directory ?? "", env: run.environment ?? {} }];
    });
    done.push({ name: use.name ?? job, use, runs, steps });
  }
  return done;
}

/** Puts the values of parameters in their places. */
function filled<T>(what: T, parameters: Record<string, unknown>, commit: string): T {
  const text = JSON.stringify(what).replaceAll(/<< ([\w.-]+) >>/g, (_, path: string) => {
    if (path === "pipeline.git.revision") return commit;
    const value = parameters[path.replace(/^parameters\./, "")];
    if (typeof value !== "string") throw new Error(`there is no ${path}`);
    return value;
  });
  return JSON.parse(text) as T;
}

/**
 * Runs the jobs.
 *
 * @param contexts the variables of each context
 * @throws if a step fails
 */
export async function runCircle(
  infra: Infrastructure,
  jobs: readonly Planned[],
  application: string,
  env: Record<string, string>,
  contexts: Record<string, Record<string, string>>,
): Promise<void> {
  const workspace = mkdtempSync(join(infra.folder, "workspace-"));
  for (const { name, use, steps, runs } of jobs) {
    const folder = mkdtempSync(join(infra.folder, `${name}-`));
    const left = [...runs];
    for (const step of steps) {
      if (step === "checkout") cpSync(application, folder, { recursive: true });
      else if (typeof step === "string") throw new Error(`what does ${step} do?`);
      else if ("attach_workspace" in step) cpSync(workspace, folder, { recursive: true });
      else if ("persist_to_workspace" in step) {
        for (const path of (step["persist_to_workspace"] as { paths: string[] }).paths) {
          if (!existsSync(join(folder, path))) throw new Error(`no ${path}`);
          mkdirSync(join(workspace, path), { recursive: true });
          cpSync(join(folder, path), join(workspace, path), { recursive: true });
        }
      } else {
        const run = left.shift();
        if (run === undefined) throw new Error(`what is ${JSON.stringify(step)}?`);
        const more = { ...env, ...contexts[use.context], ...run.env };
        const { code, output } = await infra.run(join(folder, run.folder), run.command, more);
        if (code !== 0) throw new Error(`${name}: ${run.command}\nended with ${code}:\n${output}`);
      }
    }
  }
}
