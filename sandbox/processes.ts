/** Starts and stops the programs of a sandbox. Each logs to a file, and none outlives the process that started it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tool, type Tool } from "./tools.ts";

/**
 * Starts a tool with its output in `<folder>/<name>.log`. Where `setpriv` exists, the kernel ends the tool when this
 * process ends.
 */
export function runTool(folder: string, name: Tool, args: readonly string[]): ChildProcess {
  const program = tool(name);
  const log = openSync(join(folder, `${name}.log`), "w");
  const [file, argv] = diesWithParent()
    ? ["setpriv", ["--pdeathsig", "KILL", "--", program, ...args]]
    : [program, [...args]];
  const process = spawn(file, argv, { stdio: ["ignore", log, log] });
  closeSync(log);
  return process;
}

function diesWithParent(): boolean {
  return spawnSync("setpriv", ["--pdeathsig", "KILL", "true"], { stdio: "ignore" }).status === 0;
}

/** Whether a program that this process started is over. */
export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Stops a program; kills it if it does not end within five seconds. */
export async function end(process: ChildProcess): Promise<void> {
  if (hasEnded(process)) return;
  const gone = new Promise((resolve) => process.once("exit", resolve));
  process.kill("SIGTERM");
  const late = setTimeout(() => process.kill("SIGKILL"), 5000);
  await gone;
  clearTimeout(late);
}

/** Whether a process runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Free ports on loopback. All are opened at the same time, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  // Whoever connects meanwhile would keep a server from closing, even when gone: nobody reads that it is.
  const servers = Array.from({ length: count }, () => createServer((socket) => socket.destroy()));
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(address !== null && typeof address === "object" ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Seconds that a part may take to become ready: three on an idle machine, a minute and more on a busy one. */
const patience = 180;

/** A part that is a process, and the file of what it prints. */
interface Part {
  readonly process: ChildProcess | undefined;
  readonly log: string;
}

/**
 * Waits until something holds; what is thrown meanwhile counts as not yet.
 *
 * @throws {Error} if the part has ended, with what it said last, or if it does not hold in three minutes; names its log
 */
export async function until(what: string, holds: () => Promise<boolean>, part?: Part): Promise<void> {
  const deadline = Date.now() + patience * 1000;
  const log = part === undefined ? "" : `; its log is ${part.log}`;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    if (part?.process !== undefined && hasEnded(part.process)) {
      const [told = "nothing"] = readFileSync(part.log, "utf8").trimEnd().split("\n").slice(-1);
      throw new Error(`${what} has ended, and said last: ${told}${log}`);
    }
    await sleep(100);
  }
  const cause = last instanceof Error ? `: ${last.message}` : "";
  throw new Error(`${what} was not ready in ${patience} s${cause}${log}`);
}
