/** Runs the Pulumi CLI that npm installs, in an environment without the user's own accounts, clusters and state. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { attached, launcher, root } from "../commands/engine.ts";

/** Writes a `Pulumi.yaml` into a folder that runs the program in another folder, but uses the stack files beside itself. */
export function writeProject(folder: string, program: string): void {
  const own = parse(readFileSync(join(program, "Pulumi.yaml"), "utf8")) as object;
  writeFileSync(join(folder, "Pulumi.yaml"), stringify({ ...own, main: program }));
}

/** A command that has ended. */
export interface Finished {
  /** Exit code; 137 if a signal ended the process. */
  readonly code: number;
  /** What the command printed on both streams. */
  readonly output: string;
  /** Duration. */
  readonly seconds: number;
}

/** Seconds after which a command is killed, with every process that it started. */
const timeoutSeconds = 1200;

/** How to run a command. */
export interface RunOptions {
  /** Folder that it runs in. @default that of this project */
  readonly cwd?: string;
  /** Called with the running process, for tests that interrupt it. */
  readonly started?: (process: ChildProcess) => void;
}

/** Runs the CLI, and keeps what it prints. It leads a process group of its own, so that all of it can be killed. */
export function pulumi(
  args: readonly string[],
  env: Record<string, string>,
  options: RunOptions = {},
): Promise<Finished> {
  const begin = Date.now();
  const child = spawn(launcher, [...args], {
    cwd: options.cwd ?? root,
    env: { ...clean(process.env), ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  options.started?.(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  const late = setTimeout(() => {
    output += `\nended after ${timeoutSeconds} s`;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, timeoutSeconds * 1000);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(late);
      resolve({ code: code ?? 137, output, seconds: (Date.now() - begin) / 1000 });
    });
  });
}

/**
 * Runs the CLI in this terminal, and waits for it after a Ctrl-C, as `npm run up` does.
 *
 * @returns its exit code
 */
export function attachedPulumi(args: readonly string[], env: Record<string, string>, cwd: string): Promise<number> {
  return attached(args, { cwd, env: { ...clean(process.env), ...env } });
}

/** The environment without variables that lead to the user's own accounts, clusters or state. */
function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const userVariables =
    /^(DIGITALOCEAN_|DOKS_REGISTRY_URL$|SPACES_|AWS_|PULUMI_(ACCESS_TOKEN|BACKEND_URL|CONFIG_|STACK)|KUBECONFIG$|https?_proxy$|all_proxy$|no_proxy$)/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !userVariables.test(name)));
}
