/** The script that copies one PostgreSQL into another, as the Job runs it, between two real servers. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  folder,
  postgresPrograms,
  run,
  script,
  startPostgres,
  type Finished,
  type PostgresServer,
  until,
} from "../support/servers/servers.ts";

const user = "bowmark";
const [old, now, app] = ["1", "2", "3"].map((digit) => digit.repeat(64)) as [string, string, string];
const [paving, concrete] = ["bowmark_reports_paving", "bowmark_reports_concrete"] as const;
const both = `${paving} ${concrete}`;

const installed = postgresPrograms() !== undefined;
if (!installed) console.warn("skipped: moving between real servers, without PostgreSQL's server");

/** What applications have that is easily lost. */
const schema = `
  CREATE EXTENSION pgcrypto; CREATE EXTENSION citext;
  CREATE SCHEMA "Berichte – 2026";
  CREATE TABLE shipment (id bigserial PRIMARY KEY, name text NOT NULL, at timestamptz, price numeric, body bytea, share float8);
  COMMENT ON TABLE shipment IS 'COMMENT ON EXTENSION is only text here';
  INSERT INTO shipment (name, at, price, body, share)
    SELECT 'Größe ' || i || E'\\n\\\\.' || chr(9), now() + i * interval '1 minute', i / 7.0, gen_random_bytes(20), sqrt(i)
    FROM generate_series(1, 2000) i;
  CREATE TABLE "Berichte – 2026"."Übersicht" (key citext PRIMARY KEY, shipment bigint REFERENCES shipment, doc jsonb);
  INSERT INTO "Berichte – 2026"."Übersicht" VALUES ('Straße', 7, '{"a": [1, null]}');
  CREATE TABLE parts (day date, n int) PARTITION BY RANGE (day);
  CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  INSERT INTO parts VALUES ('2026-05-05', 1), ('2026-06-06', 2);
  CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM shipment;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.name := NEW.name || '!';
    RETURN NEW; END $$;
  CREATE TRIGGER touched BEFORE UPDATE ON shipment FOR EACH ROW EXECUTE FUNCTION touch();
  SELECT setval('shipment_id_seq', 5000);
  SELECT lo_from_bytea(4711, decode(repeat('c0ffee', 1000), 'hex'));
  CREATE ROLE "reports-reader" LOGIN PASSWORD 'x';
  GRANT USAGE ON SCHEMA "Berichte – 2026" TO "reports-reader";
  GRANT SELECT ON ALL TABLES IN SCHEMA "Berichte – 2026" TO "reports-reader";`;

describe.skipIf(!installed)("moving all of PostgreSQL", () => {
  let source: PostgresServer;
  beforeAll(async () => {
    source = await startPostgres(user, old);
    await must(script("databases.sh", { ...source.env(user, old), DATABASES: both }));
    await sql(source, old, paving, schema);
    await sql(source, old, concrete, "CREATE TABLE empty_yet (id int); CREATE SEQUENCE unused");
  });
  afterAll(cleanUp);

  const env = (to: PostgresServer, over: Record<string, string> = {}) => ({
    ...{ STEP: "copy", DATABASES: both, PATIENCE: "2" },
    ...{
      FROM_HOST: "127.0.0.1",
      FROM_PORT: String(source.port),
      FROM_USER: user,
      FROM_PASSWORD: old,
      FROM_SSLMODE: "disable",
    },
    ...{ TO_HOST: "127.0.0.1", TO_PORT: String(to.port), TO_USER: user, TO_PASSWORD: now, TO_SSLMODE: "disable" },
    ...{ ADMIN_USER: user, ADMIN_PASSWORD: now },
    ...over,
  });
  const move = (to: PostgresServer, over?: Record<string, string>) => script("moving/move.sh", env(to, over));
  /** An empty server with the two databases, as the set-up Job leaves it. */
  async function empty(): Promise<PostgresServer> {
    const server = await startPostgres(user, now);
    await must(script("databases.sh", { ...server.env(user, now), DATABASES: both }));
    return server;
  }
  const contents = (server: PostgresServer, password: string, database: string) =>
    sql(server, password, database, undefined, "components/database/scripts/moving/contents.sql");

  it("brings every row, sequence, large object, right and name to an empty server, and says so", async () => {
    const before = await contents(source, old, paving);
    const target = await empty();
    const done = await must(move(target));
    expect(done).toContain(`${paving}: copied, every row is the same on both servers`);
    expect(done).toContain(`${paving}: table public.shipment, 2000 rows`);
    expect(done).toContain(`${paving}: table "Berichte – 2026"."Übersicht", 1 rows`);
    expect(done).toContain(`${paving}: sequence public.shipment_id_seq, 5000`);
    expect(done).toContain("role reports-reader has rights here and was missing; made, without a login");
    expect(done).toContain(`${concrete}: copied`);
    expect(await contents(target, now, paving)).toBe(before);
    expect(await contents(source, old, paving), "nothing happened to the old one").toBe(before);
    const asked = `SELECT (SELECT n FROM totals), has_table_privilege('reports-reader', '"Berichte – 2026"."Übersicht"', 'SELECT'),
      (SELECT length(lo_get(4711))), (SELECT count(*) FROM pg_trigger WHERE tgname = 'touched'),
      (SELECT obj_description('shipment'::regclass)), (SELECT count(*) FROM pg_constraint WHERE contype = 'f')`;
    expect(await sql(target, now, paving, asked)).toBe("2000|t|3000|1|COMMENT ON EXTENSION is only text here|1\n");

    const again = await must(move(target));
    expect(again).toContain(`${paving}: the same on both servers already; nothing was copied`);
    expect(await contents(target, now, paving)).toBe(before);
    await target.stop();
  });

  it("gives it to the user of a managed server, who is no superuser, with the extensions that its admin makes", async () => {
    const target = await empty();
    // As DigitalOcean has it: the admin owns the databases, and grant.sh opened them.
    await sql(target, now, "postgres", `CREATE ROLE app LOGIN PASSWORD '${app}'`);
    await must(script("grant.sh", { ...target.env(user, now), OWNER: "app", DATABASES: both }));
    const done = await must(move(target, { TO_USER: "app", TO_PASSWORD: app }));
    expect(done).toContain(`${paving}: copied`);
    expect(await sql(target, now, paving, "SELECT tableowner FROM pg_tables WHERE tablename = 'shipment'")).toBe(
      "app\n",
    );
    expect(await must(move(target, { TO_USER: "app", TO_PASSWORD: app }))).toContain("nothing was copied");
    await target.stop();
  });

  it("is refused where the target holds other data, which stays as it is", async () => {
    const target = await empty();
    await sql(target, now, paving, "CREATE TABLE theirs AS SELECT 1 AS id");
    const refused = await move(target);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(`${paving}: the new server holds other data already; nothing was copied`);
    expect(refused.output).toContain("table public.theirs, 1 rows");
    expect(await contents(target, now, paving)).toMatch(/^table public\.theirs[^\n]*\nlarge objects[^\n]*\n$/);
    await target.stop();
  });

  it("that fails in the middle leaves the new server empty and the old one as it was, and the next run copies", async () => {
    const before = await contents(source, old, paving);
    const target = await empty();
    // Something that only this server refuses: it stands for a full disk, a lost connection, a missing extension.
    await sql(
      target,
      now,
      paving,
      `
      CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no triggers here'; END $$;
      CREATE EVENT TRIGGER refuses ON ddl_command_start WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION refuse()`,
    );
    const failed = await move(target);
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain("the copy failed; the old server is as it was, and this database is still empty");
    expect(await contents(target, now, paving)).toBe("large objects|0|0\n");
    expect(await contents(source, old, paving)).toBe(before);
    await sql(target, now, paving, "DROP EVENT TRIGGER refuses; DROP FUNCTION refuse");
    expect(await must(move(target))).toContain(`${paving}: copied`);
    await target.stop();
  });

  it("waits for writers, ends what only idles, and names who goes on", async () => {
    const target = await empty();
    const busy = run("psql", ["--dbname", paving, "--command", "SELECT pg_sleep(30)"], {
      ...source.env(user, old),
      PGAPPNAME: "consumer",
    });
    await until(
      async () =>
        (await sql(
          source,
          old,
          paving,
          "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'consumer'",
        )) === "1\n",
      20,
    );
    const refused = await move(target);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/still in use, nothing was copied: bowmark from 127\.0\.0\.1\S* \(consumer\)/);
    expect(await contents(target, now, paving)).toBe("large objects|0|0\n");
    await sql(
      source,
      old,
      paving,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'consumer'",
    );
    await busy;
    const idle = run("bash", ["-c", `(sleep 20) | psql --dbname ${paving}`], {
      ...source.env(user, old),
      PGAPPNAME: "pool",
    });
    await until(
      async () =>
        (await sql(source, old, paving, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pool'")) ===
        "1\n",
      20,
    );
    expect(await must(move(target))).toContain(`${paving}: copied`);
    await idle;
    await target.stop();
  }, 240_000);

  it("does not let an empty server serve while the other one has the data", async () => {
    const target = await empty();
    const refused = await move(target, { STEP: "serve" });
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(`${paving}: is empty where it is to serve`);
    await must(move(target));
    expect(await must(move(target, { STEP: "serve" }))).toContain(`${paving}: the server that is to serve has data`);
    await target.stop();
  });

  it("goes by a dump as docs/runbooks/moving/region.md says, and both sides then have the same contents", async () => {
    const page = readFileSync("docs/runbooks/moving/region.md", "utf8");
    const [restore = ""] = /pg_restore -h localhost [^\n]*/.exec(page) ?? [];
    const [compare = ""] = /psql -h localhost [^\n]*(?= > new\.txt)/.exec(page) ?? [];
    const target = await empty();
    const file = `${folder("dump")}/last.pgdump`;
    await must(run("pg_dump", ["--format=custom", "--file", file, paving], source.env(user, old)));
    await sql(target, now, "postgres", 'CREATE ROLE "reports-reader"');
    const here = (text: string) =>
      text.replace("-h localhost -U gx_admin -d gx_protocol", `-d ${paving}`).replace("<file>", file);
    const shell = (text: string, env: Record<string, string>) =>
      must(run("bash", ["-c", `cd ${process.cwd()} && ${here(text)}`], env));
    await shell(restore, target.env(user, now));
    expect(await shell(compare, target.env(user, now))).toBe(await shell(compare, source.env(user, old)));
    expect(await shell(compare, target.env(user, now))).toContain("table public.shipment|2000 rows|");
    await target.stop();
  });

  it("says that a password is refused, and prints none", async () => {
    const target = await empty();
    const refused = await move(target, { FROM_PASSWORD: "4".repeat(64) });
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("is database.beside what database was, passwordVersion included?");
    for (const password of [old, now, "4".repeat(64)]) expect(refused.output).not.toContain(password);
    await target.stop();
  });
});

async function must(finished: Promise<Finished>): Promise<string> {
  const { code, output } = await finished;
  expect(code, output).toBe(0);
  return output;
}

/** The answer without decoration, of a text or of a file. */
function sql(server: PostgresServer, password: string, database: string, text: string | undefined, file?: string) {
  const what = text === undefined ? ["--file", `${process.cwd()}/${file ?? ""}`] : ["--command", text];
  const plain = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"];
  return must(run("psql", [...plain, "--dbname", database, ...what], server.env(user, password)));
}
