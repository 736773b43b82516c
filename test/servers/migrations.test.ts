/** The folder of migrations and the script that runs it, on a real PostgreSQL. */
import { chmodSync, cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  folder,
  postgresPrograms,
  run,
  script,
  startPostgres,
  type PostgresServer,
} from "../support/servers.ts";

const installed = postgresPrograms() !== undefined;
if (!installed) console.warn("skipped: migrations on a real PostgreSQL, which is not installed");

const password = "f".repeat(64);
const hermes = fileURLToPath(new URL("../../systems/hermes/migrations/", import.meta.url));

describe.skipIf(!installed)("migrations of Hermes", () => {
  let server: PostgresServer;
  let files: string;
  beforeAll(async () => {
    server = await startPostgres("hermes", password);
    files = join(folder("migrations"), "scripts");
    cpSync(hermes, files, { recursive: true });
    chmodSync(files, 0o777);
  });
  afterAll(cleanUp);

  const migrate = () =>
    script("migrate.sh", { ...server.env("hermes", password), PGDATABASE: "postgres", MIGRATIONS: files });
  async function query(sql: string): Promise<string> {
    const args = ["--dbname", "postgres", "--tuples-only", "--no-align", "--command", sql];
    const { code, output } = await run("psql", args, server.env("hermes", password));
    expect(code, output).toBe(0);
    return output.trim();
  }
  const tables = () => query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");

  it("hermes 24: both tables are there after the first run, and a second run keeps their rows", async () => {
    expect(await migrate()).toMatchObject({ code: 0 });
    expect(await tables()).toBe("ipfs_cache\nmeta");
    await query("INSERT INTO meta VALUES ('last', 'cursor', '20000000')");
    expect(await migrate()).toMatchObject({ code: 0 });
    expect(await query("SELECT * FROM meta")).toBe("last|cursor|20000000");
  });

  it("a file that fails leaves nothing of itself, and those after it do not run", async () => {
    writeFileSync(join(files, "900-broken.sql"), "CREATE TABLE half (id int);\nSELECT 1 / 0;\n");
    writeFileSync(join(files, "901-after.sql"), "CREATE TABLE after (id int);\n");
    const failed = await migrate();
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain("division by zero");
    expect(await tables()).toBe("ipfs_cache\nmeta");
  });
});
