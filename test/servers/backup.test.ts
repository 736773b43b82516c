/** The scripts of backup and restore, run as the pods run them, against a real PostgreSQL and a real S3 server. */
import { readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasGo } from "../../sandbox/tools.ts";
import {
  cleanUp,
  folder,
  has,
  postgresPrograms,
  run,
  script,
  startPostgres,
  startS3,
  type PostgresServer,
  type S3Server,
} from "../support/servers.ts";

const user = "bowmark";
const password = "0".repeat(64);
const databases = ["bowmark_reports_paving", "bowmark_reports_concrete"] as const;
const [paving, concrete] = databases;
const bucket = "bow-mark-backups";

const needs = { "PostgreSQL's server": postgresPrograms() !== undefined, "the AWS CLI": has("aws"), Go: hasGo() };
const lacking = Object.keys(needs).filter((need) => !needs[need as keyof typeof needs]);
if (lacking.length > 0) console.warn(`skipped: backup against real servers, without ${lacking.join(", ")}`);

describe.skipIf(lacking.length > 0)("backup", () => {
  let server: PostgresServer;
  let s3: S3Server;
  let dumps: string;
  let spaces: Record<string, string>;

  beforeAll(async () => {
    server = await startPostgres(user, password);
    s3 = await startS3(bucket);
    spaces = {
      SPACES_NAME: bucket,
      SPACES_REGION: "us-east-1",
      SPACES_KEY: s3.key,
      SPACES_SECRET: s3.secret,
      SPACES_ENDPOINT: s3.endpoint,
      RETENTION_DAYS: "30",
      DATABASES: databases.join(" "),
    };
    const made = await script("databases.sh", { ...server.env(user, password), DATABASES: databases.join(" ") });
    expect(made, made.output).toMatchObject({ code: 0 });
    await fill(server, paving, 1000);
    await fill(server, concrete, 250);
  }, 600_000);
  afterAll(cleanUp);
  beforeEach(() => {
    dumps = folder("dumps");
  });

  const dump = () => script("dump.sh", { ...server.env(user, password), DATABASES: databases.join(" "), DUMPS: dumps });
  const upload = () => script("upload.sh", { ...spaces, DUMPS: dumps });
  const fetchNewest = () => script("fetch.sh", { ...spaces, DUMPS: dumps });
  const stored = (database: string) => readdirSync(join(s3.files, "pg-backups", database)).toSorted();

  it("bow-mark 29: a run leaves one .pgdump object for each of the two databases", async () => {
    const dumped = await dump();
    expect(dumped, dumped.output).toMatchObject({ code: 0 });
    const uploaded = await upload();
    expect(uploaded, uploaded.output).toMatchObject({ code: 0 });
    for (const database of databases) {
      expect(stored(database)).toEqual([expect.stringMatching(new RegExp(`^${database}_\\d{8}_\\d{6}\\.pgdump$`))]);
    }
  }, 60_000);

  it("bow-mark 30: the newest dump restores into an empty server with equal row counts, and over a full one", async () => {
    const fetched = await fetchNewest();
    expect(fetched, fetched.output).toMatchObject({ code: 0 });
    const empty = await startPostgres(user, password);
    const env = { ...empty.env(user, password), DATABASES: databases.join(" ") };
    expect(await script("databases.sh", env)).toMatchObject({ code: 0 });
    for (let time = 1; time <= 2; time += 1) {
      for (const [database, rows] of [
        [paving, 1000],
        [concrete, 250],
      ] as const) {
        const args = [
          "--clean",
          "--if-exists",
          "--exit-on-error",
          "--dbname",
          database,
          join(dumps, `${database}.pgdump`),
        ];
        const restored = await run("pg_restore", args, env);
        expect(restored, restored.output).toMatchObject({ code: 0 });
        expect(await count(empty, database)).toBe(rows);
      }
    }
    await empty.stop();
  }, 60_000);

  it("the drill restores what was fetched into a server of its own, and counts it", async () => {
    expect(await fetchNewest()).toMatchObject({ code: 0 });
    const drilled = await script("drill.sh", { DATABASES: databases.join(" "), DUMPS: dumps });
    expect(drilled, drilled.output).toMatchObject({ code: 0 });
    expect(drilled.output).toContain(`${paving}: restored, 1 tables, 1000 rows`);
    expect(drilled.output).toContain(`${concrete}: restored, 1 tables, 250 rows`);
  }, 60_000);

  it("a server that cannot be reached leaves no dump, and the bucket as it was", async () => {
    const before = stored(paving);
    const unreachable = { ...server.env(user, "wrong"), DATABASES: databases.join(" "), DUMPS: dumps };
    expect((await script("dump.sh", unreachable)).code).not.toBe(0);
    expect(readdirSync(dumps).filter((name) => name.endsWith(".pgdump"))).toEqual([]);
    expect((await upload()).code).not.toBe(0);
    expect(stored(paving)).toEqual(before);
  }, 60_000);

  it.each(["cut short", "with one flipped byte"])(
    "a dump %s after it was made is not uploaded",
    async (damage) => {
      expect(await dump()).toMatchObject({ code: 0 });
      const file = join(dumps, readdirSync(dumps).find((name) => name.endsWith(".pgdump")) ?? "");
      spoil(file, damage);
      const before = databases.map(stored);
      const uploaded = await upload();
      expect(uploaded.code).not.toBe(0);
      expect(uploaded.output).toMatch(/checksum/);
      // Its neighbour may have arrived; the damaged one has not.
      const added = databases.flatMap((database, i) => stored(database).filter((name) => !before[i]?.includes(name)));
      expect(added).not.toContain(file.split("/").at(-1));
    },
    60_000,
  );

  it.each(["cut short", "with one flipped byte"])(
    "a dump %s in the bucket is refused by whoever fetches it",
    async (damage) => {
      expect(await dump()).toMatchObject({ code: 0 });
      expect(await upload()).toMatchObject({ code: 0 });
      const newest = join(s3.files, "pg-backups", concrete, stored(concrete).at(-1) ?? "");
      const whole = readFileSync(newest);
      spoil(newest, damage);
      const fetched = await fetchNewest();
      expect(fetched.code).not.toBe(0);
      expect(readdirSync(dumps)).not.toContain(`${concrete}.pgdump`);
      writeFileSync(newest, whole);
      expect(await fetchNewest()).toMatchObject({ code: 0 });
    },
    60_000,
  );

  it("bow-mark 28: dumps older than 30 days are deleted, younger ones and other objects stay", async () => {
    const there = join(s3.files, "pg-backups", paving);
    const [old, young] = [named(paving, 31), named(paving, 29)];
    for (const name of [old, young, "notes.txt", "other_20200101_000000.pgdump"]) {
      writeFileSync(join(there, name), "x");
      utimesSync(join(there, name), new Date(), new Date());
    }
    expect(await dump()).toMatchObject({ code: 0 });
    const uploaded = await upload();
    expect(uploaded, uploaded.output).toMatchObject({ code: 0 });
    expect(uploaded.output).toContain(`${old}: deleted`);
    expect(stored(paving)).not.toContain(old);
    expect(stored(paving)).toEqual(expect.arrayContaining([young, "notes.txt", "other_20200101_000000.pgdump"]));
  }, 60_000);

  it("a backup that fails deletes nothing", async () => {
    const old = named(paving, 90);
    writeFileSync(join(s3.files, "pg-backups", paving, old), "x");
    expect(await dump()).toMatchObject({ code: 0 });
    const last = readdirSync(dumps).filter((name) => name.endsWith(".pgdump"))[0] ?? "";
    truncateSync(join(dumps, last), 100);
    expect((await upload()).code).not.toBe(0);
    expect(stored(paving)).toContain(old);
  }, 60_000);
});

function named(database: string, daysAgo: number): string {
  const [date = "", time = ""] = new Date(Date.now() - daysAgo * 86_400_000).toISOString().split("T");
  return `${database}_${date.replaceAll("-", "")}_${time.slice(0, 8).replaceAll(":", "")}.pgdump`;
}

function spoil(file: string, damage: string): void {
  const bytes = readFileSync(file);
  if (damage === "cut short") {
    truncateSync(file, bytes.length - 100);
    return;
  }
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(file, bytes);
}

async function fill(server: PostgresServer, database: string, rows: number): Promise<void> {
  const sql = `CREATE TABLE fact_material_shipment AS SELECT i AS id, md5(i::text) AS note FROM generate_series(1, ${rows}) i`;
  const filled = await run("psql", ["--dbname", database, "--command", sql], server.env(user, password));
  expect(filled, filled.output).toMatchObject({ code: 0 });
}

async function count(server: PostgresServer, database: string): Promise<number> {
  const args = ["--dbname", database, "--tuples-only", "--command", "SELECT count(*) FROM fact_material_shipment"];
  return Number((await run("psql", args, server.env(user, password))).output.trim());
}
