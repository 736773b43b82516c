/** `npm run up -- <stack>` and `npm run preview:engine -- <stack>`: the engine, with the rules as a policy pack. */
import { declarations, type Phase } from "../commands/declarations.ts";
import { attached, needEngine } from "../commands/engine.ts";
import { Explained } from "../commands/explained.ts";
import { ownFirst, parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { chooses, phaseOptions, refuseChoice } from "../phases/options.ts";

const verbs = { up: "up", "preview:engine": "preview" } as const;

const name = process.argv.splice(2, 1)[0] === "up" ? "up" : "preview:engine";
await run(name, async (argv) => {
  const command = declarations[name]();
  const given = parsed<{ phase?: Phase; takeBack?: true }>(command, ownFirst(command, argv));
  if (given === undefined) return 0;
  const [stack = "", ...options] = given.args;
  const { phase, takeBack } = given.options;
  refuseChoice(phase, options);
  const back = takeBack === true ? await takenBack(stack, options) : [];
  let isInterrupted = false;
  process.once("SIGINT", () => (isInterrupted = true));
  const pulumi = async (further: readonly string[]) => {
    const code = await attached([
      verbs[name],
      "--policy-pack",
      "policy",
      "--stack",
      stack,
      ...further,
      ...back,
      ...options,
    ]);
    if (code !== 0 && name === "up" && !isInterrupted) await explained(stack);
    return code;
  };
  if (phase !== undefined) return pulumi(phaseOptions(phase, await rendered(stack)));
  // What is not pushed yet is no reason to show nothing; an update refuses it.
  if (name === "preview:engine") process.env["DOKS_IMAGES_ONLY_WARN"] ??= "1";
  if (name === "preview:engine" || chooses(options) || asksForHelp(options)) return pulumi([]);
  needEngine();
  const { runnerOf } = await import("./runner.ts");
  const { updateInOrder } = await import("../phases/in-order.ts");
  const rendering = await rendered(stack);
  return updateInOrder(rendering, runnerOf(stack, rendering.facts, pulumi));
});

function asksForHelp(options: readonly string[]): boolean {
  return options.includes("--help") || options.includes("-h");
}

async function rendered(stack: string) {
  // Loaded only where it is needed: it is the whole program.
  const { render } = await import("../graph/render/render.ts");
  return render(stack.split("/").at(-1) ?? stack);
}

/** Takes back what was changed by hand. Returns the options with which the update sees it. */
async function takenBack(stack: string, options: readonly string[]): Promise<string[]> {
  const { takeBackAll } = await import("../drift/ask.ts");
  await takeBackAll(stack, options.includes("--yes") || options.includes("-y"));
  return options.some((option) => /^(-r$|--refresh)/.test(option)) ? [] : ["--refresh"];
}

/** Says what was changed by hand, as far as that can be known: what failed may be the cluster, or the state. */
async function explained(stack: string): Promise<void> {
  const { explainByHand } = await import("../drift/ask.ts");
  try {
    await explainByHand(stack);
  } catch (error) {
    if (!(error instanceof Explained)) throw error;
  }
}
