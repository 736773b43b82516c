/** `npm run migrations -- FROM TO`. */
import { declarations } from "../commands/declarations.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { takeOver } from "./take-over.ts";

await run("migrations", (argv) => {
  const given = parsed(declarations.migrations(), argv);
  if (given !== undefined) for (const line of takeOver(given.args[0] ?? "", given.args[1] ?? "")) console.log(line);
  return Promise.resolve(0);
});
