/** `--all`: renders every stack file, and finds what the stacks could not have side by side in one DigitalOcean account. */
import { readdirSync } from "node:fs";
import { styleText } from "node:util";
import { SettingsError } from "../settings/reading/error.ts";
import { maskedResources } from "../graph/masking.ts";
import { render } from "../graph/render/render.ts";
import { collisions, type Collision, type StackResources } from "./review/account.ts";
import { cost, sumOf } from "./review/cost.ts";

/** Names of the stacks that have a stack file in a folder. */
function stackNames(folder = "."): string[] {
  return readdirSync(folder)
    .flatMap((name) => /^Pulumi\.([^.].*)\.ya?ml$/.exec(name)?.[1] ?? [])
    .toSorted();
}

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
  console.log(`\n${report(rendered.length, found)}`);
  return wrong > 0 || found.length > 0 ? 1 : 0;
}

function report(stacks: number, found: readonly Collision[]): string {
  if (found.length === 0) return styleText("green", `Nothing of the ${stacks} stacks collides in one account.`);
  const lines = found.map(({ what, value, uses }) => `  ${what} ${value}: ${uses[0]}, and ${uses[1]}`);
  return [
    styleText("red", `In one account these would collide (${found.length}):`),
    ...lines,
    "Give each stack its own; where both are wanted once, one stack creates it and the others use it: kind existing.",
  ].join("\n");
}
