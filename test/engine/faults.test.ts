/** An update that goes wrong: what is there afterwards, what the next one says, and how it ends well. */
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Stage, noEngine, only, tail } from "../support/stage.ts";

const clusters = "/v2/kubernetes/clusters";
/** Hermes with what takes longest beside a cluster. */
const hermes = {
  ...only("hermes"),
  "doks-systems:hermes": {
    database: { kind: "managed", size: "db-s-1vcpu-1gb", storage: null },
    imageSupports: { databaseTls: true },
  },
};

describe.skipIf(noEngine !== undefined)("an update of a new stack", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open("prod", hermes);
  });
  afterEach(() => stage.close());

  /** Types what messages say to type, until an update succeeds. */
  async function converge(): Promise<void> {
    for (let tries = 0; tries < 5; tries += 1) {
      const { code, output } = await stage.up();
      if (code === 0) return;
      const commands = new Set([...output.matchAll(/npx pulumi (import .*)$/gm)].map(([, command]) => command ?? ""));
      expect(commands.size, tail(output)).toBeGreaterThan(0);
      // As somebody would who looked at it first.
      const { account } = stage.world.api;
      while ([...account.clusters.values()].some(({ status }) => status.state === "provisioning")) await sleep(200);
      for (const command of commands) {
        const words = command.match(/'[^']*'|\S+/g) ?? [];
        const imported = await stage.run(words.map((word) => word.replaceAll("'", "")));
        expect(imported.code, tail(imported.output)).toBe(0);
      }
    }
    throw new Error("does not converge");
  }

  it("is only slower when DigitalOcean limits its calls", async () => {
    const happens = { status: 429, headers: { "retry-after": "2" } };
    const paths = ["/v2/vpcs", clusters, "/v2/databases", "/v2/projects"];
    stage.world.api.faults.plan(...paths.map((path) => ({ method: "POST", path, times: 3, happens })));
    await stage.mustUp();
    for (const path of paths) {
      const calls = stage.world.api.journal.filter((one) => one.method === "POST" && one.path === path);
      expect(calls.map(({ status }) => status)).toEqual([429, 429, 429, 201]);
      for (const [i, { at }] of calls.slice(1).entries()) expect(at - (calls[i]?.at ?? 0)).toBeGreaterThanOrEqual(1900);
    }
    await stage.settled();
  });

  it("whose cluster was made and never answered for does not make a second one", async () => {
    stage.world.api.faults.plan({ method: "POST", path: clusters, happens: { status: 500 }, commits: true });
    expect((await stage.up()).code).not.toBe(0);
    expect(stage.world.api.account.clusters.size).toBe(1);
    expect((await stage.run(["preview"])).output).toContain("is there already");
    await converge();
    expect(stage.world.api.account.clusters.size).toBe(1);
    await stage.settled();
  });

  it("that lost sight of its cluster while it waited finds it again", async () => {
    const happens = { status: 500 };
    stage.world.api.faults.plan({ method: "GET", path: /^\/v2\/kubernetes\/clusters\/[^/]+$/, times: 12, happens });
    expect((await stage.up()).code).not.toBe(0);
    stage.world.api.faults.clear();
    expect((await stage.up()).output).toContain("is there already");
    await converge();
    const made = stage.world.api.journal.filter((one) => one.method === "POST" && one.path === clusters);
    expect(made).toHaveLength(1);
    await stage.settled();
  });

  it("that is interrupted finishes what it has begun, and the next one does the rest", async () => {
    const { code, output } = await stage.up([], {
      started: (process) => void signal(process, "SIGINT", stage, clusters),
    });
    expect(code, tail(output)).not.toBe(0);
    expect(stage.locks()).toEqual([]);
    expect(stage.world.api.account.clusters.size).toBe(1);
    await stage.mustUp();
    expect(stage.calls("POST", /^\/v2\/kubernetes\/clusters$/)).toHaveLength(1);
    await stage.settled();
  });

  it("that is killed leaves a lock, says how to go on, and makes nothing twice", async () => {
    stage.world.api.faults.plan({ method: "POST", path: clusters, happens: "hang", commits: true });
    const { code } = await stage.up([], { started: (process) => void signal(process, "SIGKILL", stage, clusters) });
    expect(code).not.toBe(0);
    const locked = await stage.up();
    expect(locked.code).not.toBe(0);
    expect(locked.output).toContain("currently locked");
    expect((await stage.run(["cancel", "--yes"])).code).toBe(0);
    const cleared = await stage.run(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]);
    expect(cleared.code, tail(cleared.output)).toBe(0);
    await converge();
    expect(stage.world.api.account.clusters.size).toBe(1);
    await stage.settled();
  });
});

describe.skipIf(noEngine !== undefined)("an update of a running stack", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open("prod", hermes);
    await stage.mustUp();
  });
  afterEach(() => stage.close());

  /** What the state knows, without values: they are encrypted anew each time. */
  const known = async () => (await stage.resources()).map(({ urn, id = "" }) => `${urn} ${id}`).toSorted();

  it("runs once, whoever else tries at the same time", async () => {
    for (let round = 0; round < 5; round += 1) {
      const both = await Promise.all([stage.up(), stage.up()]);
      const failed = both.filter(({ code }) => code !== 0);
      // Never both; it may be neither, where each saw the other's lock.
      expect(failed.length).toBeGreaterThanOrEqual(1);
      for (const { output } of failed) expect(output).toContain("locked");
    }
    await stage.settled();
  });

  it.each([
    ["preview"],
    ["up", "--yes", "--skip-preview"],
    ["refresh", "--yes", "--skip-preview"],
    ["destroy", "--yes"],
  ])("with a revoked token ends at once and changes nothing: %s", async (...args) => {
    const { account } = stage.world.api;
    const before = [account.inventory(), await known()];
    const kept = account.tokens;
    account.tokens = [];
    const { code, output, seconds } = await stage.run(args);
    account.tokens = kept;
    expect(code, tail(output)).not.toBe(0);
    expect(seconds).toBeLessThan(60);
    expect([account.inventory(), await known()]).toEqual(before);
    stage.keepsSecrets();
    await stage.settled();
  });

  it("without its cluster's API server is refused, and plans no deletion", async () => {
    const before = await known();
    const [host] = [...stage.world.api.account.hosts.values()];
    await host?.stop();
    for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { code, output } = await stage.run(args);
      expect(code, tail(output)).not.toBe(0);
      expect(output).toContain("does not answer");
      expect(output).not.toMatch(/delet/);
    }
    for (const args of [
      ["refresh", "--yes", "--skip-preview"],
      ["destroy", "--yes", "--skip-preview"],
    ])
      expect((await stage.run(args)).code, args[0]).not.toBe(0);
    expect(await known()).toEqual(before);
  });
});

/** Sends a signal to an update, and to all that it started, as soon as the API got a call. */
async function signal(process_: ChildProcess, name: "SIGINT" | "SIGKILL", stage: Stage, path: string): Promise<void> {
  while (stage.world.api.journal.every((one) => one.method !== "POST" || one.path !== path)) await sleep(50);
  if (process_.pid === undefined || !existsSync(`/proc/${process_.pid}`)) return;
  // The launcher passes an interrupt on; a kill must reach the whole group.
  process.kill(name === "SIGKILL" ? -process_.pid : process_.pid, name);
}
