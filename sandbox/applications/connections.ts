/** Opens the connections of a simulated application for real, with the protocol of each. */
import { connect as connectAmqp, type ChannelModel } from "amqplib";
import { createClient } from "@redis/client";
import { Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { SimulatedApplication } from "./application.ts";
import type { Place, Use } from "./facts/fact.ts";
import { hostAndPort, placesIn } from "./places.ts";

/** A connection of an application, which can be tried again and again. */
export interface Connection {
  readonly kind: Use["kind"] | "tcp";
  /** `host:port`, without what is secret. */
  readonly target: string;
  /** Rejects if it does not work within some seconds. */
  attempt(): Promise<void>;
}

const patienceMs = 10_000;

/** All connections of an application: those with a protocol, and by TCP whatever else it reaches. */
export function connectionsOf(application: SimulatedApplication, uses: readonly Use[], workload: string): Connection[] {
  const spoken = uses.map((use) => connectionOf(use, application, workload));
  const known = new Set(spoken.flatMap(({ target }) => target.split(",")));
  const reached = application.checks("reaches").flatMap(({ to }) => placesIn(application.filled(to)));
  const others = [...new Set(reached)].filter((target) => !known.has(target));
  return [...spoken, ...others.map((target): Connection => ({ kind: "tcp", target, attempt: () => reach(target) }))];
}

function connectionOf(use: Use, application: SimulatedApplication, workload: string): Connection {
  const { kind } = use;
  const fill = (text: string) => application.filled(text);
  if (use.kind === "http") {
    const url = new URL(fill(use.at));
    return {
      ...{ kind, target: hostAndPort(url) },
      attempt: async () => {
        await (await fetch(url, { signal: AbortSignal.timeout(patienceMs) })).arrayBuffer();
      },
    };
  }
  if (use.kind === "kafka") {
    const topics = fill(use.topics)
      .split(",")
      .filter((topic) => topic !== "");
    const group = use.group === undefined ? undefined : fill(use.group);
    const talk = new KafkaTalk(fill(use.at).split(","), topics, group, workload);
    return { kind, target: fill(use.at), attempt: () => talk.attempt() };
  }
  const schemes = { postgres: "postgresql", redis: "redis", amqp: "amqp" } as const;
  const url = typeof use.at === "string" ? new URL(fill(use.at)) : urlOf(schemes[use.kind], use.at, fill);
  const target = hostAndPort(url);
  if (use.kind === "postgres") return { kind, target, attempt: () => writeRow(url, workload) };
  if (use.kind === "redis") return { kind, target, attempt: () => writeKey(url, workload) };
  const talk = new AmqpTalk(url, use.holds === true);
  return { kind, target, attempt: () => talk.attempt() };
}

/** A URL of parts, each with whatever signs it has. */
function urlOf(scheme: string, place: Place, fill: (text: string) => string): URL {
  const url = new URL(`${scheme}://${fill(place.host)}:${fill(place.port)}`);
  url.username = encodeURIComponent(fill(place.user ?? ""));
  url.password = encodeURIComponent(fill(place.password ?? ""));
  url.pathname = encodeURIComponent(fill(place.path ?? ""));
  return url;
}

async function reach(target: string): Promise<void> {
  const [host, port] = target.split(":");
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), host);
    socket.setTimeout(patienceMs, () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}

async function writeRow(url: URL, workload: string): Promise<void> {
  const client = new Client({ connectionString: url.href, connectionTimeoutMillis: patienceMs });
  client.on("error", () => undefined);
  await client.connect();
  try {
    // Several at once may make it.
    await client
      .query("CREATE TABLE IF NOT EXISTS sandbox_connections (workload text PRIMARY KEY, at timestamptz)")
      .catch(() => undefined);
    const written =
      "INSERT INTO sandbox_connections VALUES ($1, now()) ON CONFLICT (workload) DO UPDATE SET at = now()";
    await client.query(written, [workload]);
    const { rowCount } = await client.query("SELECT FROM sandbox_connections WHERE workload = $1", [workload]);
    if (rowCount !== 1) throw new Error("the row is not there");
  } finally {
    await client.end();
  }
}

async function writeKey(url: URL, workload: string): Promise<void> {
  const client = createClient({
    url: url.href,
    socket: { connectTimeout: patienceMs, reconnectStrategy: false },
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.set(`sandbox:${workload}`, "there", { expiration: { type: "EX", value: 60 } });
    if ((await client.get(`sandbox:${workload}`)) !== "there") throw new Error("the key is not there");
  } finally {
    client.destroy();
  }
}

/** A connection to RabbitMQ. One that holds is opened once: when it is lost, no attempt succeeds any more. */
class AmqpTalk {
  readonly #url: URL;
  readonly #holds: boolean;
  #opened: ChannelModel | undefined;

  constructor(url: URL, holds: boolean) {
    this.#url = url;
    this.#holds = holds;
  }

  async attempt(): Promise<void> {
    const connection = this.#opened ?? (await connectAmqp(this.#url.href, { timeout: patienceMs }));
    if (this.#holds) this.#opened = connection;
    connection.on("error", () => undefined);
    try {
      const channel = await connection.createConfirmChannel();
      channel.on("error", () => undefined);
      const { queue } = await channel.assertQueue("", { exclusive: true, autoDelete: true });
      const got = new Promise<void>((resolve) => {
        void channel.consume(queue, () => {
          resolve();
        });
      });
      channel.sendToQueue(queue, Buffer.from("there"));
      await channel.waitForConfirms();
      await within(got);
      await channel.close();
    } finally {
      if (!this.#holds) await connection.close();
    }
  }
}

/** A producer, and with a group a member of that, which stays one. */
class KafkaTalk {
  readonly #servers: readonly string[];
  readonly #topics: readonly string[];
  readonly #group: string | undefined;
  readonly #workload: string;
  readonly #seen = new Set<string>();
  #joined: Promise<void> | undefined;

  constructor(servers: readonly string[], topics: readonly string[], group: string | undefined, workload: string) {
    this.#servers = servers;
    this.#topics = topics;
    this.#group = group;
    this.#workload = workload;
  }

  async attempt(): Promise<void> {
    const producer = new Producer({
      ...{ clientId: this.#workload, bootstrapBrokers: [...this.#servers], serializers: stringSerializers },
      ...{ connectTimeout: patienceMs, retries: 3, retryDelay: 500 },
    });
    try {
      await producer.metadata({ topics: [...this.#topics] });
      if (this.#group !== undefined) {
        this.#joined ??= this.#join(this.#group);
        await this.#joined.catch((error: unknown) => {
          this.#joined = undefined;
          throw error;
        });
      }
      const [topic] = this.#topics;
      if (topic === undefined) return;
      const value = `sandbox ${this.#workload} ${process.hrtime.bigint()}`;
      // As the topics have it. What a broker has compressed again in Java's framing, this client does not read.
      await producer.send({ messages: [{ topic, value }], acks: -1, compression: "snappy" });
      if (this.#group === undefined) return;
      for (let tries = 0; tries < 200 && !this.#seen.has(value); tries += 1) await sleep(50);
      if (!this.#seen.delete(value)) throw new Error(`what was sent to ${topic} did not come to ${this.#group}`);
    } finally {
      await producer.close();
    }
  }

  async #join(group: string): Promise<void> {
    const consumer = new Consumer({
      ...{ clientId: this.#workload, groupId: group, bootstrapBrokers: [...this.#servers] },
      ...{ deserializers: stringDeserializers, connectTimeout: patienceMs, retries: 3, retryDelay: 500 },
      // A member that was lost with its broker keeps others out no longer than this.
      ...{ sessionTimeout: 10_000, rebalanceTimeout: 10_000, heartbeatInterval: 2000 },
    });
    const stream = await consumer.consume({
      ...{ topics: [...this.#topics], mode: "committed", fallbackMode: "latest", autocommit: true },
    });
    stream.on("data", ({ value }: { value: string }) => {
      if (value.startsWith("sandbox ")) this.#seen.add(value);
    });
    stream.on("error", () => {
      this.#joined = undefined;
      consumer.close(true, () => undefined);
    });
  }
}

async function within(promise: Promise<void>): Promise<void> {
  const late = sleep(patienceMs, undefined, { ref: false }).then(() => {
    throw new Error("no answer");
  });
  await Promise.race([promise, late]);
}
