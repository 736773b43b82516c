/** The rendered users, settings and probe, with a real Redis. */
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterwards, cleanUp, folder, freePort, has, run, until, type Finished } from "../support/servers/servers.ts";
import { alone, type SystemKey } from "../support/stack.ts";

const installed = has("redis-server") && has("redis-cli");
if (!installed) console.warn("skipped: users and probes in a real Redis, which is not installed");

const probe = fileURLToPath(new URL("../../components/cache/scripts/ping.sh", import.meta.url));

const servers: [SystemKey, string, string][] = [
  ["gx", "redis", "gx"],
  ["caracal", "caracal-redis", "default"],
];

describe.skipIf(!installed).each(servers)("%s's Redis", (system, name, user) => {
  let port: number;
  let server: ChildProcess;
  let home: string;
  let password: string;

  beforeAll(async () => {
    const staging = await alone(system)("staging");
    const { "users.acl": users, password: plain } = staging.object("Secret", `${name}-users`).stringData;
    password = plain;
    const config: string = staging.object("ConfigMap", `${name}-config`).data["redis.conf"];
    ({ port, server, home } = await startRedis(`${users}${operator}`, config));
  });
  afterAll(cleanUp);

  const cli = (env: Record<string, string>, ...args: string[]) =>
    run("redis-cli", ["-h", "127.0.0.1", "-p", String(port), "--no-auth-warning", ...args], env);
  const known = (...args: string[]) => cli({ REDISCLI_AUTH: password }, "--user", user, ...args);
  const asOperator = (...args: string[]) => cli({ REDISCLI_AUTH: "operator" }, "--user", "operator", ...args);
  /** Three seconds are less than the kubelet waits. */
  const ping = (kind: string, env: Record<string, string> = {}): Promise<Finished> =>
    run("timeout", ["3", "sh", probe, kind], {
      REDIS_HOST: "127.0.0.1",
      REDIS_PORT: String(port),
      REDIS_USER: user,
      REDISCLI_AUTH: password,
      ...env,
    });

  it("gx 16, caracal 10: commands without a password, or with a wrong one, are refused", async () => {
    expect((await cli({}, "ping")).output).toContain("NOAUTH");
    expect((await cli({ REDISCLI_AUTH: "wrong" }, "--user", user, "ping")).output).toMatch(/WRONGPASS|NOAUTH/);
    expect((await known("ping")).output.trim()).toBe("PONG");
  });

  it("clients may use their data, and not administer the server", async () => {
    expect((await known("set", "spent", "1")).output.trim()).toBe("OK");
    expect((await known("info", "server")).output).toContain("redis_version");
    for (const command of [["flushall"], ["config", "get", "*"], ["acl", "list"], ["shutdown"]]) {
      expect((await known(...command)).output, command.join(" ")).toContain("NOPERM");
    }
  });

  it("gx 30, caracal 10: the probes log in, and both fail where nobody listens", async () => {
    for (const kind of ["live", "ready"]) {
      expect((await ping(kind)).code).toBe(0);
      const refused = await ping(kind, { REDIS_PORT: String(await freePort()) });
      expect(refused).toMatchObject({ code: 1, output: expect.stringContaining("Could not connect") });
    }
  });

  /** Alive, so that no restart takes it away, and not ready, with the answer as the reason. */
  async function livesAndIsNotReady(answer: string, env: Record<string, string> = {}): Promise<void> {
    expect(await ping("live", env), answer).toMatchObject({ code: 0 });
    const ready = await ping("ready", env);
    expect(ready, answer).toMatchObject({ code: 1, output: expect.stringContaining(answer) });
  }

  it("a server that knows another password lives and is not ready", async () => {
    await livesAndIsNotReady("WRONGPASS", { REDISCLI_AUTH: "wrong" });
    await livesAndIsNotReady("NOAUTH", { REDISCLI_AUTH: "" });
  });

  it("a server whose disk takes no dump lives and is not ready, until it does again", async () => {
    const dumps = async (dir: string, status: string) => {
      expect((await asOperator("config", "set", "dir", dir)).output.trim()).toBe("OK");
      await asOperator("bgsave");
      const told = `rdb_last_bgsave_status:${status}`;
      await until(async () => (await asOperator("info", "persistence")).output.includes(told), 20);
    };
    // Where not even root writes.
    await dumps("/proc", "err");
    await livesAndIsNotReady("MISCONF");
    await dumps(home, "ok");
    expect((await ping("ready")).code).toBe(0);
  });

  it("a server that runs a long script lives and is not ready, until it ends", async () => {
    await asOperator("config", "set", "busy-reply-threshold", "50");
    const busy = known("eval", "while true do end", "0");
    await until(async () => (await ping("ready")).output.includes("BUSY"), 20);
    await livesAndIsNotReady("BUSY");
    await asOperator("script", "kill");
    await busy;
    expect((await ping("ready")).code).toBe(0);
  });

  it("a server that takes connections and never answers is neither", async () => {
    server.kill("SIGSTOP");
    try {
      for (const kind of ["live", "ready"]) expect((await ping(kind)).code).not.toBe(0);
    } finally {
      server.kill("SIGCONT");
    }
    await until(async () => (await ping("ready")).code === 0, 20);
  });

  it("a server that loads its data lives and is not ready", async () => {
    const bin = folder("bin");
    writeFileSync(join(bin, "redis-cli"), "#!/bin/sh\necho LOADING Redis is loading the dataset in memory\n");
    chmodSync(join(bin, "redis-cli"), 0o755);
    const kinds = await Promise.all(
      ["live", "ready"].map((kind) =>
        run("env", [`PATH=${bin}:/usr/bin:/bin`, "sh", probe, kind], { REDIS_USER: user }),
      ),
    );
    expect(kinds.map(({ code }) => code)).toEqual([0, 1]);
  });

  it("writes are kept in a file that every write reaches", async () => {
    expect((await known("info", "persistence")).output).toContain("aof_enabled:1");
  });
});

/** Who makes things go wrong; no rendered user may. */
const operator = "user operator on >operator ~* &* +@all\n";

async function startRedis(
  users: string,
  config: string,
): Promise<{ port: number; server: ChildProcess; home: string }> {
  const home = folder("redis");
  const port = await freePort();
  writeFileSync(join(home, "users.acl"), users, { mode: 0o644 });
  const own = config.replace("/etc/redis/users/users.acl", join(home, "users.acl")).replace("dir /data", `dir ${home}`);
  const here = `bind 127.0.0.1\nport ${port}\nenable-protected-configs yes\n`;
  writeFileSync(join(home, "redis.conf"), `${own}${here}`, { mode: 0o644 });
  const child = spawn("redis-server", [join(home, "redis.conf")], { stdio: "ignore" });
  afterwards(async () => {
    if (child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await gone;
  });
  await until(async () => (await run("redis-cli", ["-p", String(port), "ping"])).output.includes("NOAUTH"), 20);
  return { port, server: child, home };
}
