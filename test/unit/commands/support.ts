/** Runs the project's commands as people do, each in a process of its own. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, resolve } from "node:path";

/** A command that has ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of what a reader sees. */
  readonly last: string;
}

/** npm's own variables of the process that runs the tests would be taken for those of the command. */
const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== "NO_COLOR" && name !== "FORCE_COLOR"),
);
const path = [resolve("node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter);

/** Runs a program in a folder; its output has no colours. */
export function run(
  program: string,
  args: readonly string[],
  { cwd = ".", env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const child = spawn(program, args, { cwd, env: { ...clean, PATH: path, NO_COLOR: "1", ...env } });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => (output.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output.stderr += data.toString()));
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => {
      const lines = `${output.stdout}\n${output.stderr}`.trimEnd().split("\n");
      // npm adds lines of its own about a script that failed.
      const last = lines.findLast((line) => line !== "" && !line.startsWith("npm error")) ?? "";
      done({ code: code ?? 137, ...output, last });
    });
  });
}

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

/** The scripts of `package.json` that are commands of ours, each with what npm runs for it. */
export const commands = Object.entries(scripts).filter(([, script]) => script.includes("commands/start.js"));

/** What npm runs for `npm run <name> -- …`, without npm, which takes its time. */
export function command(name: string, ...args: readonly string[]): Promise<Ended> {
  const [program = "", ...words] = scripts[name]?.split(" ") ?? [];
  return run(program, [...words, ...args]);
}

/** `npm run …` in this project. */
export function npm(...args: readonly string[]): Promise<Ended> {
  return run("npm", ["run", ...args]);
}
