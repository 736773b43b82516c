/** The checks look at the project, not at what is built beside them: a root in `.cache` has files that come and go, and `/proc`. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const folder = mkdtempSync(join(tmpdir(), "doks-checks-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it("reads formats outside .cache only, whatever the ignore files say", () => {
  const bin = resolve("node_modules/.bin");
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  const checked = () =>
    execFileSync("sh", ["-c", scripts["check:format"] ?? ""], { cwd: folder, env, stdio: "pipe", encoding: "utf8" });
  mkdirSync(join(folder, ".cache/images/debian"), { recursive: true });
  writeFileSync(join(folder, ".cache/images/debian/package.json"), "{'no':json");
  writeFileSync(join(folder, "package.json"), "{}\n");
  expect(checked()).toBe("");
  writeFileSync(join(folder, "other.json"), "{   }");
  expect(checked).toThrow(/other\.json/);
});
