/** The scripts of backup and restore, run as the pods run them, against a real PostgreSQL and a real S3 server. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BackupStage,
  lackingForBackups,
  minutes,
  password,
  sha256,
  succeeds,
  user,
} from "../support/servers/backup.ts";
import { cleanUp, folder, run, script, startPostgres, type PostgresServer } from "../support/servers/servers.ts";

const databases = ["bowmark_reports_paving", "bowmark_reports_concrete"] as const;
const [paving, concrete] = databases;

const lacking = lackingForBackups();
if (lacking.length > 0) console.warn(`skipped: backup against real servers, without ${lacking.join(", ")}`);

describe.skipIf(lacking.length > 0)("backup", () => {
  let stage: BackupStage;

  beforeAll(async () => {
    stage = await BackupStage.start({ [paving]: shipments(1000), [concrete]: shipments(250) });
  }, 600_000);
  afterAll(cleanUp);

  it(
    "bow-mark 29: a run leaves one .pgdump object for each of the two databases, with its checksum beside it",
    async () => {
      await stage.backsUp(databases);
      for (const database of databases) {
        const [dump = "", sum = "", ...more] = stage.stored(database);
        expect(dump).toMatch(new RegExp(`^${database}_\\d{8}_\\d{6}\\.pgdump$`));
        expect(sum).toBe(`${dump}.sha256`);
        expect(more).toEqual([]);
        const path = join(stage.home(database), dump);
        expect(readFileSync(`${path}.sha256`, "utf8")).toBe(`${sha256(readFileSync(path))}  ${dump}\n`);
      }
      expect(stage.unfinished()).toEqual([]);
    },
    minutes,
  );

  it(
    "bow-mark 30: the newest dump restores into an empty server with equal row counts, and over a full one",
    async () => {
      const empty = await startPostgres(user, password);
      const env = { ...empty.env(user, password), DATABASES: databases.join(" ") };
      await succeeds(script("databases.sh", env));
      const here = folder("by-hand");
      for (const [database, rows] of [
        [paving, 1000],
        [concrete, 250],
      ] as const) {
        // By hand, as the runbook says.
        const name = basename(stage.newest(database));
        for (const file of [name, `${name}.sha256`])
          await stage.s3api("get-object", "--key", `pg-backups/${database}/${file}`, join(here, file));
        await succeeds(run("bash", ["-c", `cd ${here} && sha256sum --check ${name}.sha256`]));
        for (let time = 1; time <= 2; time += 1) {
          const args = ["--clean", "--if-exists", "--exit-on-error", "--dbname", database, join(here, name)];
          await succeeds(run("pg_restore", args, env));
          expect(await count(empty, database)).toBe(rows);
        }
      }
      await empty.stop();
    },
    minutes,
  );

  it(
    "the drill restores what is fetched into a server of its own, and counts it",
    async () => {
      const output = await stage.restores(databases);
      expect(output).toContain(`${paving}: restored, 1 tables, 1000 rows`);
      expect(output).toContain(`${concrete}: restored, 1 tables, 250 rows`);
    },
    minutes,
  );

  it(
    "a server that cannot be reached leaves no dump, and the bucket as it was",
    async () => {
      const before = stage.stored(paving);
      const { dumped, uploaded } = await stage.backup(databases, "wrong");
      expect(dumped.code).not.toBe(0);
      expect(uploaded.code).not.toBe(0);
      expect(stage.stored(paving)).toEqual(before);
      expect(stage.unfinished()).toEqual([]);
    },
    minutes,
  );

  it.each(["cut short", "with one flipped byte"])(
    "a dump %s in the bucket is refused by whoever fetches it",
    async (damage) => {
      const newest = stage.newest(concrete);
      const whole = readFileSync(newest);
      spoil(newest, damage);
      const { fetched, drilled } = await stage.drill(databases);
      writeFileSync(newest, whole);
      expect(fetched.code).not.toBe(0);
      expect(fetched.output).toContain(`${basename(newest)}: damaged, not a backup`);
      expect(drilled.code).not.toBe(0);
      expect(drilled.output).toContain(`${paving}: restored, 1 tables, 1000 rows`);
      expect(drilled.output).toContain(`${concrete}: the dump did not come whole`);
      expect(readdirSync(stage.dumps)).toContain(`${paving}.whole`);
      expect(readdirSync(stage.dumps)).not.toContain(`${concrete}.whole`);
    },
    minutes,
  );

  it(
    "a dump without a checksum does not count, and the one before it does",
    async () => {
      const sound = stage.newest(paving);
      const later = join(stage.home(paving), named(paving, -1));
      writeFileSync(later, "an upload that ended after its last part");
      const output = await stage.restores([paving]);
      rmSync(later);
      expect(output).toContain(`${basename(later)}: has no checksum`);
      expect(output).toContain(`${basename(sound)}: whole`);
    },
    minutes,
  );

  it(
    "a dump that an earlier program made counts: it has its checksum in its metadata",
    async () => {
      const [file, key] = [join(folder("earlier"), "dump"), `pg-backups/${paving}/${named(paving, -1)}`];
      await succeeds(run("pg_dump", ["-Fc", "-d", paving, "-f", file], stage.server.env(user, password)));
      await stage.s3api(
        "put-object",
        "--key",
        key,
        "--body",
        file,
        "--metadata",
        `sha256=${sha256(readFileSync(file))}`,
      );
      expect(await stage.restores([paving])).toContain(`${key}: whole`);
      const newest = stage.newest(paving);
      spoil(newest, "with one flipped byte");
      expect((await stage.drill([paving])).fetched.output).toContain(`${key}: damaged`);
      rmSync(newest);
    },
    minutes,
  );

  it(
    "bow-mark 28: dumps older than 30 days are deleted, younger ones and other objects stay",
    async () => {
      const [old, earlier, young] = [named(paving, 31), named(paving, 60), named(paving, 29)];
      const kept = [young, `${young}.sha256`, "notes.txt", "other_20200101_000000.pgdump"];
      for (const name of [old, `${old}.sha256`, earlier, ...kept]) writeFileSync(join(stage.home(paving), name), "x");
      expect(await stage.backsUp(databases)).toContain(`${old}: deleted`);
      for (const name of [old, `${old}.sha256`, earlier]) expect(stage.stored(paving)).not.toContain(name);
      expect(stage.stored(paving)).toEqual(expect.arrayContaining(kept));
    },
    minutes,
  );

  it(
    "a backup that fails deletes nothing",
    async () => {
      const old = named(paving, 90);
      for (const name of [old, `${old}.sha256`]) writeFileSync(join(stage.home(paving), name), "x");
      const before = stage.stored(paving);
      // The first of the two arrives, the second does not.
      const { uploaded } = await stage.backup([paving, "missing"]);
      expect(uploaded.code).not.toBe(0);
      expect(stage.stored(paving)).toEqual(expect.arrayContaining(before));
      expect(stage.stored(paving)).toHaveLength(before.length + 2);
    },
    minutes,
  );
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

function shipments(rows: number): string {
  return `CREATE TABLE fact_material_shipment AS SELECT i AS id, md5(i::text) AS note FROM generate_series(1, ${rows}) i`;
}

async function count(server: PostgresServer, database: string): Promise<number> {
  const args = ["--dbname", database, "--tuples-only", "--command", "SELECT count(*) FROM fact_material_shipment"];
  return Number((await run("psql", args, server.env(user, password))).output.trim());
}
