/** Real servers on loopback for tests: each in a folder of its own, on a free port, gone when the test file ends. */
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePorts } from "../../../sandbox/processes.ts";
import { startSpaces } from "../../../sandbox/spaces/spaces.ts";

const asRoot = process.getuid?.() === 0;
const scripts = fileURLToPath(new URL("../../../components/database/scripts/", import.meta.url));

/** Folder of PostgreSQL's programs, the newest major that is installed. */
export function postgresPrograms(): string | undefined {
  const root = "/usr/lib/postgresql";
  const majors = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  return majors.map((major) => join(root, major, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

/** Whether a program is on the path. */
export function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end; as user `postgres` where the tests run as root, since PostgreSQL refuses to. */
export function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  const bin = postgresPrograms() ?? "";
  const [file, argv] = asRoot ? ["runuser", ["-u", "postgres", "--", command, ...args]] : [command, [...args]];
  const path = `${bin}:${process.env["PATH"] ?? ""}`;
  return new Promise((resolve) => {
    const options = { env: { ...env, PATH: path, HOME: "/tmp" }, timeout: 180_000 };
    execFile(file, argv, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

/** Runs one of the scripts that pods run. */
export function script(name: string, env: Record<string, string>): Promise<Finished> {
  return run("bash", [join(scripts, name)], env);
}

/** A folder that the servers' user may write; removed when `cleanUp` is called. */
export function folder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `doks-${name}-`));
  chmodSync(path, 0o777);
  cleanups.push(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

const cleanups: (() => void | Promise<void>)[] = [];

/** Ends every server and removes every folder of this test file. */
export async function cleanUp(): Promise<void> {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Whether somebody takes connections at a port. */
export async function listens(port: number, host = "127.0.0.1"): Promise<boolean> {
  const socket = connect(port, host);
  const opened = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return opened;
}

export interface PostgresServer {
  readonly port: number;
  /** Environment that lets PostgreSQL's clients in as a user. */
  env(user: string, password: string): Record<string, string>;
  stop(): Promise<void>;
}

/** An empty PostgreSQL that asks for passwords over TCP, with one superuser, as the image's first start leaves it. */
export async function startPostgres(user: string, password: string): Promise<PostgresServer> {
  const data = folder("postgres");
  const port = await freePort();
  const passwordFile = join(data, "password");
  await must(run("bash", ["-c", `umask 077; printf %s '${password}' > '${passwordFile}'`]));
  const init = ["--pgdata", `${data}/data`, "--username", user, "--pwfile", passwordFile];
  await must(run("initdb", [...init, "--no-sync", "--auth-local=trust", "--auth-host=scram-sha-256"]));
  const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories='${data}' -c fsync=off`;
  const ctl = (...args: string[]) => must(run("pg_ctl", ["--pgdata", `${data}/data`, "--wait", "--silent", ...args]));
  await ctl("--log", `${data}/log`, "--options", options, "start");
  let running = true;
  const stop = async () => {
    if (running) await ctl("--mode=immediate", "stop");
    running = false;
  };
  cleanups.push(stop);
  return {
    port,
    stop,
    env: (as, secret) => ({ PGHOST: "127.0.0.1", PGPORT: String(port), PGUSER: as, PGPASSWORD: secret }),
  };
}

export interface S3Server {
  readonly endpoint: string;
  /** Where a bucket's objects lie as files. */
  readonly files: string;
  readonly key: string;
  readonly secret: string;
}

/** An S3 server with one bucket. */
export async function startS3(bucket: string): Promise<S3Server> {
  const spaces = await startSpaces(folder("spaces"), "nyc3");
  cleanups.push(() => spaces.stop());
  const { endpoint, files, key, secret } = spaces;
  mkdirSync(join(files, bucket));
  return { endpoint, files: join(files, bucket), key, secret };
}

/** Waits until something holds, at most so many seconds. */
export async function until(holds: () => Promise<boolean>, seconds: number): Promise<void> {
  for (let tries = 0; tries < seconds * 5; tries += 1) {
    if (await holds()) return;
    await sleep(200);
  }
  throw new Error(`did not come true in ${seconds} s`);
}

/** For a cleanup that a test adds itself. */
export function afterwards(clean: () => void | Promise<void>): void {
  cleanups.push(clean);
}

async function must(finished: Promise<Finished>): Promise<void> {
  const { code, output } = await finished;
  if (code !== 0) throw new Error(output);
}
