/** The Pulumi CLI that npm installs: whether it can be run, and how. */
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Explained } from "./explained.ts";

/** Folder of this project. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** The launcher, which runs the CLI in `$PULUMI_HOME`, or downloads it at first use. */
export const launcher = join(root, "node_modules", ".bin", "pulumi");

/**
 * Why the CLI cannot be run and how to get it, its first line for those who only say that; undefined if it can. Downloads it
 * if it is not there.
 */
export function engineProblem(): string | undefined {
  if (!existsSync(launcher)) return "the Pulumi CLI is not installed: type npm ci";
  const { program, version } = place();
  if (isProgram(program)) return undefined;
  console.error(`the Pulumi CLI ${version} is not on this machine yet: npm's launcher downloads it…`);
  const { status, stderr } = spawnSync(launcher, ["version"], { encoding: "utf8", timeout: 300_000 });
  if (status === 0) return undefined;
  return [
    `the Pulumi CLI ${version} could not be downloaded: ${stderr.trim().split("\n").at(-1) ?? ""}`,
    "  → behind a proxy: NODE_USE_ENV_PROXY=1 HTTPS_PROXY=http://… npx pulumi version",
    "  → by hand: unpack it from https://www.pulumi.com/docs/iac/download-install/versions/ so that",
    `    ${program} is there, with pulumi-language-nodejs beside it`,
  ].join("\n");
}

/**
 * Makes sure that the CLI can be run.
 *
 * @throws {Explained} if it cannot, with how to get it
 */
export function needEngine(): void {
  const problem = engineProblem();
  if (problem !== undefined) throw new Explained(problem);
}

/** Where the launcher looks. Source: lib/cache.js and lib/resolve.js of the npm package `pulumi`. */
function place(): { program: string; version: string } {
  const own = JSON.parse(readFileSync(join(root, "node_modules", "pulumi", "package.json"), "utf8")) as {
    version: string;
  };
  const version = process.env["PULUMI_VERSION"] ?? own.version;
  const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  return { version, program: join(home, "versions", version, "bin", "pulumi") };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the CLI runs, and in what environment. */
export interface Surroundings {
  /** Folder that it runs in. @default that of this project */
  readonly cwd?: string;
  /** Its whole environment. @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs the CLI in this terminal.
 *
 * @returns its exit code
 * @throws {Explained} if there is no CLI
 */
export function attached(args: readonly string[], surroundings: Surroundings = {}): Promise<number> {
  needEngine();
  const { program } = place();
  // Without the launcher, which a Ctrl-C ends at once: the CLI would go on with nobody watching. As in it, the CLI finds
  // what is beside it, such as pulumi-language-nodejs.
  const given = surroundings.env ?? process.env;
  const env = { ...given, PATH: [dirname(program), given["PATH"] ?? ""].join(delimiter) };
  // A Ctrl-C reaches the CLI too, which then ends in order: this process waits for it. It listens first, because the CLI may be
  // interrupted as soon as it is there.
  const wait = () => undefined;
  process.on("SIGINT", wait);
  const child = spawn(program, [...args], { cwd: surroundings.cwd ?? root, stdio: "inherit", env });
  const end = () => child.kill("SIGTERM");
  process.on("SIGTERM", end);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      process.off("SIGINT", wait).off("SIGTERM", end);
      resolve(code ?? 1);
    });
  });
}
