/**
 * A server that answers as GitHub does, for one repository, `our/infra`: its REST API as far as pipelines use it, with pages as
 * GitHub pages them, GraphQL's auto-merge, and git over HTTP. Source: docs.github.com/rest and docs.github.com/graphql.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serveGit } from "./git-server.ts";
import { page, Pulls } from "./pulls.ts";

interface Thing {
  id: number;
  number: number;
  title?: string;
  body?: string;
  state?: string;
  user?: { login: string };
  labels?: string[];
}

/** What it takes for a token: everything else is refused. */
export const rightToken = "right";

export class Hub {
  readonly comments: Thing[] = [];
  readonly issues: Thing[] = [];
  readonly artifacts: { id: number; name: string }[] = [];
  readonly calls: string[] = [];
  /** Of its git repository. */
  readonly pulls: Pulls;
  readonly #folder: string;
  readonly #server: Server;

  /** @param folder with its git repository, `our/infra.git`, which is bare; without one it has an API alone */
  constructor(folder = "") {
    this.#folder = folder;
    this.pulls = new Pulls(`${folder}/our/infra.git`);
    this.#server = createServer((request, response) => {
      if (/^\/our\/infra(\.git)?\//.test(request.url ?? "")) serveGit(this.#folder, rightToken, request, response);
      else void this.#answer(request, response);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const data of request) text += String(data);
    const url = new URL(request.url ?? "", "http://hub");
    const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${rightToken}`) {
      answer(401, { message: "Bad credentials" });
      return;
    }
    this.calls.push(`${request.method ?? ""} ${url.pathname}`);
    const sent = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    const path = url.pathname.replace("/repos/our/infra/", "");
    const [status, body] = /^(pulls|\/graphql)/.test(path)
      ? this.pulls.answer(request.method ?? "", path, url.searchParams, sent)
      : this.#thing(request.method ?? "", path, url.searchParams, sent);
    answer(status, body);
  }

  /** Comments, issues and artifacts. */
  #thing(method: string, path: string, query: URLSearchParams, sent: Partial<Thing>): [number, unknown] {
    const [, kind, id] = /^(issues\/7\/comments|issues\/comments|issues)(?:\/(\d+))?$/.exec(path) ?? [];
    if (path === "actions/runs/9/artifacts") return [200, { artifacts: this.artifacts }];
    const things = kind === "issues" ? this.issues : this.comments;
    if (method === "GET") return [200, page(things, query)];
    if ((sent.body?.length ?? 0) > 65_536) return [422, { message: "body is too long" }];
    if (method === "POST") {
      const user = { login: "github-actions[bot]" };
      const made = { id: things.length + 1, number: things.length + 1, user, ...sent };
      things.push(made);
      return [201, made];
    }
    const found = things.find((one) => String(one.id) === id);
    return found === undefined ? [404, { message: "Not Found" }] : [200, Object.assign(found, sent)];
  }
}
