/**
 * Backup and restore of a real PostgreSQL with a real S3 server: each pair of scripts at once, with the pipes between them,
 * as the two containers of a pod run them.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { hasGo } from "../../../sandbox/tools.ts";
import { startS3Proxy, type S3Proxy } from "./s3-proxy.ts";
import {
  folder,
  has,
  postgresPrograms,
  run,
  script,
  startPostgres,
  startS3,
  type Finished,
  type PostgresServer,
  type S3Server,
} from "./servers.ts";

export const user = "bowmark";
export const password = "0".repeat(64);
const bucket = "bow-mark-backups";
/** The smallest part that S3 takes. */
export const partBytes = 5 * 1024 ** 2;
/** For a test: each call of the AWS CLI takes a second of a CPU, and more on a busy machine. */
export const minutes = 400_000;

/** What is missing here to run it. */
export function lackingForBackups(): string[] {
  const needs = { "PostgreSQL's server": postgresPrograms() !== undefined, "the AWS CLI": has("aws"), Go: hasGo() };
  return Object.keys(needs).filter((need) => !needs[need as keyof typeof needs]);
}

export class BackupStage {
  readonly server: PostgresServer;
  /** What is done to what the AWS CLI asks. */
  readonly proxy: S3Proxy;
  /** What the containers of the last pod shared. */
  dumps = "";
  readonly #s3: S3Server;

  private constructor(server: PostgresServer, s3: S3Server, proxy: S3Proxy) {
    this.server = server;
    this.proxy = proxy;
    this.#s3 = s3;
  }

  /** @param content what makes the one table of each database, by the database's name */
  static async start(content: Readonly<Record<string, string>>): Promise<BackupStage> {
    const server = await startPostgres(user, password);
    const s3 = await startS3(bucket);
    const env = server.env(user, password);
    await succeeds(script("databases.sh", { ...env, DATABASES: Object.keys(content).join(" ") }));
    for (const [database, sql] of Object.entries(content))
      await succeeds(run("psql", ["--dbname", database, "--command", sql], env));
    return new BackupStage(server, s3, await startS3Proxy(s3.endpoint));
  }

  /** The pod of the backup. */
  async backup(of: readonly string[], as = password): Promise<{ dumped: Finished; uploaded: Finished }> {
    const both = this.pod(of);
    const [dumped, uploaded] = await Promise.all([
      script("dump.sh", { ...this.connection(as), ...both }),
      script("upload.sh", { ...this.spaces(), ...both }),
    ]);
    return { dumped, uploaded };
  }

  /** The pod of the drill. */
  async drill(of: readonly string[]): Promise<{ fetched: Finished; drilled: Finished }> {
    const both = this.pod(of);
    const [fetched, drilled] = await Promise.all([
      script("fetch.sh", { ...this.spaces(), ...both }),
      script("drill.sh", { ...both, RESTORED: folder("restored") }),
    ]);
    return { fetched, drilled };
  }

  async backsUp(of: readonly string[]): Promise<string> {
    const { dumped, uploaded } = await this.backup(of);
    expect({ dumped, uploaded }).toMatchObject({ dumped: { code: 0 }, uploaded: { code: 0 } });
    return uploaded.output;
  }

  async restores(of: readonly string[]): Promise<string> {
    const { fetched, drilled } = await this.drill(of);
    expect({ fetched, drilled }).toMatchObject({ fetched: { code: 0 }, drilled: { code: 0 } });
    return fetched.output + drilled.output;
  }

  /** What both containers of a new pod are told. */
  pod(of: readonly string[]): Record<string, string> {
    this.dumps = folder("dumps");
    return { DATABASES: of.join(" "), DUMPS: this.dumps, PATIENCE: "30" };
  }

  /** What pg_dump is told of its server. */
  connection(as = password): Record<string, string> {
    return this.server.env(user, as);
  }

  spaces(): Record<string, string> {
    return {
      SPACES_NAME: bucket,
      SPACES_REGION: "us-east-1",
      SPACES_KEY: this.#s3.key,
      SPACES_SECRET: this.#s3.secret,
      SPACES_ENDPOINT: this.proxy.endpoint,
      RETENTION_DAYS: "30",
      PART_BYTES: String(partBytes),
      RETRY_SECONDS: "0",
      AWS_MAX_ATTEMPTS: "1",
    };
  }

  /** By hand, past the proxy. */
  async s3api(...args: string[]): Promise<string> {
    const { output } = await succeeds(
      run("aws", ["--endpoint-url", this.#s3.endpoint, "s3api", ...args, "--bucket", bucket], {
        AWS_ACCESS_KEY_ID: this.#s3.key,
        AWS_SECRET_ACCESS_KEY: this.#s3.secret,
        AWS_DEFAULT_REGION: "us-east-1",
      }),
    );
    return output;
  }

  /** Where a database's objects lie as files. */
  home(database: string): string {
    return join(this.#s3.files, "pg-backups", database);
  }

  stored(database: string): string[] {
    return existsSync(this.home(database)) ? readdirSync(this.home(database)).toSorted() : [];
  }

  dumpsOf(database: string): string[] {
    return this.stored(database).filter((name) => name.endsWith(".pgdump"));
  }

  newest(database: string): string {
    return join(this.home(database), this.dumpsOf(database).at(-1) ?? "");
  }

  /** Folders of uploads that were neither completed nor aborted. */
  unfinished(): string[] {
    return globSync(join(this.#s3.files, ".sgwtmp/multipart/*/*"));
  }

  /** Ends processes of the last pod, all at once, as a container ends. */
  kill(belongs: (environment: string, command: string) => boolean): number {
    const killed = readdirSync("/proc").filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        if (!environment.includes(`DUMPS=${this.dumps}\0`) || !belongs(environment, command)) return false;
        process.kill(Number(pid), "SIGKILL");
        return true;
      } catch {
        // Gone in the meantime.
        return false;
      }
    });
    return killed.length;
  }
}

export async function succeeds(finished: Promise<Finished>): Promise<Finished> {
  const done = await finished;
  expect(done, done.output).toMatchObject({ code: 0 });
  return done;
}

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
