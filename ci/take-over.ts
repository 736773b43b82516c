/**
 * Copies an application's new migrations into a folder of this project, and deletes placeholders there. If the application has changed or deleted a migration that is here already, nothing is copied:
 * databases that have run it never run it again, so they would differ from new ones for ever.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Explained } from "../commands/explained.ts";
import { isPlaceholderFile } from "../settings/slices/migrations.ts";

/** Files to copy and to delete. Nothing is done if there are problems. */
interface TakeOver {
  /** Names of files to copy from the application. */
  readonly added: readonly string[];
  /** Names of placeholders to delete. */
  readonly removed: readonly string[];
  /** Reasons to do nothing, each with its file. */
  readonly problems: readonly string[];
}

/**
 * Plans what to copy and to delete, from a comparison of two folders. They are of dbmate, unless what is here already has no
 * mark of it: Hermes' are plain SQL, which runs again at each release.
 */
function planTakeOver(from: string, to: string): TakeOver {
  const [offered, present] = [sqlFiles(from), existsSync(to) ? sqlFiles(to) : []];
  const plain = present.length > 0 && !present.some((file) => hasMark(join(to, file)));
  const removed = present.filter((file) => isPlaceholderFile(join(to, file)));
  const kept = present.filter((file) => !removed.includes(file));
  const added = offered.filter((file) => !kept.includes(file));
  const last = kept.at(-1);
  const problems = [
    ...(offered.length === 0 ? [`${from} has no .sql files`] : []),
    ...kept.filter((file) => !offered.includes(file)).map((file) => `${file} is not in ${from} any more`),
    ...kept
      .filter((file) => offered.includes(file) && !same(join(from, file), join(to, file)))
      .map((file) => `${file} was changed after it came here: write a new migration instead`),
    ...added
      .filter((file) => last !== undefined && file < last)
      .map((file) => `${file} comes before ${last}, which is here already: give it a newer number`),
    ...added
      .filter((file) => !plain && !hasMark(join(from, file)))
      .map((file) => `${file} has no line "-- migrate:up"`),
  ];
  return { added, removed, problems };
}

/**
 * Copies new migrations and deletes placeholders.
 *
 * @returns lines to print
 * @throws {Explained} with all problems, before anything is changed
 */
export function takeOver(from: string, to: string): string[] {
  const { added, removed, problems } = planTakeOver(from, to);
  if (problems.length > 0) throw new Explained(problems.join("\n"));
  mkdirSync(to, { recursive: true });
  for (const file of removed) rmSync(join(to, file));
  for (const file of added) copyFileSync(join(from, file), join(to, file));
  const lines = [...removed.map((file) => `- ${file}, a placeholder`), ...added.map((file) => `+ ${file}`)];
  return lines.length === 0 ? ["nothing is new"] : lines;
}

function sqlFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .sort();
}

/** Whether dbmate finds what to run in a file. Source: github.com/amacneil/dbmate, "Creating Migrations". */
function hasMark(file: string): boolean {
  return /^--\s*migrate:up\b/m.test(readFileSync(file, "utf8"));
}

function same(a: string, b: string): boolean {
  return readFileSync(a).equals(readFileSync(b));
}
