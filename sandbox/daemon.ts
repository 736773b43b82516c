/** A world that lives on in the background, keyed to a folder: started, found again, ended. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { platformOf, type RunningSandbox } from "./rehearsal.ts";
import { startWorld } from "./world.ts";

export class Daemon {
  readonly folder: string;
  readonly log: string;
  readonly #state: string;
  readonly #description: string;

  constructor(folder: string) {
    this.folder = folder;
    this.log = join(folder, "sandbox.log");
    this.#state = join(folder, "pid");
    this.#description = join(folder, "running.json");
  }

  /** What to know of the world, once it is ready. */
  running(): RunningSandbox | undefined {
    if (this.pid() === undefined || !existsSync(this.#description)) return undefined;
    return JSON.parse(readFileSync(this.#description, "utf8")) as RunningSandbox;
  }

  /** The process that holds the world. A number left by one that was killed may be another program's by now. */
  pid(): number | undefined {
    if (!existsSync(this.#state)) return undefined;
    const pid = Number(readFileSync(this.#state, "utf8"));
    return alive(pid) && this.#isOurs(pid) ? pid : undefined;
  }

  /** Starts one for a stack, in an empty folder, and waits until it is ready. */
  async start(stack: string, show: (text: string) => void): Promise<RunningSandbox> {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const log = openSync(this.log, "w");
    const args = [fileURLToPath(import.meta.url), stack, this.folder];
    const server = spawn(process.execPath, args, { detached: true, stdio: ["ignore", log, log] });
    let shown = 0;
    while (server.exitCode === null && server.signalCode === null && this.running() === undefined) {
      await sleep(200);
      const text = readFileSync(this.log, "utf8");
      show(text.slice(shown));
      shown = text.length;
    }
    server.unref();
    const ready = this.running();
    if (ready === undefined) throw new Error(`the sandbox did not start; its log is ${this.log}`);
    return ready;
  }

  /** Ends it. False when it does not end. */
  async stop(): Promise<boolean> {
    const pid = this.pid();
    if (pid === undefined) return true;
    process.kill(pid, "SIGTERM");
    for (let tries = 0; tries < 200 && alive(pid); tries += 1) await sleep(100);
    return !alive(pid);
  }

  /** Holds a world until this process is told to stop; whatever ends it ends the world's servers. */
  async hold(stack: string): Promise<void> {
    writeFileSync(this.#state, String(process.pid));
    try {
      // Told to stop before it is ready, this process just ends, and the kernel ends its servers.
      const world = await startWorld(this.folder, platformOf(stack));
      const ending = new Promise<void>((done) => {
        process.once("SIGTERM", done);
        process.once("SIGINT", done);
      });
      const running: RunningSandbox = { folder: this.folder, env: world.env };
      writeFileSync(this.#description, JSON.stringify(running), { mode: 0o600 });
      await ending;
      await world.stop();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    } finally {
      rmSync(this.#state, { force: true });
      rmSync(this.#description, { force: true });
    }
  }

  #isOurs(pid: number): boolean {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(this.folder);
    } catch {
      // No /proc on this system: the number is all there is.
      return true;
    }
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const [stack = "", folder = ""] = process.argv.slice(2);
  await new Daemon(folder).hold(stack);
}
