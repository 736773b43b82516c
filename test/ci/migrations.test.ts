/** How an application's migrations get here. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { takeOver } from "../../ci/take-over.ts";
import { isPlaceholder } from "../../settings/slices/migrations.ts";

const up = (sql: string) => `-- migrate:up\n${sql};\n\n-- migrate:down\nSELECT 1;\n`;

describe("an application's migrations", () => {
  let from: string;
  let to: string;
  const write = (folder: string, name: string, text: string) => {
    writeFileSync(join(folder, name), text);
  };
  beforeEach(() => {
    [from, to] = ["from", "to"].map((name) => mkdtempSync(join(tmpdir(), `doks-${name}-`))) as [string, string];
    write(from, "20250101_tables.sql", up("CREATE TABLE a (i int)"));
    write(from, "20250201_more.sql", up("ALTER TABLE a ADD j int"));
    write(from, "README.md", "not a migration");
  });
  afterEach(() => {
    for (const folder of [from, to]) rmSync(folder, { recursive: true });
  });

  it("take the place of our placeholder, byte for byte", () => {
    write(
      to,
      "20250101000000_baseline.sql",
      readFileSync("systems/bowmark/migrations/20250101000000_baseline.sql", "utf8"),
    );
    expect(isPlaceholder(to)).toBe(true);
    expect(takeOver(from, to)).toEqual([
      "- 20250101000000_baseline.sql, a placeholder",
      "+ 20250101_tables.sql",
      "+ 20250201_more.sql",
    ]);
    expect(readdirSync(to).toSorted()).toEqual(["20250101_tables.sql", "20250201_more.sql"]);
    expect(readFileSync(join(to, "20250201_more.sql"))).toEqual(readFileSync(join(from, "20250201_more.sql")));
    expect(isPlaceholder(to)).toBe(false);
    expect(takeOver(from, to)).toEqual(["nothing is new"]);
  });

  it("of Hermes are plain SQL, which begins with the tables that it has here", () => {
    for (const folder of [from, to]) {
      write(folder, "0001_tables.sql", readFileSync("systems/hermes/migrations/0001_tables.sql", "utf8"));
    }
    for (const file of ["20250101_tables.sql", "20250201_more.sql"]) rmSync(join(from, file));
    write(from, "0002_network.sql", "ALTER TABLE ipfs_cache ADD COLUMN IF NOT EXISTS network text;");
    expect(takeOver(from, to)).toEqual(["+ 0002_network.sql"]);
    rmSync(join(from, "0001_tables.sql"));
    expect(() => takeOver(from, to)).toThrow(/0001_tables.sql is not in/);
  });

  it.each<[string, () => void, RegExp]>([
    [
      "changed",
      () => {
        write(from, "20250101_tables.sql", up("CREATE TABLE b (i int)"));
      },
      /20250101_tables.sql was changed/,
    ],
    [
      "taken away",
      () => {
        rmSync(join(from, "20250101_tables.sql"));
      },
      /20250101_tables.sql is not in/,
    ],
    [
      "put before others",
      () => {
        write(from, "20240101_late.sql", up("SELECT 1"));
      },
      /20240101_late.sql comes before/,
    ],
    [
      "without dbmate's mark",
      () => {
        write(from, "20260101_new.sql", "SELECT 1;");
      },
      /has no line "-- migrate:up"/,
    ],
  ])("are refused when one was %s after it came here, and nothing is copied", (_what, change, message) => {
    takeOver(from, to);
    const before = readdirSync(to);
    change();
    write(from, "20270101_next.sql", up("SELECT 1"));
    expect(() => takeOver(from, to)).toThrow(message);
    expect(readdirSync(to)).toEqual(before);
  });
});
