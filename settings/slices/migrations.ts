/** Folders of migrations, as rules look at them. */
import { objectLimit } from "../../catalogue/kubernetes.ts";
import { readdirSync, readFileSync, statSync } from "node:fs";

/** First line of a file that only takes the place of an application's own. */
const placeholderMark = "-- Placeholder:";

/** Whether a folder has `.sql` files. */
export function hasMigrations(folder: string): boolean {
  return sqlFiles(folder).length > 0;
}

/** Name and bytes of each file that no object of Kubernetes can hold. */
export function tooLarge(folder: string): [string, number][] {
  return sqlFiles(folder)
    .map((file): [string, number] => [file, statSync(`${folder}/${file}`).size])
    .filter(([, size]) => size > objectLimit);
}

/** Whether it has nothing but placeholders. */
export function isPlaceholder(folder: string): boolean {
  const files = sqlFiles(folder);
  return files.length > 0 && files.every((file) => isPlaceholderFile(`${folder}/${file}`));
}

/** Whether a file only takes the place of an application's own. */
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
