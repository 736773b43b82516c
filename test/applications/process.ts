/** Stand-ins as processes of their own, under the user of their pod where the tests run as root. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { User } from "./container.ts";
import type { Orders, Report } from "./stand-in.ts";

const program = fileURLToPath(new URL("./stand-in.ts", import.meta.url));
const setpriv = spawnSync("sh", ["-c", "command -v setpriv"], { encoding: "utf8" }).stdout.trim();

/** Whether processes can be given another user. */
export const changesUser = process.getuid?.() === 0 && setpriv !== "";

/** A command line that runs another as a user, without any capability. */
export function as(user: User, command: readonly string[]): [file: string, args: string[]] {
  const ids = ["--reuid", String(user.uid), "--regid", String(user.gid), "--groups", String(user.fsGroup)];
  const less = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--"];
  const [file = "", ...args] = changesUser ? [setpriv, ...ids, ...less, ...command] : command;
  return [file, args];
}

/** A certificate for this machine and its key, as text; undefined where there is no openssl. */
export function makeIdentity(): Orders["identity"] {
  const folder = mkdtempSync(join(tmpdir(), "doks-identity-"));
  const [key, cert] = [join(folder, "key"), join(folder, "cert")];
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key];
  const made = spawnSync("openssl", ["req", "-x509", ...ec, "-out", cert, "-days", "1", "-subj", "/CN=localhost"]);
  const identity = made.status === 0 ? { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") } : undefined;
  rmSync(folder, { recursive: true });
  return identity;
}

export class StandIn {
  readonly report: Report;
  readonly #process: ChildProcess;

  constructor(report: Report, process: ChildProcess) {
    this.report = report;
    this.#process = process;
  }

  get alive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Takes away what the application depends on, or brings it back; whether it is still alive. */
  async setAway(away: boolean): Promise<boolean> {
    if (!this.#process.connected) return false;
    const heard = new Promise<boolean>((resolve) => {
      this.#process.once("message", () => {
        resolve(true);
      });
      this.#process.once("exit", () => {
        resolve(false);
      });
      // Nobody may be left to hear it.
      this.#process.send({ away }, () => undefined);
    });
    return heard;
  }

  /** Asks it to end; whether it does within ten seconds. */
  async terminate(): Promise<boolean> {
    this.#process.kill("SIGTERM");
    for (let tries = 0; tries < 500 && this.alive; tries += 1) await sleep(20);
    return !this.alive;
  }

  kill(): void {
    if (this.alive) this.#process.kill("SIGKILL");
  }
}

/** Runs a stand-in until it is up. @throws with its line, when it refuses */
export function start(orders: Orders, env: Readonly<Record<string, string>>, user: User): Promise<StandIn> {
  const [file, args] = as(user, [process.execPath, program, JSON.stringify(orders)]);
  const child = spawn(file, args, { cwd: orders.root, env, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let said = "";
  child.stderr?.on("data", (text: Buffer) => (said += text.toString()));
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
    }, 60_000);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(late);
      reject(new Error(said.trim() === "" ? `ended with ${String(code)}` : said.trim()));
    });
    child.once("message", (report) => {
      clearTimeout(late);
      resolve(new StandIn(report as Report, child));
    });
  });
}
