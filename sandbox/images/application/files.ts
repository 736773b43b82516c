/** Files of a simulated application: Node, the program, and the packages that it speaks protocols with. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const home = "/opt/stand-in";
const direct = ["pg", "amqplib", "@redis/client", "@platformatic/kafka"];

/** Path in the image → path here. */
export function applicationFiles(): Record<string, string> {
  const packages = [...closure(direct)].map((path) => [`${home}/${path}`, join(root, path)] as const);
  return {
    [`${home}/node`]: join(root, "node_modules/node/bin/node"),
    [`${home}/sandbox/applications`]: join(root, "sandbox/applications"),
    ...Object.fromEntries(packages),
  };
}

/** Folders of packages and of all that they need, as `node_modules/pg`. */
function closure(names: readonly string[], from = "", found = new Set<string>()): Set<string> {
  for (const name of names) {
    const path = folderOf(name, from);
    if (path === undefined || found.has(path)) continue;
    found.add(path);
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    closure(Object.keys(dependencies), path, found);
  }
  return found;
}

/** Where Node would find a package from a folder; undefined for what only other platforms have. */
function folderOf(name: string, from: string): string | undefined {
  const own = join(from, "node_modules", name);
  if (existsSync(join(root, own))) return own;
  return from === "" ? undefined : folderOf(name, from.includes("/") ? parentOf(from) : "");
}

/** `node_modules/a/node_modules/b` → `node_modules/a`; the root of the project for `node_modules/a`. */
function parentOf(path: string): string {
  const at = path.lastIndexOf("node_modules/");
  return at <= 0 ? "" : dirname(path.slice(0, at) + "x");
}
