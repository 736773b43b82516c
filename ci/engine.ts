/** `npm run up -- <stack>` and `npm run preview:engine -- <stack>`: the engine, with the rules as a policy pack. */
import { declarations } from "../commands/declarations.ts";
import { attached } from "../commands/engine.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";

const verbs = { up: "up", "preview:engine": "preview" } as const;

const name = process.argv.splice(2, 1)[0] === "up" ? "up" : "preview:engine";
await run(name, async (argv) => {
  const given = parsed(declarations[name](), argv);
  if (given === undefined) return 0;
  const [stack = "", ...options] = given.args;
  return attached([verbs[name], "--policy-pack", "policy", "--stack", stack, ...options]);
});
