/** The broker's definitions and settings, as the rendered stack has them, loaded by a real RabbitMQ. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterwards, cleanUp, folder, freePort, has, run, until } from "../support/servers/servers.ts";
import { alone } from "../support/stack.ts";

const programs = "/usr/lib/rabbitmq/bin";
const program = `${programs}/rabbitmq-server`;
const installed = has(program);
if (!installed) console.warn("skipped: definitions in a real RabbitMQ, which is not installed");

describe.skipIf(!installed)("RabbitMQ", () => {
  let management: string;
  let environment: Record<string, string>;
  let password: string;
  let hash: string;

  beforeAll(async () => {
    const rabbitmq = { kind: "in-cluster", config: { consumer_timeout: "7200000", "disk_free_limit.relative": "1.5" } };
    const workloads = { rabbitmq: { resources: { limits: { memory: "768Mi" } } } };
    const prod = await alone("bowmark")("prod", { "doks-systems:bowmark": { rabbitmq, workloads } });
    password = prod.object("Secret", "rabbitmq").stringData.password;
    const definitions: string = prod.object("Secret", "rabbitmq-definitions").stringData["definitions.json"];
    hash = JSON.parse(definitions).users[0].password_hash;
    const { data } = prod.object("ConfigMap", "rabbitmq-config");
    ({ management, environment } = await startRabbit(definitions, data));
  });
  afterAll(cleanUp);

  async function ask(path: string, user: string, secret: string): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
    return fetch(`${management}/api/${path}`, { headers: { authorization } });
  }

  it("bow-mark 15: on an empty volume the broker starts and lists both virtual hosts, and no other", async () => {
    const vhosts = (await (await ask("vhosts", "bowmark", password)).json()) as { name: string }[];
    expect(vhosts.map(({ name }) => name).toSorted()).toEqual(["bowmark", "bowmark-concrete"]);
  });

  it("bow-mark 16: user bowmark logs in with the password of Secret rabbitmq and has permissions on both", async () => {
    expect((await ask("whoami", "bowmark", password)).status).toBe(200);
    expect((await ask("whoami", "bowmark", "wrong")).status).toBe(401);
    expect((await ask("whoami", "bowmark", hash)).status).toBe(401);
    const permissions = (await (await ask("users/bowmark/permissions", "bowmark", password)).json()) as object[];
    expect(permissions).toHaveLength(2);
    for (const vhost of ["bowmark", "bowmark-concrete"]) {
      expect(permissions).toContainEqual({ user: "bowmark", vhost, configure: ".*", write: ".*", read: ".*" });
    }
  });

  /** What the broker's own command says. */
  const told = (...args: string[]) =>
    execFileSync(`${programs}/rabbitmqctl`, args, { env: environment, encoding: "utf8", timeout: 60_000 });

  it("takes the container's limit for its memory, and not the node's", () => {
    const limit = 768 * 1024 ** 2;
    expect(told("environment")).toMatch(new RegExp(`total_memory_available_override_value,\\s*${limit}\\b`));
    // So that it asks publishers to wait long before it would be killed.
    const status = JSON.parse(told("status", "--formatter", "json")) as Record<string, unknown>;
    expect(status["vm_memory_high_watermark_limit"]).toBe(Math.trunc(0.4 * limit));
  });

  it("has what the stack adds to its settings", () => {
    expect(told("environment")).toMatch(/\{consumer_timeout,7200000\}/);
    // In times of the memory that it counts on, as the settings' rule has it.
    const status = JSON.parse(told("status", "--formatter", "json")) as Record<string, unknown>;
    expect(status["disk_free_limit"]).toBe(1.5 * 768 * 1024 ** 2);
  });

  it("the guest user does not exist", async () => {
    expect((await ask("whoami", "guest", "guest")).status).toBe(401);
  });
});

/** A broker with the ConfigMap's files where the image has them, and addresses of its own. */
async function startRabbit(
  definitions: string,
  files: Record<string, string>,
): Promise<{ management: string; environment: Record<string, string> }> {
  const home = folder("rabbitmq");
  const [amqp, http, distribution] = [await freePort(), await freePort(), await freePort()];
  const nameServer = await freePort();
  writeFileSync(join(home, "definitions.json"), definitions, { mode: 0o644 });
  const settings = [
    `listeners.tcp.1 = 127.0.0.1:${amqp}`,
    "management.tcp.ip = 127.0.0.1",
    `management.tcp.port = ${http}`,
  ];
  const folders = { settings: join(home, "conf.d"), definitions: "/etc/rabbitmq/definitions" };
  mkdirSync(folders.settings);
  for (const [name, text] of Object.entries({ ...files, "10-here.conf": `${settings.join("\n")}\n` })) {
    writeFileSync(join(folders.settings, name), text.replace(folders.definitions, home), { mode: 0o644 });
  }
  writeFileSync(join(home, "plugins"), "[rabbitmq_management].\n", { mode: 0o644 });
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    RABBITMQ_NODENAME: `doks-${amqp}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_CONFIG_FILE: `${home}/none`,
    RABBITMQ_CONFIG_FILES: folders.settings,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${home}/plugins`,
    RABBITMQ_MNESIA_BASE: `${home}/data`,
    RABBITMQ_LOG_BASE: `${home}/log`,
    ERL_EPMD_ADDRESS: "127.0.0.1",
    // A name server of its own, so that it can be ended with the broker.
    ERL_EPMD_PORT: String(nameServer),
  };
  const child = spawn(program, [], { env, stdio: "ignore", detached: true });
  afterwards(async () => {
    const group = child.pid;
    if (group === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    process.kill(-group, "SIGTERM");
    await gone;
    await run("epmd", ["-port", String(nameServer), "-kill"]);
  });
  const address = `http://127.0.0.1:${http}`;
  await until(async () => {
    try {
      return (await fetch(address)).status === 200;
    } catch {
      return false;
    }
  }, 90);
  // It answers before it has read who its users are.
  execFileSync(`${programs}/rabbitmqctl`, ["await_startup"], { env, timeout: 120_000 });
  return { management: address, environment: env };
}
