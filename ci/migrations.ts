/**
 * `npm run migrations -- FROM TO`: takes an application's migrations over into a folder of this project. New files are
 * copied and placeholders go. A file that changed or is gone over there is refused: a database that ran it never runs it
 * again, so the two would say different things of it for ever.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isPlaceholderFile } from "../settings/slices/migrations.ts";

/** What a take-over does; nothing is done while there are problems. */
export interface TakeOver {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly problems: readonly string[];
}

/** Compares two folders of dbmate migrations. */
export function planTakeOver(from: string, to: string): TakeOver {
  const [theirs, ours] = [sqlFiles(from), sqlFiles(to)];
  const removed = ours.filter((file) => isPlaceholderFile(join(to, file)));
  const kept = ours.filter((file) => !removed.includes(file));
  const added = theirs.filter((file) => !kept.includes(file));
  const last = kept.at(-1);
  const problems = [
    ...(theirs.length === 0 ? [`${from} has no .sql files`] : []),
    ...kept.filter((file) => !theirs.includes(file)).map((file) => `${file} is not in ${from} any more`),
    ...kept
      .filter((file) => theirs.includes(file) && !same(join(from, file), join(to, file)))
      .map((file) => `${file} was changed after it came here: write a new migration instead`),
    ...added
      .filter((file) => last !== undefined && file < last)
      .map((file) => `${file} comes before ${last}, which is here already: give it a newer number`),
    ...added
      .filter((file) => !/^--\s*migrate:up\b/m.test(readFileSync(join(from, file), "utf8")))
      .map((file) => `${file} has no line "-- migrate:up"`),
  ];
  return { added, removed, problems };
}

/** Does it; the lines to print. */
export function takeOver(from: string, to: string): string[] {
  const { added, removed, problems } = planTakeOver(from, to);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  mkdirSync(to, { recursive: true });
  for (const file of removed) rmSync(join(to, file));
  for (const file of added) copyFileSync(join(from, file), join(to, file));
  const lines = [...removed.map((file) => `- ${file}, a placeholder`), ...added.map((file) => `+ ${file}`)];
  return lines.length === 0 ? ["nothing is new"] : lines;
}

function sqlFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".sql"))
      .sort();
  } catch {
    return [];
  }
}

function same(a: string, b: string): boolean {
  return readFileSync(a).equals(readFileSync(b));
}

if (import.meta.main) {
  const [from, to, ...more] = process.argv.slice(2);
  if (from === undefined || to === undefined || more.length > 0) {
    console.error(
      "npm run migrations -- FROM TO\n\n  FROM  the application's db/migrations\n  TO    a folder here, such as systems/bowmark/migrations",
    );
    process.exitCode = 2;
  } else {
    try {
      for (const line of takeOver(from, to)) console.log(line);
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    }
  }
}
