/** Requests to the simulated API, and its responses: pages, errors, validated bodies. */
import { z } from "zod";

/** A request that was matched with a route. */
export interface Call {
  /** Values of the route's parameters, `:id`, by their name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}
/** A response. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  readonly body?: object;
}
/** A request is refused; becomes a response in the form of DigitalOcean's errors. */
export class Refusal extends Error {
  /** HTTP status. */
  readonly status: number;
  /** DigitalOcean's name of the error: `not_found`. */
  readonly id: string;

  constructor(status: number, id: string, message: string) {
    super(message);
    this.status = status;
    this.id = id;
  }
}

export function ok(body: object): Answer {
  return { status: 200, body };
}
export function created(body: object): Answer {
  return { status: 201, body };
}
export function accepted(body?: object): Answer {
  return body === undefined ? { status: 202 } : { status: 202, body };
}
export const done: Answer = { status: 204 };

export function notFound(what = "The resource"): Refusal {
  return new Refusal(404, "not_found", `${what} you were accessing could not be found.`);
}
export function unprocessable(message: string): Refusal {
  return new Refusal(422, "unprocessable_entity", message);
}

/** Throws the refusal that a rule returned, if it returned one. */
export function refuse(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw refusal;
}

/**
 * One page of a list. Without `per_page` it has 20 items, as at DigitalOcean, so that clients which read one page only
 * show up.
 */
export function page(root: string, all: Iterable<object>, query: URLSearchParams): Answer {
  const items = [...all];
  const size = Number(query.get("per_page") ?? 20);
  const number = Number(query.get("page") ?? 1);
  const part = items.slice((number - 1) * size, number * size);
  const next = new URLSearchParams(query);
  next.set("page", String(number + 1));
  const links =
    items.length > number * size ? { pages: { next: `https://api.digitalocean.com/?${next.toString()}` } } : {};
  return ok({ [root]: part, links, meta: { total: items.length } });
}

/**
 * The value of a key in a map.
 *
 * @throws {Refusal} with 404, if the map does not have the key
 */
export function found<T>(map: ReadonlyMap<string, T>, key: string | undefined): T {
  const value = map.get(key ?? "");
  if (value === undefined) throw notFound();
  return value;
}

/**
 * Validates the fields of a body. Other fields are allowed, because the provider sends optional objects as `{"enabled":
 * null}`.
 *
 * @throws {Refusal} with 422, if a field is wrong or missing
 */
export function fields<T extends z.ZodRawShape>(shape: T, body: unknown): z.infer<z.ZodObject<T>> {
  const parsed = z.looseObject(shape).safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unprocessable(`${issue?.path.join(".") ?? "body"}: ${issue?.message ?? "invalid"}`);
}
