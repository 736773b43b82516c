/** The folder of migrations and the script that runs it, and the URL that migrations get, on a real PostgreSQL. */
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
} from "../support/servers/servers.ts";
import { alone } from "../support/stack.ts";

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

describe.skipIf(!installed)("the URL of a database", () => {
  afterAll(cleanUp);

  it.each([
    ["signs that end a part of a URL", "p@ss/w:rd?#"],
    ["signs that look like escapes, and a space", "100%25 of%40 +&="],
    ["letters of other alphabets", "contraseña-пароль"],
  ])("opens the server, whatever its password has: %s", async (_what, secret) => {
    const server = await startPostgres("reports", secret);
    const database = { kind: "existing", host: "db.example.com", user: "reports", tls: "disable" };
    const rendered = await alone("bowmark")("local", {
      "doks-systems:bowmark": { database },
      "doks-systems:secrets": { bowmark: { databasePassword: secret } },
    });
    const url: string = rendered.object("Secret", "pg-migrate-paving-url").stringData["DATABASE_URL"];
    const here = url
      .replace("@db.example.com:5432/", `@127.0.0.1:${server.port}/`)
      .replace("/bowmark_reports_paving", "/postgres");
    const args = ["--tuples-only", "--no-align", "--command", "SELECT current_user || ' in ' || current_database()"];
    const { output } = await run("psql", [here, ...args]);
    expect(output.trim()).toBe("reports in postgres");
    const wrong = await run("psql", [here.replace("reports:", "reports:x"), ...args]);
    expect(wrong.output).toContain("password authentication failed");
  });
});
