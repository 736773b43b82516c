/**
 * What happens to a system that runs: its data is backed up, lost and restored, its password changes, its server
 * dies, as on any day after the first. Hermes stands for all: scripts and components are the same for each.
 */
import { mkdtempSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiObject } from "../../sandbox/control-plane/client.ts";
import { ready } from "../support/cluster/deploy.ts";
import { missing, PodsCluster } from "../support/pods/cluster.ts";
import type { System } from "../support/pods/system.ts";
import { gone, kill, persistently } from "../support/pods/lifecycle.ts";
import type { Loose } from "../support/stack.ts";

if (missing !== undefined) console.warn(`skipped: the days after the first on a real node, which needs ${missing}`);

const server = "ipfs-cache-postgres";
const root = fileURLToPath(new URL("../../", import.meta.url));

describe.skipIf(missing !== undefined)("a system on its second day", () => {
  let pods: PodsCluster;
  let system: System;
  let bucket: string;
  let migrations: string;
  let passwordVersion = 1;

  const update = async () => {
    system = await pods.deploy("hermes", {
      "doks-systems:hermes": {
        database: { kind: "in-cluster", storage: "1Gi", passwordVersion },
        migrations: relative(root, migrations),
        backup: { bucket: { kind: "create", name: "hermes-backups" }, restoreDrill: "0 3 * * 0" },
      },
    });
  };

  beforeAll(async () => {
    pods = await PodsCluster.start();
    bucket = pods.bucket("hermes-backups");
    migrations = mkdtempSync(join(root, ".cache", "migrations-"));
    cpSync(join(root, "systems/hermes/migrations"), migrations, { recursive: true });
    await update();
    await sql("CREATE TABLE kept AS SELECT i, md5(i::text) AS sum FROM generate_series(1, 50000) i");
  }, 1_500_000);
  afterAll(async () => {
    await pods.stop();
    rmSync(migrations, { recursive: true });
  });

  const inServer = (command: string, input = "") =>
    pods.exec(`${server}-0`, system.namespace, ["bash", "-ec", command], input);
  /** What a statement prints, in the server's own shell. */
  const sql = (statement: string) =>
    inServer('psql -v ON_ERROR_STOP=1 -qtA -U "$POSTGRES_USER" -d ipfs_cache', statement).then((text) => text.trim());
  const contents = () => sql("SELECT count(*), md5(string_agg(sum, ',' ORDER BY i)) FROM kept");

  /** Runs the Job of a CronJob now, as the runbook does. */
  const runNow = async (name: string): Promise<void> => {
    const crons = await system.client.list("batch/v1", "cronjobs", system.namespace);
    const cron = crons.find(({ metadata }) => metadata.name === name) as Loose;
    const job: ApiObject = {
      ...{ apiVersion: "batch/v1", kind: "Job" },
      metadata: { name: `${name}-manual`, namespace: system.namespace },
      spec: cron.spec.jobTemplate.spec,
    };
    await system.client.apply(job);
    await ready(system.client, job, 600).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await system.logs({ "job-name": job.metadata.name })}`);
    });
    await system.client.delete(job);
  };

  it("a backup arrives in the bucket, a drill restores it, and lost data comes back from it, all of it", async () => {
    const before = await contents();
    expect(before).toMatch(/^50000\|/);
    await runNow("ipfs-cache-backup");
    const folder = join(bucket, "pg-backups", "ipfs_cache");
    const [dump = "", sum] = readdirSync(folder).toSorted();
    expect([dump, sum]).toEqual([expect.stringMatching(/\.pgdump$/), `${dump}.sha256`]);
    await runNow("ipfs-cache-backup-drill");

    await sql("DROP TABLE kept");
    await expect(contents()).rejects.toThrow(/"kept" does not exist/);
    // As the runbook says, with its flags.
    const file = readFileSync(join(folder, dump)).toString("base64");
    const restore = 'pg_restore -U "$POSTGRES_USER" -d ipfs_cache --clean --if-exists --exit-on-error';
    await inServer(`base64 -d | ${restore}`, file);
    expect(await contents()).toBe(before);
    expect(await system.broken(60)).toEqual([]);
  }, 600_000);

  it("applications that log in all the time do so with a changed password, once they are replaced", async () => {
    const over = new AbortController();
    const load = (async () => {
      while (!over.signal.aborted) await system.broken(0);
    })();
    passwordVersion += 1;
    await update();
    over.abort();
    await load;
    // Its pods are ready before they listen, and tell nothing until then.
    const toldNothing = (line: string) => line.includes("report itself");
    const rounds: string[][] = [];
    while (rounds.length < 10) {
      const broken = await system.broken(0);
      if (!broken.some(toldNothing)) rounds.push(broken);
    }
    expect(rounds.flat()).toEqual([]);
  }, 300_000);

  it("a migration that is added is applied, once", async () => {
    const once = "CREATE TABLE IF NOT EXISTS added (at timestamptz DEFAULT now());\n";
    writeFileSync(
      join(migrations, "0002_added.sql"),
      `${once}INSERT INTO added SELECT now() WHERE NOT EXISTS (SELECT FROM added);\n`,
    );
    await update();
    const at = await sql("SELECT count(*), max(at) FROM added");
    expect(at).toMatch(/^1\|/);
    // What did not change does not run again.
    await update();
    expect(await sql("SELECT count(*), max(at) FROM added")).toBe(at);
  }, 300_000);

  it("what was acknowledged is there after the server was killed while clients write", async () => {
    await sql("CREATE TABLE written (i bigint PRIMARY KEY)");
    // One statement a transaction, each reported once it is durable.
    const writer = `for i in $(seq 1 100000); do
      psql -qtA -U "$POSTGRES_USER" -d ipfs_cache -c "INSERT INTO written VALUES ($i)" && echo "$i" >>/tmp/acknowledged || exit 0
    done`;
    const writing = inServer(writer).catch(() => "");
    const told = await persistently(async () => {
      const last = Number((await inServer("tail -n 1 /tmp/acknowledged")).trim());
      expect(last).toBeGreaterThan(10);
      return last;
    });
    await killServer();
    await writing;
    expect(Number(await sql("SELECT max(i) FROM written"))).toBeGreaterThanOrEqual(told);
    expect(await sql("SELECT count(*) = max(i) FROM written")).toBe("t");
    expect(await system.broken(120)).toEqual([]);
  }, 300_000);

  it("the volume is there again for a StatefulSet that is made anew", async () => {
    const before = await contents();
    const [claim] = await claims();
    const pod = await serverPod();
    await system.client.delete({
      ...{ apiVersion: "apps/v1", kind: "StatefulSet" },
      metadata: { name: server, namespace: system.namespace },
    });
    await gone(system.client, [pod]);
    expect(await claims()).toEqual([claim]);
    await update();
    expect(await contents()).toBe(before);
    expect(await system.broken(120)).toEqual([]);
  }, 300_000);

  const claims = async () => {
    const all = await system.client.list("v1", "persistentvolumeclaims", system.namespace);
    return all
      .filter(({ metadata }) => metadata.name.includes(server))
      .map(({ metadata, spec }) => [metadata.uid, spec.volumeName]);
  };

  const serverPod = async () =>
    (await system.pods()).find(({ metadata }) => metadata.name === `${server}-0`) as ApiObject;

  const killServer = async () => {
    await kill(pods.client, pods.cluster.machine, [await serverPod()]);
    await persistently(contents);
  };
});
