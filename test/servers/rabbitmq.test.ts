/** The broker's definitions, as the rendered stack has them, loaded by a real RabbitMQ. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterwards, cleanUp, folder, freePort, has, run, until } from "../support/servers.ts";
import { alone } from "../support/stack.ts";

const program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const installed = has(program);
if (!installed) console.warn("skipped: definitions in a real RabbitMQ, which is not installed");

describe.skipIf(!installed)("RabbitMQ", () => {
  let management: string;
  let password: string;
  let hash: string;

  beforeAll(async () => {
    const prod = await alone("bowmark")("prod");
    password = prod.object("Secret", "rabbitmq").stringData.password;
    const definitions: string = prod.object("Secret", "rabbitmq-definitions").stringData["definitions.json"];
    hash = JSON.parse(definitions).users[0].password_hash;
    management = await startRabbit(definitions);
  }, 120_000);
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

  it("the guest user does not exist", async () => {
    expect((await ask("whoami", "guest", "guest")).status).toBe(401);
  });
});

async function startRabbit(definitions: string): Promise<string> {
  const home = folder("rabbitmq");
  const [amqp, http, distribution] = [await freePort(), await freePort(), await freePort()];
  const nameServer = await freePort();
  writeFileSync(join(home, "definitions.json"), definitions, { mode: 0o644 });
  const settings = [
    `listeners.tcp.1 = 127.0.0.1:${amqp}`,
    "management.tcp.ip = 127.0.0.1",
    `management.tcp.port = ${http}`,
    `load_definitions = ${home}/definitions.json`,
  ];
  writeFileSync(join(home, "rabbitmq.conf"), `${settings.join("\n")}\n`, { mode: 0o644 });
  writeFileSync(join(home, "plugins"), "[rabbitmq_management].\n", { mode: 0o644 });
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    RABBITMQ_NODENAME: `doks-${amqp}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_CONFIG_FILE: `${home}/rabbitmq`,
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
  return address;
}
