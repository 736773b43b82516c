/** What `npm run up` does about changes by hand: takes them back before an update, or explains them after one that failed. */
import { createInterface } from "node:readline/promises";
import { Explained } from "../commands/explained.ts";
import { findChanged } from "./objects.ts";
import { readState } from "./stack-state.ts";
import { takeBack } from "./take-back.ts";
import { byHandLines } from "./text.ts";

/**
 * Shows what was changed by hand, asks, and takes it back. The values themselves are set by the update that follows.
 *
 * @param sure whether `--yes` was given, so that nobody is asked
 * @throws {Explained} if nobody agrees, or a cluster refuses
 */
export async function takeBackAll(stack: string, sure: boolean): Promise<void> {
  const state = readState(stack);
  const changed = await findChanged(state);
  if (changed.length === 0) {
    console.log(`Nothing in the cluster of ${stack} was changed by hand.`);
    return;
  }
  console.log(["Changed by hand, to be as the program says again:", ...byHandLines(changed, state), ""].join("\n"));
  if (!sure && !(await agreed())) throw new Explained("nothing was taken back, and nothing updated");
  for (const one of changed) await takeBack(one);
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Explained("nobody can be asked here: add --yes to take all of that back");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question("Take all of that back? yes or no: ")).trim());
  } finally {
    terminal.close();
  }
}

/** After an update that failed: what was changed by hand, which is what field conflicts are about, and both ways out of it. */
export async function explainByHand(stack: string): Promise<void> {
  const state = readState(stack);
  const changed = await findChanged(state);
  if (changed.length === 0) return;
  console.error(
    [
      "\nChanged by hand since the last update. A field conflict above is about one of these:",
      ...byHandLines(changed, state),
      `  → npm run up -- ${stack} --take-back sets what the stack file says; to keep a value, put it there first`,
    ].join("\n"),
  );
}
