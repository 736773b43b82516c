/** Matches requests to the simulated API with the functions that handle them. */
import type { Account } from "./account.ts";
import type { Answer, Call } from "./answers.ts";

/** Handles a request: may change the account, and returns the response. Throws a `Refusal` for an error. */
export type Handler = (call: Call, account: Account) => Answer | Promise<Answer>;
/** Handlers by method and path; a parameter in the path begins with a colon: `GET /v2/vpcs/:id`. */
export type Routes = Readonly<Record<string, Handler>>;

interface Compiled {
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly handler: Handler;
}

/**
 * A function that finds the handler of a request and the values of its parameters; undefined if no route matches. If
 * two routes match, the one with fewer parameters wins.
 */
export function router(...tables: readonly Routes[]) {
  const routes = tables
    .flatMap((table) => Object.entries(table).map(([route, handler]) => compile(route, handler)))
    .toSorted((a, b) => a.names.length - b.names.length);
  return (method: string, path: string): { handler: Handler; params: Record<string, string> } | undefined => {
    for (const { method: own, pattern, names, handler } of routes) {
      const match = own === method ? pattern.exec(path) : null;
      if (match === null) continue;
      return {
        handler,
        params: Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? "")])),
      };
    }
    return undefined;
  };
}

function compile(route: string, handler: Handler): Compiled {
  const [method = "", path = ""] = route.split(" ");
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? "");
  return { method, names, handler, pattern: new RegExp(`^${path.replaceAll(/:\w+/g, "([^/]+)")}$`) };
}
