/**
 * A machine on this one: mounts, network, processes and control groups of its own, which are gone when its first process
 * ends. What runs in it sees this machine's files, and reaches nothing but this machine, over one link.
 */
import {
  execFileSync,
  spawn,
  spawnSync,
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
} from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { end, hasEnded } from "../processes.ts";
import { outsideAddress, serverAddresses } from "./outside.ts";

const scripts = fileURLToPath(new URL("scripts/", import.meta.url));

/** Link between this machine and the one on it: a network of four addresses. */
interface Link {
  /** Name of its end here, of at most 15 characters. */
  readonly device: string;
  readonly gateway: string;
  readonly address: string;
}

/** Processes of this machine that the other one lives by. */
interface Held {
  readonly folder: string;
  readonly cgroup: string;
  readonly link: Link;
  readonly holder: ChildProcess;
  /** Takes the control groups away when this process, or the machine, has ended. */
  readonly sweeper: ChildProcess;
}

export class Machine {
  /** Folder with its files and logs. */
  readonly folder: string;
  /** IPv4 address of the machine, as this one reaches it. */
  readonly address: string;
  /** IPv4 address of this machine, as the other one reaches it. */
  readonly gateway: string;
  /** Its control group, in every hierarchy. */
  readonly cgroup: string;
  readonly #holder: ChildProcess;
  readonly #sweeper: ChildProcess;
  readonly #first: number;

  private constructor(given: Held & { first: number }) {
    this.folder = given.folder;
    this.cgroup = given.cgroup;
    this.address = given.link.address;
    this.gateway = given.link.gateway;
    this.#first = given.first;
    this.#holder = given.holder;
    this.#sweeper = given.sweeper;
  }

  /**
   * Starts a machine. It ends with this process, however that ends.
   *
   * @param folder of its files; one machine at a time
   * @throws {Error} if it does not start; names its log
   */
  static async start(folder: string, name: string): Promise<Machine> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const mark of ["mounted", "linked"]) rmSync(join(folder, mark), { force: true });
    const link = freeLink(folder);
    const cgroup = `doks-systems-${link.device}`;
    // First, so that nothing stays if this process ends right after.
    const sweeper = spawn("bash", [`${scripts}sweep.sh`, cgroup, link.device], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    const log = join(folder, "machine.log");
    const out = openSync(log, "w");
    const holder = spawn("setpriv", [...holding, "bash", `${scripts}machine.sh`], {
      env: {
        ...{ ...cleanEnv, FOLDER: folder, CGROUP: cgroup, NAME: name },
        ...{ ADDRESS: link.address, OUTSIDE: outsideAddress, SERVERS: Object.values(serverAddresses).join(" ") },
      },
      stdio: ["ignore", out, out],
    });
    closeSync(out);
    const failed = () => new Error(`the machine did not start; its log is ${log}`);
    await until(() => existsSync(join(folder, "mounted")), holder, failed).catch((error: unknown) => {
      sweeper.stdin.end();
      throw error;
    });
    const first = firstProcess(holder);
    if (first === undefined) throw failed();
    const machine = new Machine({ folder, cgroup, link, first, holder, sweeper });
    try {
      const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
      ip("link", "add", link.device, "type", "veth", "peer", "name", "eth0", "netns", String(first));
      ip("addr", "add", `${link.gateway}/30`, "dev", link.device);
      ip("link", "set", link.device, "up");
      await until(() => existsSync(join(folder, "linked")), holder, failed);
      return machine;
    } catch (error) {
      await machine.stop();
      throw error;
    }
  }

  /** Starts a program in the machine, with its output in `<folder>/<name>.log`. It ends with the machine at the latest. */
  run(
    name: string,
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): ChildProcess {
    const log = openSync(join(this.folder, `${name}.log`), "w");
    const child = spawn("nsenter", [...this.#enter(), program, ...args], {
      env: { ...cleanEnv, ...env },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    return child;
  }

  /** Starts a program in the machine, with pipes for its input and output. It ends with the machine at the latest. */
  start(program: string, args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn("nsenter", [...this.#enter(), program, ...args], { env: cleanEnv });
  }

  /**
   * Runs a command in the machine to its end.
   *
   * @returns what it prints
   * @throws {Error} with what it says, if it fails
   */
  command(program: string, args: readonly string[], input = ""): string {
    const { status, stdout, stderr, error } = spawnSync("nsenter", [...this.#enter(), program, ...args], {
      ...{ env: cleanEnv, encoding: "utf8", input, maxBuffer: 1 << 26, timeout: 120_000 },
    });
    if (status === 0) return stdout;
    throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr}`);
  }

  /** Makes an address lead from this machine to the other one; false if it belongs to another network. */
  takes(address: string): boolean {
    const ip = (...args: string[]) => execFileSync("ip", args, { encoding: "utf8" });
    const ways = ip("-oneline", "route", "show", "match", address);
    if (ways.includes(` via ${this.address} `)) return true;
    if (ways.split("\n").some((way) => way !== "" && !way.startsWith("default"))) return false;
    ip("route", "add", `${address}/32`, "via", this.address);
    return true;
  }

  /** Ends the machine and all that runs in it, and waits until nothing of it is left. */
  async stop(): Promise<void> {
    const swept = new Promise((resolve) => this.#sweeper.once("exit", resolve));
    const isSwept = hasEnded(this.#sweeper);
    this.#sweeper.stdin?.end();
    await end(this.#holder);
    if (!isSwept) await swept;
  }

  #enter(): string[] {
    return ["--target", String(this.#first), "--mount", "--net", "--pid", "--ipc", "--uts", "--"];
  }
}

/** Nothing of the user's environment, where proxies and credentials may be, goes into the machine. */
const cleanEnv = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" };

const holding = [
  ...["--pdeathsig", "KILL", "--", "unshare", "--mount", "--net", "--pid", "--ipc", "--uts"],
  ...["--fork", "--kill-child", "--mount-proc", "--propagation", "private", "--"],
];

/** The one child of the process that holds the machine. */
function firstProcess({ pid = 0 }: ChildProcess): number | undefined {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return child === undefined || child === "" ? undefined : Number(child);
}

/**
 * Addresses that no network has, which are kept for tests between two networks: the half of 198.18.0.0/15 that load balancers
 * leave. Source: RFC 2544, RFC 6890.
 */
const linkRange = { first: 198 * 2 ** 24 + 18 * 2 ** 16, networks: 2 ** 14 };

/** A link that no other machine has. The search begins where the folder's name leads, so that two at once do not meet. */
function freeLink(folder: string): Link {
  const taken = execFileSync("ip", ["-oneline", "-4", "addr", "show"], { encoding: "utf8" });
  const start = createHash("sha256").update(folder).digest().readUInt16BE() % linkRange.networks;
  for (let i = 0; i < linkRange.networks; i += 1) {
    const number = (start + i) % linkRange.networks;
    const network = linkRange.first + 4 * number;
    if (!taken.includes(` ${dotted(network + 1)}/`))
      return { device: `doks${number}`, gateway: dotted(network + 1), address: dotted(network + 2) };
  }
  throw new Error("every network for a machine is taken");
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((bits) => (address / 2 ** bits) & 255).join(".");
}

/** Waits a minute, and no longer than the process runs. */
async function until(holds: () => boolean, process: ChildProcess, failed: () => Error): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (holds()) return;
    if (hasEnded(process)) throw failed();
    await sleep(50);
  }
  throw failed();
}
