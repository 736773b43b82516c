/** What makes a running server agree with the settings: its password and its databases. */
import { mkdirSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scramVerifier } from "../../components/database/scram.ts";
import {
  cleanUp,
  folder,
  postgresPrograms,
  run,
  script,
  startPostgres,
  type PostgresServer,
} from "../support/servers/servers.ts";

const user = "bowmark";
const passwords = ["1", "2", "3"].map((digit) => digit.repeat(64));
const [first = "", second = "", third = ""] = passwords;
const paving = "bowmark_reports_paving";
const both = `${paving} bowmark_reports_concrete`;

const installed = postgresPrograms() !== undefined;
if (!installed) console.warn("skipped: set-up of a real PostgreSQL, which is not installed");

describe.skipIf(!installed)("set-up of a running server", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(user, first);
  });
  afterAll(cleanUp);

  /** As the Job does: every password so far, newest first. */
  async function setup(history: readonly string[], databases = both) {
    const credentials = folder("credentials");
    mkdirSync(credentials, { recursive: true });
    writeFileSync(`${credentials}/passwords`, `${history.join("\n")}\n`);
    writeFileSync(`${credentials}/verifier`, scramVerifier(history[0] ?? "", randomBytes(16)));
    const env = { ...server.env(user, ""), CREDENTIALS: credentials, DATABASES: databases };
    return script("setup.sh", env);
  }
  async function canLogIn(password: string): Promise<boolean> {
    const tried = await run("psql", ["--dbname", "postgres", "--command", "SELECT 1"], server.env(user, password));
    return tried.code === 0;
  }
  async function names(): Promise<string[]> {
    const sql = "SELECT datname FROM pg_database WHERE datname LIKE 'bowmark%' ORDER BY 1";
    const args = ["--dbname", "postgres", "--tuples-only", "--no-align", "--command", sql];
    return (await run("psql", args, server.env(user, first))).output.trim().split("\n");
  }

  it("bow-mark 12: the second database is made on a server that has only the first, and running again is harmless", async () => {
    expect(await setup([first], paving)).toMatchObject({ code: 0 });
    expect(await names()).toEqual([paving]);
    for (let time = 1; time <= 2; time += 1) {
      const done = await setup([first]);
      expect(done, done.output).toMatchObject({ code: 0 });
      expect(await names()).toEqual(["bowmark_reports_concrete", paving]);
    }
  });

  it("bow-mark 39: the new password opens the server and the old one no longer does", async () => {
    const done = await setup([second, first]);
    expect(done, done.output).toMatchObject({ code: 0 });
    expect(await canLogIn(second)).toBe(true);
    expect(await canLogIn(first)).toBe(false);
    expect(await setup([second, first])).toMatchObject({ code: 0, output: expect.stringContaining("current") });
  });

  it("a password that skipped a version is changed all the same", async () => {
    expect(await setup([third, "9".repeat(64), second, first])).toMatchObject({ code: 0 });
    expect(await canLogIn(third)).toBe(true);
  });

  it("a password changed by hand is reported, and nothing is printed of any password", async () => {
    const done = await setup(["8".repeat(64), "7".repeat(64)]);
    expect(done.code).not.toBe(0);
    expect(done.output).toContain("none of the 2 passwords of this stack opens bowmark");
    for (const password of [...passwords, "8".repeat(64)]) expect(done.output).not.toContain(password);
    expect(await canLogIn(third)).toBe(true);
  });

  it("on a managed server, the admin lets the application's user make tables in each database, and again is harmless", async () => {
    const admin = server.env(user, third);
    const made = await run(
      "psql",
      ["--dbname", "postgres", "--command", `CREATE ROLE app LOGIN PASSWORD '${first}'`],
      admin,
    );
    expect(made, made.output).toMatchObject({ code: 0 });
    const makeTable = (database: string) => {
      const args = ["--dbname", database, "--command", "CREATE TABLE app_table (id int)"];
      return run("psql", args, server.env("app", first));
    };
    expect((await makeTable(paving)).code).not.toBe(0);
    for (let time = 1; time <= 2; time += 1) {
      const granted = await script("grant.sh", { ...admin, OWNER: "app", DATABASES: both });
      expect(granted, granted.output).toMatchObject({ code: 0 });
    }
    for (const database of both.split(" ")) expect(await makeTable(database)).toMatchObject({ code: 0 });
  });
});
