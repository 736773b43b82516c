/** Files that a test keeps in the repository, so that a change of what is rendered is read in its review. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";

const howToUpdate =
  "if it is meant to be so: npx vitest run systems/rendered systems/urns -u, and read the difference in git";

/**
 * A folder of this repository holds exactly these files. With `vitest -u` it is written anew, and what is left over goes.
 *
 * @param folder from the repository's root
 * @param files text of each, by its path in the folder
 */
export function expectKeptFolder(folder: string, files: Readonly<Record<string, string>>): void {
  if (isUpdating()) {
    rmSync(folder, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) write(join(folder, path), text);
  }
  const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  expect.soft(Object.keys(files).toSorted(), `${folder}: ${howToUpdate}`).toEqual(kept.toSorted());
  for (const path of kept.filter((one) => one in files)) {
    const text = readFileSync(join(folder, path), "utf8");
    expect.soft(files[path], `${folder}/${path}: ${howToUpdate}`).toBe(text);
  }
}

/**
 * A file of this repository holds exactly this text. With `vitest -u` it is written anew.
 *
 * @param message what else is to be done when it does not; ends with its own line break
 */
export function expectKeptFile(path: string, text: string, message = ""): void {
  if (isUpdating()) write(path, text);
  expect(text, `${path}: ${message}${howToUpdate}`).toBe(readFileSync(path, "utf8"));
}

// `toMatchFileSnapshot` writes what is new without failing, and knows nothing of what is left over.
function isUpdating(): boolean {
  return expect.getState().snapshotState.snapshotUpdateState === "all";
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
