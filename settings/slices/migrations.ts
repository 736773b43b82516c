/** What rules check of a folder of migrations. */
import { objectLimit } from "../../catalogue/kubernetes.ts";
import { readdirSync, readFileSync, statSync } from "node:fs";

/** How a placeholder begins: a file that this project has in place of the application's own migrations. */
const placeholderMark = "-- Placeholder:";

/** Whether a folder has `.sql` files. */
export function hasMigrations(folder: string): boolean {
  return sqlFiles(folder).length > 0;
}

/** Name and size in bytes of each file that is too large for a ConfigMap. */
export function tooLarge(folder: string): [string, number][] {
  return sqlFiles(folder)
    .map((file): [string, number] => [file, statSync(`${folder}/${file}`).size])
    .filter(([, size]) => size > objectLimit);
}

/** Whether all `.sql` files of a folder are placeholders. */
export function isPlaceholder(folder: string): boolean {
  const files = sqlFiles(folder);
  return files.length > 0 && files.every((file) => isPlaceholderFile(`${folder}/${file}`));
}

/** Whether a file is a placeholder for the application's own migrations. */
export function isPlaceholderFile(file: string): boolean {
  return readFileSync(file, "utf8").startsWith(placeholderMark);
}

function sqlFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith(".sql"));
  } catch {
    return [];
  }
}
