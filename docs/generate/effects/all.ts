/** The effects of all settings, computed by as many processes as there are processors; and those that were, which are kept in a file. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { places } from "../places.ts";
import { idOf, type Effects } from "../settings-reference.ts";

export const effectsFile = "docs/reference/effects.json";

const worker = fileURLToPath(new URL("worker.ts", import.meta.url));

/**
 * Some minutes.
 *
 * @throws {Error} with every setting whose effect cannot be computed
 */
export async function computeEffects(): Promise<Effects> {
  const of = availableParallelism();
  const run = promisify(execFile);
  const shares = Array.from({ length: of }, async (_, share) => {
    const { stdout } = await run(process.execPath, [worker, String(share), String(of)], { maxBuffer: 2 ** 26 });
    return JSON.parse(stdout) as { effects: Effects; problems: string[] };
  });
  const done = await Promise.all(shares);
  const problems = done.flatMap((one) => one.problems);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const all: Effects = Object.assign({}, ...done.map(({ effects }) => effects)) as Effects;
  // In the order of the reference, so that a change of it reads well.
  const ids = places().map(idOf);
  return Object.fromEntries(ids.flatMap((id) => (all[id] === undefined ? [] : [[id, all[id]]])));
}

/** Those of the last time. */
export function keptEffects(): Effects {
  return existsSync(effectsFile) ? (JSON.parse(readFileSync(effectsFile, "utf8")) as Effects) : {};
}

/** One line a setting. */
export function effectsText(effects: Effects): string {
  const lines = Object.entries(effects).map(([id, effect]) => `  ${JSON.stringify(id)}: ${JSON.stringify(effect)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}
