/** Caracal's migration, with Alembic and SQLAlchemy on a real PostgreSQL; a package that is laid out as the image's stands in for it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  folder,
  postgresPrograms,
  run,
  startPostgres,
  type Finished,
  type PostgresServer,
} from "../support/servers/servers.ts";

const python = "/usr/bin/python3";
const modules = spawnSync(python, ["-c", "import alembic, psycopg2, sqlalchemy"]).status === 0;
const able = postgresPrograms() !== undefined && modules;
if (!able) console.warn("skipped: Caracal's migration, which needs PostgreSQL, python3-alembic and python3-psycopg2");

const script = fileURLToPath(new URL("../../systems/caracal/scripts/migrate.py", import.meta.url));

/** Signs that a URL, and a file of settings, give a meaning of their own; Debian's SQLAlchemy 1.4 takes no code of one, such as %40. */
const password = "p@ss%w/rd:?#&=+";

const revision = (name: string, before: string | undefined, upgrade: string) =>
  [
    "from alembic import op",
    "import sqlalchemy as sa",
    `revision = "${name}"`,
    `down_revision = ${before === undefined ? "None" : `"${before}"`}`,
    "def upgrade():",
    `    ${upgrade}`,
    "def downgrade():",
    "    pass",
  ].join("\n");

/** Its tables are those of the second revision. */
const standIn = {
  "__init__.py": "",
  "db/__init__.py": "",
  "db/models.py": [
    "from sqlalchemy import Column, Integer, String",
    "from sqlalchemy.orm import declarative_base",
    "Base = declarative_base()",
    "class Entry(Base):",
    '    __tablename__ = "ledger_entries"',
    "    id = Column(Integer, primary_key=True)",
    "    agent = Column(String)",
    "    cost = Column(Integer)",
  ].join("\n"),
  // As the image's: the variable goes through a file of settings, in which % begins a reference.
  "db/migrations/env.py": [
    "import os",
    "from alembic import context",
    "from sqlalchemy import engine_from_config, pool",
    "from caracal.db.models import Base",
    "config = context.config",
    'config.set_main_option("sqlalchemy.url", os.environ["CARACAL_DATABASE_URL"])',
    'section = config.get_section(config.config_ini_section, {"sqlalchemy.url": config.get_main_option("sqlalchemy.url")})',
    'with engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool).connect() as connection:',
    "    context.configure(connection=connection, target_metadata=Base.metadata)",
    "    with context.begin_transaction():",
    "        context.run_migrations()",
  ].join("\n"),
  "db/migrations/versions/0001.py": revision(
    "0001",
    undefined,
    'op.create_table("ledger_entries", sa.Column("id", sa.Integer, primary_key=True), sa.Column("agent", sa.String))',
  ),
  "db/migrations/versions/0002.py": revision(
    "0002",
    "0001",
    'op.add_column("ledger_entries", sa.Column("cost", sa.Integer))',
  ),
};
/** The same with a third revision that cannot succeed. */
const broken = {
  ...standIn,
  "db/migrations/versions/0003.py": revision("0003", "0002", 'op.execute("CREATE TABLE half (id int); SELECT 1 / 0")'),
};

describe.skipIf(!able)("Caracal's migration", () => {
  let server: PostgresServer;
  const packages = { whole: "", broken: "" };

  beforeAll(async () => {
    server = await startPostgres("caracal", password);
    for (const [name, files] of [["whole", standIn] as const, ["broken", broken] as const]) {
      packages[name] = folder("caracal");
      for (const [file, text] of Object.entries(files)) {
        const path = join(packages[name], "caracal", file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, `${text}\n`);
      }
    }
  });
  afterAll(cleanUp);

  /** What the pod has: the ConfigMap's variables, and the Secret's. */
  const migrate = (database: string, which: keyof typeof packages = "whole", secret = password): Promise<Finished> =>
    run(python, [script], {
      ...{ DB_HOST: "127.0.0.1", DB_PORT: String(server.port), DB_NAME: database, DB_USER: "caracal" },
      ...{ DB_PASSWORD: secret, PGSSLMODE: "disable" },
      ...{ PYTHONPATH: packages[which], PYTHONDONTWRITEBYTECODE: "1" },
    });
  async function query(database: string, sql: string): Promise<string> {
    const args = ["--dbname", database, "--tuples-only", "--no-align", "--command", sql];
    const { code, output } = await run("psql", args, server.env("caracal", password));
    expect(code, output).toBe(0);
    return output.trim();
  }
  const made = async (database: string): Promise<string> => {
    await query("postgres", `CREATE DATABASE ${database}`);
    return database;
  };
  const version = (database: string) => query(database, "SELECT version_num FROM alembic_version");
  const columns = (database: string) =>
    query(
      database,
      "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns " +
        "WHERE table_name = 'ledger_entries'",
    );

  it("real caracal 1: an empty database gets every table and the newest revision, whatever signs the password has", async () => {
    const database = await made("empty");
    const done = await migrate(database);
    expect(done, done.output).toMatchObject({ code: 0, output: expect.stringContaining("created every table") });
    expect(await columns(database)).toBe("id agent cost");
    expect(await version(database)).toBe("0002");
  });

  it("real caracal 1: run again it changes nothing", async () => {
    const database = await made("again");
    expect(await migrate(database)).toMatchObject({ code: 0 });
    await query(database, "INSERT INTO ledger_entries VALUES (1, 'agent', 42)");
    const done = await migrate(database);
    expect(done, done.output).toMatchObject({ code: 0, output: expect.stringContaining("newest revision") });
    expect(await query(database, "SELECT * FROM ledger_entries")).toBe("1|agent|42");
    expect([await columns(database), await version(database)]).toEqual(["id agent cost", "0002"]);
  });

  it("real caracal 1: a database of an earlier revision gets the pending one, and keeps its rows", async () => {
    const database = await made("earlier");
    await query(database, "CREATE TABLE ledger_entries (id serial PRIMARY KEY, agent varchar)");
    await query(database, "INSERT INTO ledger_entries (agent) VALUES ('agent')");
    await query(database, "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)");
    await query(database, "INSERT INTO alembic_version VALUES ('0001')");
    const done = await migrate(database);
    expect(done, done.output).toMatchObject({ code: 0 });
    expect([await columns(database), await version(database)]).toEqual(["id agent cost", "0002"]);
    expect(await query(database, "SELECT id, agent FROM ledger_entries")).toBe("1|agent");
  });

  it("one that was ended between its tables and their revision goes on where it was", async () => {
    const database = await made("halfway");
    expect(await migrate(database)).toMatchObject({ code: 0 });
    await query(database, "INSERT INTO ledger_entries VALUES (1, 'agent', 42)");
    await query(database, "DROP TABLE alembic_version");
    expect(await migrate(database)).toMatchObject({ code: 0 });
    expect(await version(database)).toBe("0002");
    expect(await query(database, "SELECT * FROM ledger_entries")).toBe("1|agent|42");
  });

  it("a revision that fails fails the Job, and leaves nothing of itself", async () => {
    const database = await made("failing");
    expect(await migrate(database)).toMatchObject({ code: 0 });
    const failed = await migrate(database, "broken");
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain("division by zero");
    expect(failed.output).not.toContain(password);
    expect(await version(database)).toBe("0002");
    expect(await query(database, "SELECT count(*) FROM pg_tables WHERE tablename = 'half'")).toBe("0");
  });

  it("a wrong password is refused, and nothing is printed of any", async () => {
    const refused = await migrate("postgres", "whole", `${password}-wrong`);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("password authentication failed");
    for (const secret of [password, encodeURIComponent(password)]) expect(refused.output).not.toContain(secret);
  });
});
