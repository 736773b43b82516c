/** Sets the tag of a system's images in a stack file, or the one before. Nothing is deployed. */
import { readFileSync, writeFileSync } from "node:fs";
import { Explained } from "../../commands/explained.ts";
import { UsageError } from "../../commands/failures.ts";
import { configOf } from "../../graph/render/configuration.ts";
import { stackFileFrom } from "../../settings/reading/stack-file.ts";
import { parseSettings } from "../../systems/settings.ts";
import { refuseConflict, tagBefore, type Earlier } from "./history.ts";
import { tagIn, tagSetting, withTag, type TagSetting } from "./tag.ts";

/** Options of the command. */
export interface ReleaseOptions {
  readonly undo?: true;
  /** One workload of the system, by the name that `kubectl get` shows. */
  readonly workload?: string;
}

/**
 * Sets the tag in the stack file of the working directory.
 *
 * @param words stack, system, and the tag unless it is to be undone
 * @returns lines to print
 * @throws {Explained} if the tag, the system or the workload is not one, or nothing is there to be undone; the file is as it was then
 */
export function release(
  [stack = "", system = "", tag]: readonly string[],
  { undo, workload }: ReleaseOptions,
): string[] {
  if ((tag === undefined) === (undo === undefined)) {
    throw new UsageError(`name a tag, or --undo for the one before: npm run release -- ${stack} ${system} 2.1.0`);
  }
  const file = `Pulumi.${stack}.yaml`;
  refuseConflict(file);
  const text = readFileSync(file, "utf8");
  // What is wrong in the file already is said in the words of every other command.
  settingsOf(stack, text);
  const setting = tagSetting(system, workload);
  const { known, tag: now } = tagIn(text, setting);
  if (!known) throw new Explained(`${system} is not switched on in ${file}`);
  const earlier = tag === undefined ? tagBefore(file, setting, now) : undefined;
  const next = tag ?? earlier?.tag;
  if (next === now) return [`${setting.path} of ${stack} is ${next ?? "not set"} already`];
  const changed = withTag(text, setting, next);
  settingsOf(stack, changed);
  writeFileSync(file, changed);
  return told({ stack, file, setting, now: now ?? shared, next: next ?? shared, earlier });
}

/** What a workload has that sets no tag of its own. */
const shared = "the shared tag";

interface Done {
  readonly stack: string;
  readonly file: string;
  readonly setting: TagSetting;
  readonly now: string;
  readonly next: string;
  readonly earlier: Earlier | undefined;
}

/** What was done, and what to type next. */
function told({ stack, file, setting: { path, system, workload }, now, next, earlier }: Done): string[] {
  const who = workload === undefined ? system : `${system} ${workload}`;
  const subject = `${who} ${earlier === undefined ? next : `back to ${next}`} on ${stack}`;
  return [
    `${path} of ${stack}: ${now} → ${next}${earlier === undefined ? "" : `, as ${earlier.from} had it`}`,
    ...(earlier === undefined
      ? []
      : ["Migrations do not go back: see that the earlier images take the tables as they are."]),
    `  → npm run preview -- ${stack} --base HEAD`,
    `    git commit -m '${subject}' ${file}`,
  ];
}

/** Throws the one error of a stack file that is wrong. */
function settingsOf(stack: string, text: string): void {
  const file = stackFileFrom(stack, text);
  parseSettings(stack, configOf(file.config), file);
}
