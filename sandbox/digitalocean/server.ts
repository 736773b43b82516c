/**
 * A simulation of DigitalOcean's API on loopback, for the requests that Pulumi's provider makes. It keeps state,
 * answers in the form of DigitalOcean's OpenAPI document, records every request, and can fail as a test plans it.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { accountWide } from "./api/account-wide.ts";
import type { Account } from "./account.ts";
import { databases } from "./api/databases.ts";
import { Faults } from "./faults.ts";
import { kafkaTopics } from "./api/kafka-topics.ts";
import { kubernetes } from "./api/kubernetes.ts";
import { natGateways } from "./api/nat-gateways.ts";
import { networks } from "./api/networks.ts";
import { nodePools } from "./api/node-pools.ts";
import { router } from "./router.ts";
import { notFound, Refusal, type Answer } from "./answers.ts";

/** A recorded request with its response. */
export interface Entry {
  /** Time of the request, in milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Body of the request. */
  readonly request: unknown;
  /** HTTP status of the response; 0 if there was none. */
  readonly status: number;
  /** Body of the response. */
  readonly response: unknown;
  /** Whether the request got a planned fault. */
  readonly faulty: boolean;
}

/** DigitalOcean's limit of requests in a minute with one token. */
const callsPerMinute = 250;
const route = router(kubernetes, nodePools, databases, kafkaTopics, networks, natGateways, accountWide);

/** The server of the simulated API. */
export class DigitalOcean {
  readonly account: Account;
  readonly faults = new Faults();
  /** Every request so far, in order. */
  readonly journal: Entry[] = [];
  /** Address of the server, for `DIGITALOCEAN_API_URL`. */
  readonly url: string;
  readonly #server: Server;
  readonly #log: string;

  private constructor(account: Account, server: Server, port: number, log: string) {
    this.account = account;
    this.#server = server;
    this.#log = log;
    this.url = `http://127.0.0.1:${port}`;
    writeFileSync(log, "");
  }

  /**
   * Starts the server on a free port.
   *
   * @param log file that gets a line for each request, without the bodies, which may have secrets
   */
  static async start(account: Account, log: string): Promise<DigitalOcean> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const simulated = new DigitalOcean(account, server, address.port, log);
    server.on("request", (request, response) => void simulated.#serve(request, response));
    return simulated;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.account.stop();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "GET";
    const url = new URL(`/${(request.url ?? "").replace(/^\/+/, "")}`, "http://localhost");
    const body = await readBody(request);
    const fault = this.faults.take(method, url.pathname);
    const { status, headers, answer } = await this.#outcome({
      method,
      url,
      body,
      token: request.headers.authorization,
      fault,
    });
    const entry = { at: Date.now(), method, path: url.pathname, request: body };
    this.journal.push({ ...entry, status, response: answer, faulty: fault !== undefined });
    appendFileSync(this.#log, `${new Date(entry.at).toISOString()} ${status} ${method} ${url.pathname}${url.search}\n`);
    if (fault?.happens === "hang") return;
    if (fault?.happens === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    response.writeHead(status, { ...headers, ...(answer === undefined ? {} : { "content-type": "application/json" }) });
    response.end(answer === undefined ? undefined : JSON.stringify(answer));
  }

  async #outcome(call: {
    method: string;
    url: URL;
    body: unknown;
    token: string | undefined;
    fault: ReturnType<Faults["take"]>;
  }): Promise<{ status: number; headers?: Record<string, string>; answer?: object | undefined }> {
    const { fault } = call;
    const answered = fault === undefined || fault.commits === true ? await this.#answer(call) : undefined;
    if (fault === undefined && answered !== undefined)
      return { status: answered.status, headers: this.#limits(), answer: answered.body };
    if (typeof fault?.happens !== "object") return { status: 0 };
    const { status, headers = {} } = fault.happens;
    return { status, headers, answer: problem(status === 429 ? "too_many_requests" : "server_error", "Planned") };
  }

  async #answer({ method, url, body, token }: { method: string; url: URL; body: unknown; token: string | undefined }) {
    try {
      if (!this.account.tokens.some((one) => token === `Bearer ${one}`))
        throw new Refusal(401, "unauthorized", "Unable to authenticate you");
      if (this.#lastMinute() >= callsPerMinute) throw new Refusal(429, "too_many_requests", "API rate limit exceeded.");
      const to = route(method, url.pathname);
      if (to === undefined) throw notFound(`${method} ${url.pathname}: this is not simulated;`);
      const answer = await to.handler({ params: to.params, query: url.searchParams, body }, this.account);
      if (method !== "GET") this.account.publishRecords();
      return answer;
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      console.error(error);
      return refused(new Refusal(500, "server_error", String(error)));
    }
  }

  #lastMinute(): number {
    const since = Date.now() - 60_000;
    return this.journal.length - this.journal.findLastIndex(({ at }) => at < since) - 1;
  }

  #limits(): Record<string, string> {
    const used = this.#lastMinute();
    return {
      "ratelimit-limit": String(callsPerMinute),
      "ratelimit-remaining": String(Math.max(0, callsPerMinute - used)),
    };
  }
}

function refused({ status, id, message }: Refusal): Answer {
  return { status, body: problem(id, message) };
}

function problem(id: string, message: string): object {
  return { id, message, request_id: "00000000-0000-4000-8000-000000000000" };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}
