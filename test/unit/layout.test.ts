/** Small files in small folders: what is larger has a reason here. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";

const mostLines = 300;
const mostFiles = 12;

/** Files, and folders with all that is in them, that may be longer. */
const longer: Record<string, string> = {
  "package-lock.json": "written by npm",
  "sandbox/control-plane/go.sum": "written by Go",
  "sandbox/edge/go.sum": "written by Go",
  "sandbox/edge/cert-manager/go.sum": "written by Go",
  "test/charts/keys": "generated: the keys of each chart's values",
  "settings/schema.json": "generated from the settings",
  "docs/reference/settings.md": "generated from the settings",
  "docs/reference/effects.json": "generated from the settings",
  "docs/reference/preview.schema.json": "generated from the types of a review",
  "test/systems/rendered": "generated: what the stack files render",
};

/** Folders, with those in them, that may hold more files. */
const wider: Record<string, string> = {
  ".": "npm, Pulumi and the checks look for their files here",
  "docs/decisions": "numbered records, read in their order",
  "docs/runbooks": "a page a task, found by its name when there is no time to look into folders",
  "test/systems/rendered": "generated: a file an object",
};

const listed = spawnSync("git", ["ls-files", "-z"], { encoding: "utf8" });
const files = (listed.status === 0 ? listed.stdout : "").split("\0").filter((path) => path !== "" && existsSync(path));
if (files.length === 0) console.warn("skipped: sizes of files and folders, outside a git checkout");

describe.skipIf(files.length === 0)("the project", () => {
  it(`has no file of more than ${mostLines} lines`, () => {
    const long = files.filter((path) => readFileSync(path, "utf8").trimEnd().split("\n").length > mostLines);
    expectExcused(long, longer);
  });

  it(`has no folder of more than ${mostFiles} files`, () => {
    const folders = [...Map.groupBy(files, dirname)].filter(([, inside]) => inside.length > mostFiles);
    expectExcused(
      folders.map(([folder]) => folder),
      wider,
    );
  });
});

/** Each is excused, and each excuse is needed. */
function expectExcused(found: readonly string[], excuses: Readonly<Record<string, string>>): void {
  const excused = (path: string, by: string) => path === by || path.startsWith(`${by}/`);
  const all = Object.keys(excuses);
  const without = found.filter((path) => !all.some((by) => excused(path, by)));
  expect(without, "split it by theme, or say here why not").toEqual([]);
  const needless = all.filter((by) => !found.some((path) => excused(path, by)));
  expect(needless, "nothing needs this exception any more").toEqual([]);
}
