/**
 * The keys of a chart's values, one a line, indented below the key that they belong to. `*` follows one that takes anything:
 * by default it is an empty map, or nothing.
 */
import { isMap, type Values } from "./charts.ts";

/** Keys with what is below them; `*` takes anything. */
export interface Keys {
  readonly [key: string]: Keys | "*";
}

/** Names of maps whose keys are their user's, whatever they have by default. */
const ofUsers = new Set(["nodeSelector", "labels", "annotations", "resources", "matchLabels", "affinity"]);

/** Keys of values, in the order of their names. */
export function keysOf(values: Values): Keys {
  const entries = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, value]): [string, Keys | "*"] => {
      const isOpen = ofUsers.has(key) || value === null || (isMap(value) && Object.keys(value).length === 0);
      return [key, isOpen ? "*" : isMap(value) ? keysOf(value) : {}];
    }),
  );
}

export function written(keys: Keys, indent = ""): string {
  return Object.entries(keys)
    .map(([key, below]) => `${indent}${key}${below === "*" ? " *\n" : `\n${written(below, `${indent} `)}`}`)
    .join("");
}

/** The reverse of `written`. */
export function parsed(text: string): Keys {
  const root: Record<string, Keys | "*"> = {};
  const open: Record<string, Keys | "*">[] = [root];
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [, indent = "", key = "", star] = /^( *)(.*?)( \*)?$/.exec(line) ?? [];
    const below: Record<string, Keys | "*"> = {};
    open.length = indent.length + 1;
    const parent = open.at(-1);
    if (parent === undefined) throw new Error(`${line}: indented by more than one`);
    parent[key] = star === undefined ? below : "*";
    open.push(below);
  }
  return root;
}

/** Paths of values that a chart does not know. */
export function unknown(values: Values, keys: Keys, path = ""): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const here = `${path}${key}`;
    const below = keys[key];
    if (value === undefined || below === "*") return [];
    if (below === undefined) return [here];
    return isMap(value) ? unknown(value, below, `${here}.`) : [];
  });
}
