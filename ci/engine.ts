/** `npm run up -- <stack>` and `npm run preview:engine -- <stack>`: the engine, with the rules as a policy pack. */
import { declarations, type Phase } from "../commands/declarations.ts";
import { attached } from "../commands/engine.ts";
import { ownFirst, parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { phaseOptions, refuseChoice } from "../phases/options.ts";

const verbs = { up: "up", "preview:engine": "preview" } as const;

const name = process.argv.splice(2, 1)[0] === "up" ? "up" : "preview:engine";
await run(name, async (argv) => {
  const command = declarations[name]();
  const given = parsed<{ phase?: Phase }>(command, ownFirst(command, argv));
  if (given === undefined) return 0;
  const [stack = "", ...options] = given.args;
  const { phase } = given.options;
  refuseChoice(phase, options);
  const targets = phase === undefined ? [] : await optionsOf(phase, stack);
  return attached([verbs[name], "--policy-pack", "policy", "--stack", stack, ...targets, ...options]);
});

async function optionsOf(phase: Phase, stack: string): Promise<string[]> {
  // The program is loaded only where it is needed: it takes a second.
  const { render } = await import("../graph/render/render.ts");
  return phaseOptions(phase, await render(stack.split("/").at(-1) ?? stack));
}
