/** Dumps of several parts, and what becomes of them when one end of the pipe, a part or the bucket fails on the way. */
import { readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BackupStage, lackingForBackups, minutes, partBytes, sha256 } from "../support/servers/backup.ts";
import { partOf, refuse } from "../support/servers/s3-proxy.ts";
import { cleanUp, folder, run, script } from "../support/servers/servers.ts";

const large = "bowmark_reports_large";
const rows = 450_000;

const lacking = lackingForBackups();
if (lacking.length > 0) console.warn(`skipped: dumps of several parts, without ${lacking.join(", ")}`);

describe.skipIf(lacking.length > 0)("a dump of several parts", () => {
  let stage: BackupStage;

  beforeAll(async () => {
    // Sums do not compress: the dump is about as large as they are.
    const noise = `CREATE TABLE noise AS SELECT i, sha256(i::text::bytea) AS sum FROM generate_series(1, ${rows}) i`;
    stage = await BackupStage.start({ [large]: noise });
  }, 600_000);
  afterAll(cleanUp);
  beforeEach(() => {
    stage.proxy.meddle(undefined);
  });

  /** A backup that fails on both sides, and after which the bucket holds what it held before. */
  const failsWithoutTrace = async () => {
    const before = stage.stored(large);
    const { dumped, uploaded } = await stage.backup([large]);
    expect(dumped.code).not.toBe(0);
    expect(uploaded.code).not.toBe(0);
    expect(stage.stored(large)).toEqual(before);
    return uploaded.output;
  };

  it(
    "arrives whole and restores, while two parts of it at most are on the disk",
    async () => {
      await stage.backsUp([large]);
      expect(statSync(stage.newest(large)).size).toBeGreaterThan(3 * partBytes);
      const key = `pg-backups/${large}/${basename(stage.newest(large))}`;
      // The ETag of an upload in parts ends in their count.
      expect(await stage.s3api("head-object", "--key", key)).toMatch(/-4\\"/);
      const files = readdirSync(stage.dumps).map((name) => statSync(join(stage.dumps, name)).size);
      expect(files.reduce((sum, size) => sum + size, 0)).toBeLessThan(2 * partBytes + 10_000);

      expect(await stage.restores([large])).toContain(`${large}: restored, 1 tables, ${rows} rows`);
      expect(statSync(join(stage.dumps, "part")).size).toBeLessThanOrEqual(partBytes);
    },
    minutes,
  );

  it(
    "whose dump dies while it streams is no backup, and leaves nothing",
    async () => {
      let killed = 0;
      stage.proxy.meddle((asked) => {
        // The third part is read, and the pipe behind it is full.
        if (partOf(asked) === 2) killed += stage.kill((_, command) => command.startsWith("pg_dump"));
        return false;
      });
      expect(await failsWithoutTrace()).toContain("the dump ended early");
      expect(killed).toBe(1);
      expect(stage.unfinished()).toEqual([]);
    },
    minutes,
  );

  it(
    "whose upload dies is no backup, and what it leaves is taken away a day later",
    async () => {
      const uploads = (environment: string) => environment.includes("SPACES_KEY=");
      stage.proxy.meddle((asked) => partOf(asked) === 2 && stage.kill(uploads) > 0);
      await failsWithoutTrace();
      stage.proxy.meddle(undefined);
      await stage.backsUp([large]);
      const [left = "", ...more] = stage.unfinished();
      expect(more).toEqual([]);
      utimesSync(left, new Date(), new Date(Date.now() - 25 * 3_600_000));
      expect(await stage.backsUp([large])).toContain("never completed, aborted");
      expect(stage.unfinished()).toEqual([]);
    },
    minutes,
  );

  it.each(["is refused", "arrives as something else"])(
    "of which one %s is sent again",
    async (trouble) => {
      let troubled = 0;
      stage.proxy.meddle((asked, answer) => {
        if (partOf(asked) !== 2 || troubled > 0) return false;
        troubled += 1;
        if (trouble === "is refused") return refuse(asked, answer);
        asked.resume();
        answer.writeHead(200, { etag: `"${"0".repeat(32)}"` }).end();
        return true;
      });
      const { dumped, uploaded } = await stage.backup([large]);
      expect({ dumped, uploaded }).toMatchObject({ dumped: { code: 0 }, uploaded: { code: 0 } });
      expect(uploaded.output).toContain("attempt 1 of 5 failed: send 2");
      await stage.restores([large]);
    },
    minutes,
  );

  it(
    "of which one never arrives is no backup, and leaves nothing",
    async () => {
      stage.proxy.meddle((asked, answer) => partOf(asked) === 2 && refuse(asked, answer));
      await failsWithoutTrace();
      expect(stage.unfinished()).toEqual([]);
    },
    minutes,
  );

  it(
    "whose bucket goes away is no backup",
    async () => {
      let gone = false;
      stage.proxy.meddle((asked, answer) => {
        gone ||= partOf(asked) === 2;
        if (gone) answer.destroy();
        return gone;
      });
      await failsWithoutTrace();
      for (const left of stage.unfinished()) rmSync(left, { recursive: true });
    },
    minutes,
  );

  it(
    "whose checksum is not that of what arrived is no backup",
    async () => {
      const before = stage.stored(large);
      const both = stage.pod([large]);
      const pipes = new URL("../../components/database/scripts/pipes.sh", import.meta.url).pathname;
      const other = `. ${pipes}; open_pipes to write; echo dumped >&"\${pipes[${large}]}"; echo ${sha256("")} >$DUMPS/${large}.sha256`;
      const [, uploaded] = await Promise.all([
        run("bash", ["-euc", other], both),
        script("upload.sh", { ...stage.spaces(), ...both }),
      ]);
      expect(uploaded.code).not.toBe(0);
      expect(uploaded.output).toContain("checksum of what arrived is not the dump's");
      expect(stage.stored(large)).toEqual(before);
      expect(stage.unfinished()).toEqual([]);
    },
    minutes,
  );

  it.each(["dump.sh", "upload.sh", "fetch.sh", "drill.sh"])(
    "%s does not wait long for one that does not come",
    async (alone) => {
      const told = { ...stage.connection(), ...stage.spaces(), ...stage.pod([large]) };
      const env = { ...told, RESTORED: folder("restored"), PATIENCE: "1" };
      const finished = await script(alone, env);
      expect(finished.code).not.toBe(0);
      expect(finished.output).toContain("nobody came");
    },
  );

  it(
    "a dump that dies before its first byte is known at once",
    async () => {
      const started = Date.now();
      const both = { ...stage.pod([large]), PATIENCE: "600" };
      const [dumped, uploaded] = await Promise.all([
        script("dump.sh", { ...both, ...stage.connection("another password") }),
        script("upload.sh", { ...stage.spaces(), ...both }),
      ]);
      expect(dumped.code).not.toBe(0);
      expect(uploaded.code).not.toBe(0);
      expect(Date.now() - started).toBeLessThan(100_000);
      expect(stage.unfinished()).toEqual([]);
    },
    minutes,
  );
});
