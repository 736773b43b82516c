/** Questions to DigitalOcean's API, before the engine changes anything. Source: the published OpenAPI document. */
import { setTimeout as sleep } from "node:timers/promises";

/** An answer that is not a success, or none at all (`status` 0). */
export class ApiProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

const attempts = 3;
const secondsToAnswer = 20;

export class DigitalOceanApi {
  readonly url: string;
  readonly #token: string;

  /** @param url where the API is. Default: `DIGITALOCEAN_API_URL`, which the provider reads too, or DigitalOcean's own */
  constructor(token: string, url = process.env["DIGITALOCEAN_API_URL"] ?? "https://api.digitalocean.com") {
    this.#token = token;
    this.url = url.replace(/\/$/, "");
  }

  /**
   * What a path answers. Tried again where DigitalOcean is busy or broken.
   *
   * @throws {ApiProblem}
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

  /** Every item of a list, however many pages it has. */
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
      return await fetch(this.url + path, { headers, signal: AbortSignal.timeout(secondsToAnswer * 1000) });
    } catch (error) {
      throw new ApiProblem(0, reason(error), { cause: error });
    }
  }
}

/** `fetch` says only that it failed; why is in the cause. */
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
