import { readdirSync, readFileSync } from "node:fs";

/** Files that reach pods through a ConfigMap, by name. They stand beside their component, so that tests can run them. */
export function readScripts(folder: URL, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
}

/** The files of a folder whose names end so, by name and in order; the folder is relative to the project. */
export function readFolder(folder: string, ending: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(`${folder}/${name}`, "utf8")]));
}
