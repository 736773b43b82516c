/**
 * Starts a command: `node commands/start.js preview/cli.ts prod`. Plain JavaScript, because it says what is missing where
 * nothing is installed yet: npm ci brings the Node that reads TypeScript.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const [file = ""] = process.argv.splice(2, 1);
const [major = 0] = process.versions.node.split(".").map(Number);
const lacking =
  !existsSync(new URL("../node_modules/commander", import.meta.url)) || major < 24
    ? `exit 1: the project's packages, with its own Node 24, are not installed: type npm ci, then npm run ${process.env.npm_lifecycle_event ?? "preview"} again`
    : undefined;
if (lacking === undefined) {
  process.argv[1] = resolve(file);
  await import(`file://${resolve(file)}`);
} else {
  console.error(lacking);
  process.exitCode = 1;
}
