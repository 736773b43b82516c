/** Runs a sandbox in a background process, and finds it again by its folder. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Explained } from "../commands/explained.ts";
import { imagesOfStack } from "./images/build.ts";
import { hasEnded, isAlive } from "./processes.ts";
import { platformOf, type NodeKind, type RunningSandbox } from "./rehearsal.ts";
import { startWorld } from "./world.ts";

/** The background process of the sandbox in a folder. */
export class Daemon {
  readonly folder: string;
  /** Path of the file with the output of the process. */
  readonly log: string;
  readonly #state: string;
  readonly #description: string;

  constructor(folder: string) {
    this.folder = folder;
    this.log = join(folder, "sandbox.log");
    this.#state = join(folder, "pid");
    this.#description = join(folder, "running.json");
  }

  /** The sandbox; undefined if it does not run, or is not ready yet. */
  running(): RunningSandbox | undefined {
    if (this.pid() === undefined || !existsSync(this.#description)) return undefined;
    return JSON.parse(readFileSync(this.#description, "utf8")) as RunningSandbox;
  }

  /**
   * Id of the background process; undefined if it does not run. The id of a process that was killed may belong to
   * another program by now, so the process is checked.
   */
  pid(): number | undefined {
    if (!existsSync(this.#state)) return undefined;
    const pid = Number(readFileSync(this.#state, "utf8"));
    return isAlive(pid) && this.#isDaemon(pid) ? pid : undefined;
  }

  /**
   * Empties the folder, starts a sandbox for a stack in it, and waits until it is ready.
   *
   * @param node whether what runs in pods is simulated
   * @param show called with the output of the process as it comes
   * @throws {Explained} if the sandbox does not start; names its log
   */
  async start(stack: string, node: NodeKind, show: (text: string) => void): Promise<RunningSandbox> {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const log = openSync(this.log, "w");
    const args = [fileURLToPath(import.meta.url), stack, this.folder, node];
    const server = spawn(process.execPath, args, { detached: true, stdio: ["ignore", log, log] });
    let shown = 0;
    while (!hasEnded(server) && this.running() === undefined) {
      await sleep(200);
      const text = readFileSync(this.log, "utf8");
      show(text.slice(shown));
      shown = text.length;
    }
    server.unref();
    const ready = this.running();
    if (ready === undefined) throw new Explained(`the sandbox did not start; its log is ${this.log}`);
    return ready;
  }

  /** Stops the background process. Returns false if it still runs after 20 seconds. */
  async stop(): Promise<boolean> {
    const pid = this.pid();
    if (pid === undefined) return true;
    process.kill(pid, "SIGTERM");
    for (let tries = 0; tries < 200 && isAlive(pid); tries += 1) await sleep(100);
    return !isAlive(pid);
  }

  /** Runs a sandbox in this process until it gets SIGTERM or SIGINT. However the process ends, its servers end too. */
  async hold(stack: string, node: NodeKind): Promise<void> {
    writeFileSync(this.#state, String(process.pid));
    try {
      // A signal before the sandbox is ready ends this process at once, and the kernel then ends its servers.
      const world = await startWorld(
        this.folder,
        platformOf(stack),
        node === "real" ? await imagesOfStack(stack) : undefined,
      );
      const ending = new Promise<void>((done) => {
        process.once("SIGTERM", done);
        process.once("SIGINT", done);
      });
      const running: RunningSandbox = { folder: this.folder, env: world.env, node };
      writeFileSync(this.#description, JSON.stringify(running), { mode: 0o600 });
      await ending;
      await world.stop();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      this.#forget();
      // Servers that were started before the one that failed would keep this process, and whoever waits for it, for ever.
      process.exit(1);
    }
    this.#forget();
  }

  #forget(): void {
    rmSync(this.#state, { force: true });
    rmSync(this.#description, { force: true });
  }

  #isDaemon(pid: number): boolean {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(this.folder);
    } catch {
      // Systems without /proc have no way to check the process.
      return true;
    }
  }
}

if (import.meta.main) {
  const [stack = "", folder = "", node] = process.argv.slice(2);
  await new Daemon(folder).hold(stack, node === "real" ? node : "simulated");
}
