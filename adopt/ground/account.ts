/** Reads what a DigitalOcean account has. Only reads: what a token may not see is said, and never taken for absent. */
import { ApiProblem, type DigitalOceanApi } from "../../preflight/api.ts";

/** Something of an account as the API returns it. Source: DigitalOcean's OpenAPI document. */
export type CloudItem = Readonly<Record<string, unknown>>;

/** An account that is looked at. Each list is asked for once. */
export class AccountReader {
  /** What could not be read, with the reason. */
  readonly refused: string[] = [];
  readonly #api: DigitalOceanApi;
  readonly #lists = new Map<string, Promise<readonly CloudItem[]>>();

  constructor(api: DigitalOceanApi) {
    this.#api = api;
  }

  /**
   * All items of a list; none if it cannot be read, which `refused` then says.
   *
   * @param root key of the items in the response: `vpcs`
   */
  list(path: string, root: string): Promise<readonly CloudItem[]> {
    const known = this.#lists.get(path) ?? this.#list(path, root);
    this.#lists.set(path, known);
    return known;
  }

  async #list(path: string, root: string): Promise<readonly CloudItem[]> {
    try {
      return await this.#api.list<CloudItem>(path, root);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.status !== 404) this.refused.push(`${root} of the account: ${error.message}`);
      return [];
    }
  }
}
