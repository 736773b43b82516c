/** Reads the command line of `npm run preview`, and loads only what it asks for. */
import { declarations } from "../commands/declarations.ts";
import { UsageError } from "../commands/failures.ts";
import { parsed } from "../commands/parse.ts";
import { ended } from "../commands/run.ts";
import { stackNames } from "../commands/stacks.ts";
import type { PreviewOptions } from "./options.ts";
import { checks } from "./verdict.ts";

/**
 * Runs `npm run preview`.
 *
 * @returns exit code, as its help describes it
 */
export function main(argv: readonly string[]): Promise<number> {
  return ended("preview", argv, async () => {
    const given = parsed<PreviewOptions>(declarations.preview(), argv);
    if (given === undefined) return 0;
    const { options } = given;
    const [stack] = given.args;
    if (options.all === true) {
      if (argv.length > 1) throw new UsageError("--all takes no stack and no other option");
      return (await import("./all.ts")).compareStacks();
    }
    if (stack === undefined) throw new UsageError(`name a stack: there are ${stackNames().join(", ")}; or --all`);
    check(options);
    if (options.against !== undefined) return (await import("./against.ts")).showAgainst(stack, options.against);
    return (await import("./show.ts")).show(stack, options);
  });
}

/** Refuses options that mean nothing together. */
function check(options: PreviewOptions): void {
  const { base, against, system, depth, only, out, json } = options;
  const failing = checks.filter(({ option }) => options[option] === true);
  if (against !== undefined && Object.keys(options).length > 1) throw new UsageError("--against takes no other option");
  const ofChange = [...failing.filter((one) => one.ofChange).map(({ flag }) => flag), ...(only ? ["--only"] : [])];
  if (base === undefined && ofChange.length > 0) throw new UsageError(`${ofChange.join(" and ")} needs --base`);
  if (base !== undefined && depth !== undefined)
    throw new UsageError("--depth cuts the tree, which --base does not show");
  if (json === true && depth !== undefined) throw new UsageError("--depth cuts the tree, which --json does not show");
  const ofAll = [...failing.map(({ flag }) => flag), ...(out === undefined ? [] : ["--out"])];
  if (system !== undefined && ofAll.length > 0)
    throw new UsageError(`${ofAll.join(" and ")} is about the whole stack, not one --system`);
}
