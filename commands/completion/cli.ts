/** `npm run completion -- <shell>`: prints the script that a shell completes these commands with. */
import { readFileSync } from "node:fs";
import { declarations } from "../declarations.ts";
import { parsed } from "../parse.ts";
import { run } from "../run.ts";

await run("completion", (argv) => {
  const given = parsed(declarations.completion(), argv);
  if (given === undefined) return Promise.resolve(0);
  const script = new URL(`complete.${given.args[0] ?? ""}`, import.meta.url);
  process.stdout.write(readFileSync(script, "utf8"));
  return Promise.resolve(0);
});
