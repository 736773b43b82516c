/** `npm run release`: a tag is set and taken back in a stack file that a git history has; nothing else of the file changes. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { release as setTag, type ReleaseOptions } from "../../ci/release/release.ts";
import { declarations } from "../../commands/declarations.ts";
import { failureOf } from "../../commands/failures.ts";
import { parsed } from "../../commands/parse.ts";

describe("npm run release", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-release-"));
  const file = join(folder, "Pulumi.prod.yaml");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@localhost", ...args], {
      cwd: folder,
      encoding: "utf8",
    });
  const release = (...words: string[]) => {
    try {
      const given = parsed<ReleaseOptions>(declarations.release(), words);
      return { code: 0, output: given === undefined ? "" : setTag(given.args, given.options).join("\n") };
    } catch (error) {
      const { code, text: output } = failureOf(error, "npm run release");
      return { code, output };
    }
  };
  const text = () => readFileSync(file, "utf8");
  const commit = (subject: string) => git("commit", "-qam", subject);
  const changedLines = () =>
    git("diff", "--unified=0", "--no-color")
      .split("\n")
      .filter((line) => /^[+-][^+-]/.test(line));

  const project = process.cwd();
  beforeAll(() => {
    cpSync("Pulumi.prod.yaml", file);
    // The file names folders with migrations there.
    for (const name of ["node_modules", "systems"]) symlinkSync(resolve(name), join(folder, name));
    writeFileSync(join(folder, ".gitignore"), "node_modules\nsystems\n");
    process.chdir(folder);
    git("init", "-q", "-b", "main");
    git("add", ".");
    commit("all of it");
    for (const tag of ["2.0.1", "2.1.0"]) {
      release("prod", "gx", tag);
      commit(`gx ${tag} on prod`);
    }
    release("prod", "dotdo", "1.0.0");
    commit("dotdo 1.0.0 on prod");
  });
  beforeEach(() => {
    git("checkout", "-q", "--", ".");
  });
  afterAll(() => {
    process.chdir(project);
    rmSync(folder, { recursive: true });
  });

  it("changes the one line of the tag, and says what to type next", () => {
    const { code, output } = release("prod", "gx", "2.2.0");
    expect(code, output).toBe(0);
    expect(changedLines()).toEqual(["-    imageTag: 2.1.0", "+    imageTag: 2.2.0"]);
    expect(output).toContain("gx.imageTag of prod: 2.1.0 → 2.2.0");
    expect(output).toContain("npm run preview -- prod --base HEAD");
    expect(output).toContain("git commit -m 'gx 2.2.0 on prod' Pulumi.prod.yaml");
  });

  it("keeps a tag of digits a text, as a commit id may be", () => {
    release("prod", "hermes", "20251126");
    expect(changedLines()).toEqual(["-    imageTag: 1.4.0", '+    imageTag: "20251126"']);
  });

  it("--undo takes the tag before, however many commits of other things lie between, and names where it is from", () => {
    const { code, output } = release("prod", "gx", "--undo");
    expect(code, output).toBe(0);
    expect(changedLines()).toEqual(["-    imageTag: 2.1.0", "+    imageTag: 2.0.1"]);
    expect(output).toMatch(/2\.1\.0 → 2\.0\.1, as [0-9a-f]{7,} of \d{4}-\d\d-\d\d, "gx 2\.0\.1 on prod" had it/);
    expect(output).toContain("git commit -m 'gx back to 2.0.1 on prod' Pulumi.prod.yaml");
  });

  it("--undo of a tag that is not committed yet takes the committed one", () => {
    release("prod", "gx", "2.2.0");
    expect(release("prod", "gx", "--undo").output).toContain("2.2.0 → 2.1.0");
    expect(changedLines()).toEqual([]);
  });

  it("knows a tag that is not called imageTag", () => {
    expect(release("prod", "dotdo", "--undo").output).toContain("dotdo.image.tag of prod: 1.0.0 → 0.9.1");
    expect(changedLines()).toEqual(["-    image: {tag: 1.0.0}", "+    image: {tag: 0.9.1}"]);
  });

  it("gives one workload a tag of its own, and takes it away again, with all comments where they were", () => {
    const before = text();
    const { code, output } = release("prod", "gx", "2.1.1", "--workload", "svc-identity");
    expect(code, output).toBe(0);
    expect(changedLines()).toEqual(["+    workloads:", "+      svc-identity:", "+        tag: 2.1.1"]);
    commit("gx svc-identity 2.1.1 on prod");
    expect(release("prod", "gx", "--undo", "--workload", "svc-identity").output).toContain("2.1.1 → the shared tag");
    expect(text()).toBe(before);
    git("checkout", "-q", "--", ".");
    git("reset", "-q", "--hard", "HEAD~1");
  });

  it.each([
    [["prod", "gy", "1"], 1, /there is no system gy\. Did you mean gx\?/],
    [
      ["prod", "hermes", "--undo"],
      1,
      /hermes\.imageTag had no other tag than 1\.4\.0 in the history of Pulumi\.prod\.yaml/,
    ],
    [["prod", "gx", "latest"], 1, /a tag that moves/],
    [["prod", "gx", "2", "--workload", "svc-identiy"], 1, /did you mean svc-identity\?/],
    [["prod", "gx"], 2, /name a tag, or --undo/],
    [["prod", "gx", "2.2.0", "--undo"], 2, /name a tag, or --undo/],
    [["prod", "gx", "2.1.0"], 0, /is 2\.1\.0 already/],
  ])("refuses what it cannot do, and changes nothing: %s", (words, code, says) => {
    const done = release(...words);
    expect(done.output).toMatch(says);
    expect(done.code).toBe(code);
    expect(git("status", "--porcelain")).toBe("");
  });

  it("refuses a file in which a merge has left both sides", () => {
    git("checkout", "-q", "-b", "other", "HEAD~1");
    release("prod", "dotdo", "1.1.0");
    commit("dotdo 1.1.0 on prod");
    expect(() => git("merge", "-q", "main")).toThrow();
    expect(release("prod", "gx", "--undo").output).toMatch(/a merge has left both sides in Pulumi\.prod\.yaml/);
    git("merge", "--abort");
    git("checkout", "-q", "main");
  });
});
