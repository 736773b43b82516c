/** `--all`: renders every stack file, and finds what the stacks could not have side by side in one DigitalOcean account. */
import { styleText } from "node:util";
import { lastLine } from "../commands/failures.ts";
import { stackNames } from "../commands/stacks.ts";
import { SettingsError } from "../settings/reading/error.ts";
import { maskedResources } from "../graph/masking.ts";
import { render } from "../graph/render/render.ts";
import { collisions, type Collision, type StackResources } from "./review/account.ts";
import { cost, sumOf } from "./review/cost/cost.ts";

/**
 * Prints each stack with its cost, and what collides between them.
 *
 * @returns exit code: 1 if a stack file is wrong or anything collides, else 0
 */
export async function compareStacks(folder = "."): Promise<number> {
  const rendered: StackResources[] = [];
  let wrong = 0;
  for (const stack of stackNames(folder)) {
    try {
      const resources = maskedResources(await render(stack, {}, folder));
      rendered.push({ stack, resources });
      console.log(
        `${styleText("bold", stack)}  ${resources.length} resources, ${sumOf(cost(resources).items)} a month`,
      );
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      wrong += 1;
      console.error(error.message);
    }
  }
  const found = collisions(rendered);
  if (found.length > 0) console.log(`\n${report(found)}`);
  const code = wrong > 0 || found.length > 0 ? 1 : 0;
  const reasons = [
    ...(wrong > 0 ? [`${wrong} of ${wrong + rendered.length} stack files cannot be rendered`] : []),
    ...(found.length > 0 ? [`${found.length} would collide in one account`] : []),
  ];
  const fine = `nothing of the ${rendered.length} stacks collides in one account`;
  console.log(`\n${lastLine(code, code === 0 ? fine : reasons.join("; "))}`);
  return code;
}

function report(found: readonly Collision[]): string {
  const lines = found.map(({ what, value, uses }) => `  ${what} ${value}: ${uses[0]}, and ${uses[1]}`);
  return [
    styleText("red", `In one account these would collide (${found.length}):`),
    ...lines,
    "Give each stack its own; where both are wanted once, one stack creates it and the others use it: kind existing.",
  ].join("\n");
}
