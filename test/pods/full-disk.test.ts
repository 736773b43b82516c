/**
 * What every store does when its disk is full, and once it has grown: nothing that was acknowledged is lost, and nobody does more
 * than to grow its claim.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missing, PodsCluster } from "../support/pods/cluster.ts";
import { bowmark, writers } from "../support/pods/known.ts";
import { kill, persistently } from "../support/pods/lifecycle.ts";
import { SmallDisk } from "../support/pods/small-disk.ts";
import { isKept, writing } from "../support/pods/survival.ts";
import type { System } from "../support/pods/system.ts";

if (missing !== undefined) console.warn(`skipped: full disks on a real node, which needs ${missing}`);

describe.skipIf(missing !== undefined)("a full disk", () => {
  let pods: PodsCluster;
  let system: System;
  beforeAll(async () => {
    pods = await PodsCluster.start();
  }, 1_500_000);
  afterAll(() => pods.stop());

  const under = (set: string) => SmallDisk.under(system, pods.cluster.machine, set);
  const inPod = (pod: string, command: string, input = "") =>
    pods.exec(pod, system.namespace, ["sh", "-ec", command], input).then((text) => text.trim());

  describe("of PostgreSQL", () => {
    const server = "ipfs-cache-postgres";
    let disk: SmallDisk;
    const sql = (statement: string) =>
      inPod(`${server}-0`, 'psql -v ON_ERROR_STOP=1 -qtA -U "$POSTGRES_USER" -d ipfs_cache', statement);
    const contents = () => sql("SELECT count(*), md5(string_agg(sum, ',' ORDER BY i)) FROM kept");
    const kept = expect.stringMatching(/^50000\|/) as string;

    beforeAll(async () => {
      system = await pods.deploy("hermes", {
        "doks-systems:hermes": { database: { kind: "in-cluster", storage: "1Gi" } },
      });
      await sql("CREATE TABLE kept AS SELECT i, md5(i::text) AS sum FROM generate_series(1, 50000) i");
      disk = await under(server);
    }, 900_000);

    it("a server whose tables find no room refuses what is written, and serves on", async () => {
      const before = await persistently(contents);
      expect(before).toEqual(kept);
      disk.leaveRoom(40);
      // What is filled is not written to its log, which has a segment to itself.
      await sql("CHECKPOINT; SELECT pg_switch_wal(); CREATE TABLE room (i int)");
      const fill = "CREATE UNLOGGED TABLE filling AS SELECT repeat(md5(i::text), 50) FROM generate_series(1, 100000) i";
      await expect(sql(fill)).rejects.toThrow(/could not extend file .* No space left on device/);
      expect(await contents()).toBe(before);
      await sql("INSERT INTO room SELECT generate_series(1, 1000)");
      expect(await disk.restarts()).toBe(0);
    });

    it("one whose log finds no room is away until the disk has grown, and has lost nothing", async () => {
      const before = await contents();
      // Less than a segment of the log.
      disk.leaveRoom(8);
      const fill =
        "SELECT pg_logical_emit_message(false, 'filling', repeat(md5(i::text), 10000)) FROM generate_series(1, 1000) i";
      await expect(sql(fill)).rejects.toThrow();
      await persistently(async () => {
        expect(await disk.printedBefore()).toMatch(/FATAL: .*pg_wal.* No space left on device/);
      });
      disk.leaveRoom(100);
      await disk.startAtOnce();
      expect(await persistently(contents)).toBe(before);
      await persistently(() => sql("CREATE TABLE more AS SELECT generate_series(1, 1000) i"));
      expect(await system.broken(120)).toEqual([]);
    });
  });

  describe("of RabbitMQ", () => {
    let disk: SmallDisk;
    const write = () => writing(pods, system, writers.bowmark);

    beforeAll(async () => {
      system = await pods.deploy("bowmark", bowmark());
      disk = await under("rabbitmq");
    }, 900_000);

    it("while it is short, who publishes waits and who consumes does not", async () => {
      const before = await write();
      await before.acknowledged;
      // Less than the 50 MB below which the broker takes nothing more.
      disk.leaveRoom(40);
      await persistently(async () => {
        expect(await inPod("rabbitmq-0", "rabbitmq-diagnostics -q alarms")).toMatch(/disk/i);
      });
      let isAcknowledged = false;
      const meanwhile = write().finally(() => (isAcknowledged = true));
      await isKept(before);
      expect(isAcknowledged).toBe(false);
      disk.leaveRoom(200);
      await isKept(await meanwhile);
      expect(await disk.restarts()).toBe(0);
    }, 600_000);

    it("a broker that starts without any room is away until the disk has grown, and has lost nothing", async () => {
      const wrote = await write();
      await wrote.acknowledged;
      disk.leaveRoom(0);
      await kill(pods.client, pods.cluster.machine, [await disk.pod()]);
      await persistently(async () => {
        expect(await disk.printedBefore()).toMatch(/enospc/);
      });
      disk.leaveRoom(100);
      await disk.startAtOnce();
      await isKept(wrote);
      expect(await system.broken(300)).toEqual([]);
    }, 600_000);
  });

  describe("of what Caracal has", () => {
    beforeAll(async () => {
      system = await pods.deploy("caracal", {});
    }, 900_000);
    const write = () => writing(pods, system, writers.caracal);

    /** A server of one pod that ends for want of room, at each start, and comes back with all records. */
    const endsUntilGrown = async (set: string, makeItWrite: () => Promise<unknown>) => {
      const disk = await under(set);
      const before = await write();
      await before.acknowledged;
      disk.leaveRoom(0);
      await persistently(async () => {
        await makeItWrite();
        expect(await disk.printedBefore()).toMatch(/No space left on device/);
        // Not only once.
        expect(await disk.restarts()).toBeGreaterThan(1);
      });
      disk.leaveRoom(150);
      await disk.startAtOnce();
      await isKept(await write());
      await isKept(before);
      expect(await system.broken(300)).toEqual([]);
    };

    it("Redis refuses what is written, is not ready, and goes on once the disk has grown", async () => {
      const disk = await under("caracal-redis");
      const cli = (command: string) => `redis-cli --user "$REDIS_USER" --no-auth-warning ${command}`;
      const inRedis = (command: string) => inPod("caracal-redis-0", command);
      disk.leaveRoom(10);
      const fill = `i=0
        while told=$(head -c 500000 /dev/zero | ${cli("-x set kept-$i")}) && [ "$told" = OK ]; do i=$((i + 1)); done
        echo $i; echo "$told"`;
      const [count, told] = (await inRedis(fill)).split("\n");
      expect(told).toMatch(/^MISCONF Errors writing to the AOF file: No space left on device/);
      expect(await inRedis(cli("strlen kept-0"))).toBe("500000");
      await persistently(async () => {
        expect(await system.unwell()).toContainEqual(expect.stringMatching(/^caracal-redis-0: not ready/));
      });
      disk.leaveRoom(100);
      await persistently(async () => {
        expect(await inRedis(cli("ping"))).toBe("PONG");
      });
      await system.ready(120);
      expect(await disk.restarts()).toBe(0);
      await kill(pods.client, pods.cluster.machine, [await disk.pod()]);
      await persistently(async () => {
        expect((await inRedis(cli("--scan --pattern 'kept-*'"))).split("\n")).toHaveLength(Number(count));
      });
      expect(await system.broken(120)).toEqual([]);
    }, 600_000);

    it("Kafka ends, and ends at each start, until the disk has grown, and has lost nothing", async () => {
      // All workloads write.
      await endsUntilGrown("caracal-kafka", () => system.broken(0));
    }, 900_000);

    it("ZooKeeper ends, and ends at each start, until the disk has grown, and its brokers are there again", async () => {
      // More than what is left of the last page of its log.
      const create = `kafka-run-class org.apache.zookeeper.ZooKeeperMain -server localhost:2181 \\
        create /filling "$(head -c 20000 /dev/zero | tr '\\0' x)"`;
      // It is away, or refuses.
      await endsUntilGrown("caracal-zookeeper", () => inPod("caracal-zookeeper-0", create).catch(() => ""));
    }, 900_000);
  });
});
