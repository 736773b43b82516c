/** Starts and stops the programs of a sandbox. Each logs to a file, and none outlives the process that started it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
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

/** Stops a program; kills it if it does not end within five seconds. */
export async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
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
  const servers = Array.from({ length: count }, () => createServer());
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
