import { readFileSync } from "node:fs";

/** Files that reach pods through a ConfigMap, by name. They stand beside their component, so that tests can run them. */
export function readScripts(folder: URL, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
}
