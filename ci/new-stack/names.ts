/** Names for a new stack, made from those of its template. Pure. */
import { cloudName } from "../../catalogue/names.ts";

/** The two stacks whose names are in names. */
export interface Names {
  /** The stack that is copied: `staging`. */
  readonly from: string;
  /** The stack that is to be: `dev`. */
  readonly to: string;
}

/**
 * A host for the new stack, in the same domain, with the new name before it and without the template's: both `app.example.com` and
 * `app.staging.example.com` become `app.dev.example.com`.
 *
 * @param domains zones of the stack; the host's is the longest that it lies in, else its last two labels
 * @param isTaken whether a stack has a host already
 */
export function hostFor(
  host: string,
  domains: readonly string[],
  { from, to }: Names,
  isTaken: (host: string) => boolean,
): string {
  const domain = domainOf(host, domains);
  const labels = host === domain ? [] : host.slice(0, -domain.length - 1).split(".");
  const own = labels.filter((label) => label !== from);
  const candidates = [own, labels].map((some) => [...some, to, domain].join("."));
  return (
    candidates.find((one) => !isTaken(one)) ?? free(to, (word) => [word, ...labels, to, domain].join("."), isTaken)
  );
}

/** The domain that a host lies in: the longest of the zones, else its last two labels. */
export function domainOf(host: string, domains: readonly string[]): string {
  const [longest] = domains
    .filter((domain) => host === domain || host.endsWith(`.${domain}`))
    .toSorted((a, b) => b.length - a.length);
  return longest ?? host.split(".").slice(-2).join(".");
}

/** A name for the new stack: the template's name in it becomes the new one, or the new one comes after it. */
export function nameFor(name: string, { from, to }: Names, isTaken: (name: string) => boolean): string {
  const words = name.split("-");
  const own = from.split("-");
  const place = words.findIndex((_, i) => own.every((word, j) => words[i + j] === word));
  const rest = place < 0 ? words : words.toSpliced(place, own.length);
  const at = place < 0 ? words.length : place;
  return free(to, (word) => cloudName(...rest.toSpliced(at, 0, word)), isTaken);
}

/** The first value that nobody has: with the name of the stack, else with a number after it. */
function free(to: string, make: (word: string) => string, isTaken: (value: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const value = make(number === 1 ? to : `${to}-${number}`);
    if (!isTaken(value)) return value;
  }
}

/** Whether a text has the template's name in it as a word, so that it may be meant for the template alone. */
export function mentions(text: string, stack: string): boolean {
  return text.split(/[^A-Za-z0-9]+/).some((word) => word === stack) || text.split(/[^A-Za-z0-9-]+/).includes(stack);
}
