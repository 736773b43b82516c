/** Pulumi's CLI as npm brings it, pointed at a sandbox: own state, own passphrase, nothing of the user's account. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";

export const root = fileURLToPath(new URL("..", import.meta.url));
const launcher = `${root}node_modules/.bin/pulumi`;

/**
 * Why there is no engine, in one line; undefined where there is one. The launcher uses the CLI that is in `$PULUMI_HOME`, or
 * downloads it; where it can do neither it says so at once.
 */
export function engineProblem(): string | undefined {
  if (!existsSync(launcher)) return "npm ci has not run";
  const { status, stderr } = spawnSync(launcher, ["version"], { encoding: "utf8", timeout: 300_000 });
  if (status === 0) return undefined;
  return `the Pulumi CLI is neither in $PULUMI_HOME nor can it be downloaded (${stderr.trim().split("\n").at(-1) ?? ""})`;
}

/** A project file whose program is elsewhere, so that the stack files beside it are its own. */
export function writeProject(folder: string, program: string): void {
  const own = parse(readFileSync(join(program, "Pulumi.yaml"), "utf8")) as object;
  writeFileSync(join(folder, "Pulumi.yaml"), stringify({ ...own, main: program }));
}

export interface Finished {
  /** Of the process; 128 + signal where it was ended by one. */
  readonly code: number;
  /** What it printed, both streams. */
  readonly output: string;
  readonly seconds: number;
}

/** A command, and everything it started, is ended after so long. */
const longest = 1200;

export interface RunOptions {
  /** Shows the output where this process shows its own, as it comes. @default false */
  readonly attached?: boolean;
  /** Called with the running process, for tests that interrupt it. */
  readonly started?: (process: ChildProcess) => void;
}

/** Runs the CLI in the project. It is the leader of a process group, so that nothing of it outlives its end. */
export function pulumi(
  args: readonly string[],
  env: Record<string, string>,
  options: RunOptions = {},
): Promise<Finished> {
  const begin = Date.now();
  const child = spawn(launcher, [...args], {
    cwd: root,
    env: { ...clean(process.env), ...env },
    detached: options.attached !== true,
    stdio: options.attached === true ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  options.started?.(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => (output += data.toString()));
  const late = setTimeout(() => {
    output += `\nended after ${longest} s`;
    if (child.pid !== undefined) process.kill(options.attached === true ? child.pid : -child.pid, "SIGKILL");
  }, longest * 1000);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(late);
      resolve({ code: code ?? 137, output, seconds: (Date.now() - begin) / 1000 });
    });
  });
}

/** The user's environment without what would lead to the user's own account, cluster or state. */
function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own =
    /^(DIGITALOCEAN_|SPACES_|AWS_|PULUMI_(ACCESS_TOKEN|BACKEND_URL|CONFIG_|STACK)|KUBECONFIG$|https?_proxy$|all_proxy$|no_proxy$)/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}
