/** Reads from DigitalOcean's API, before the engine changes anything. Source: DigitalOcean's OpenAPI document. */
import { setTimeout as sleep } from "node:timers/promises";

/** A request failed. */
export class ApiProblem extends Error {
  /** HTTP status of the response; 0 if there was no response. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

const attempts = 3;
const timeoutSeconds = 20;

/** A client of DigitalOcean's API that only reads. */
export class DigitalOceanApi {
  /** Address of the API, without a slash at the end. */
  readonly url: string;
  readonly #token: string;

  /** @param url address of the API @default `$DIGITALOCEAN_API_URL`, which the provider uses too, else DigitalOcean's own */
  constructor(token: string, url = process.env["DIGITALOCEAN_API_URL"] ?? "https://api.digitalocean.com") {
    this.#token = token;
    this.url = url.replace(/\/$/, "");
  }

  /**
   * Gets a path, in up to three attempts while DigitalOcean answers that it is busy or broken.
   *
   * @throws {ApiProblem} if the response is no success, or there is none
   */
  async get<T>(path: string): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#ask(path);
      if (answer.ok) return (await answer.json()) as T;
      const again = answer.status === 429 || answer.status >= 500;
      if (!again || attempt === attempts) throw new ApiProblem(answer.status, await messageOf(answer));
      await sleep(Math.min(30, Number(answer.headers.get("retry-after") ?? attempt)) * 1000);
    }
  }

  /**
   * All items of a list, however many pages it has.
   *
   * @param root key of the items in the response: `vpcs`
   * @throws {ApiProblem} if a response is no success, or there is none
   */
  async list<T>(path: string, root: string): Promise<T[]> {
    const items: T[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await this.get<Record<string, T[]> & { links?: { pages?: { next?: string } } }>(
        `${path}?page=${page}&per_page=200`,
      );
      items.push(...(answer[root] ?? []));
      if (answer.links?.pages?.next === undefined) return items;
    }
  }

  async #ask(path: string): Promise<Response> {
    try {
      const headers = { authorization: `Bearer ${this.#token}` };
      return await fetch(this.url + path, { headers, signal: AbortSignal.timeout(timeoutSeconds * 1000) });
    } catch (error) {
      throw new ApiProblem(0, reason(error), { cause: error });
    }
  }
}

/** Why a request failed. The error of `fetch` only says that it did; its cause says why. */
function reason(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof Error ? cause.message : String(error);
}

async function messageOf(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}
