/** What a call brings, and what is answered: pages, errors, checked bodies. */
import { z } from "zod";

export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}
export interface Answer {
  readonly status: number;
  readonly body?: object;
}
/** An answer that is not a success: DigitalOcean's form of an error. */
export class Refusal extends Error {
  readonly status: number;
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

/** @throws {Refusal} where a rule gave one */
export function refuse(refusal: Refusal | undefined): void {
  if (refusal !== undefined) throw refusal;
}

/** A page of a list. All of it where nothing else is asked for would hide that DigitalOcean gives twenty. */
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

/** The one of a map that a call names. */
export function found<T>(map: ReadonlyMap<string, T>, key: string | undefined): T {
  const value = map.get(key ?? "");
  if (value === undefined) throw notFound();
  return value;
}

/** A body's fields, checked. Fields that are not named pass: the provider sends optional objects as `{"enabled": null}`. */
export function fields<T extends z.ZodRawShape>(shape: T, body: unknown): z.infer<z.ZodObject<T>> {
  const parsed = z.looseObject(shape).safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unprocessable(`${issue?.path.join(".") ?? "body"}: ${issue?.message ?? "invalid"}`);
}
