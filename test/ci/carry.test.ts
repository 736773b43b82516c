/** How a release of an application gets here: the script that its pipeline ends with, in a clone, against a played GitHub. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Infrastructure } from "../support/github/infrastructure.ts";

/** As docs/pipelines.md says it. */
const [byHand = "", byHandForOne = ""] = [
  ...readFileSync("docs/pipelines.md", "utf8").matchAll(/^bash ci\/carry\.sh (.+)$/gm),
].map(([, words = ""]) => words);
const inGit = spawnSync("git", ["rev-parse", "HEAD"]).status === 0;

describe.skipIf(!inGit)("a release is carried", { timeout: 400_000 }, () => {
  let infra: Infrastructure;
  beforeEach(async () => {
    infra = await Infrastructure.start();
    infra.previews("passed");
  });
  afterEach(() => {
    infra.stop();
  });

  const carry = (what: string, more: Record<string, string> = {}, clone = infra.clone()) =>
    infra.run(clone, `bash ci/carry.sh ${what}`, more);
  const pulls = () => infra.hub.pulls;
  const tagOf = (branch: string, stack: string, system: string) => {
    const { config } = parse(pulls().file(branch, `Pulumi.${stack}.yaml`)) as {
      config: Record<string, { imageTag: string }>;
    };
    return config[`doks-systems:${system}`]?.imageTag;
  };
  const log = (branch: string) => pulls().git("log", "-1", "--format=%B", branch);

  it("as a pull request for production, whose commit names tag, images and source, and changes one line", async () => {
    const clone = infra.clone();
    const ended = await carry(
      "prod gx 2.1.0",
      { IMAGES: "r/svc-identity:2.1.0@sha256:12", SOURCE: "https://s/1" },
      clone,
    );
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.output).toContain("for a person to merge: https://github.com/our/infra/pull/1");
    expect(pulls().all).toMatchObject([{ head: "release/prod-gx", title: "gx 2.1.0 on prod", state: "open" }]);
    expect(log("release/prod-gx")).toBe("gx 2.1.0 on prod\n\nr/svc-identity:2.1.0@sha256:12\nhttps://s/1");
    expect(pulls().git("diff", "--numstat", "main", "release/prod-gx")).toBe("1\t1\tPulumi.prod.yaml");
    expect(tagOf("release/prod-gx", "prod", "gx")).toBe("2.1.0");
    // The token is in no file of the checkout and in no line.
    expect(ended.output).not.toContain(infra.env["INFRASTRUCTURE_TOKEN"]);
    expect(readFileSync(join(clone, ".git/config"), "utf8")).not.toContain("right");

    const again = await carry("prod gx 2.2.0");
    expect(again).toMatchObject({ code: 0 });
    expect(pulls().all).toMatchObject([{ number: 1, title: "gx 2.2.0 on prod", state: "open" }]);
    expect(tagOf("release/prod-gx", "prod", "gx")).toBe("2.2.0");
    const head = pulls().git("rev-parse", "release/prod-gx");
    expect(await carry("prod gx 2.2.0")).toMatchObject({ code: 0 });
    expect(pulls().git("rev-parse", "release/prod-gx"), "a second run of the same release").toBe(head);
  });

  it("into staging by itself where MERGE says how, and a second time changes nothing", async () => {
    pulls().unknownFor = 1;
    const ended = await carry("staging hermes 1.5.0", { MERGE: "squash" });
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.output).toContain("merged: https://github.com/our/infra/pull/1");
    expect(tagOf("main", "staging", "hermes")).toBe("1.5.0");
    const main = pulls().git("rev-parse", "main");
    const again = await carry("staging hermes 1.5.0", { MERGE: "squash" });
    expect(again).toMatchObject({ code: 0 });
    expect(again.output).toContain("unchanged: staging has hermes 1.5.0 already");
    // The merged branch is still there: the next release takes it again, with a pull request of its own.
    expect(await carry("staging hermes 1.6.0", { MERGE: "squash" })).toMatchObject({ code: 0 });
    expect(pulls().all.map(({ title, state }) => [title, state])).toEqual([
      ["hermes 1.5.0 on staging", "closed"],
      ["hermes 1.6.0 on staging", "closed"],
    ]);
    expect(pulls().git("rev-parse", "main^")).toBe(main);
  });

  it("with the application's migrations, in the same commit", async () => {
    const application = join(infra.folder, "bow-mark/db/migrations");
    mkdirSync(application, { recursive: true });
    writeFileSync(join(application, "20250101_tables.sql"), "-- migrate:up\nCREATE TABLE a (i int);\n");
    const ended = await carry("staging bowmark staging-4c1", { MIGRATIONS: application });
    expect(ended).toMatchObject({ code: 0 });
    expect(pulls().git("diff", "--name-status", "main", "release/staging-bowmark").split("\n")).toEqual([
      "M\tPulumi.staging.yaml",
      "D\tsystems/bowmark/migrations/20250101000000_baseline.sql",
      "A\tsystems/bowmark/migrations/20250101_tables.sql",
    ]);
    writeFileSync(join(application, "20250101_tables.sql"), "SELECT 1;\n");
    const refused = await carry("staging bowmark staging-4c2", { MIGRATIONS: application });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.output).toContain('20250101_tables.sql has no line "-- migrate:up"');
  });

  it("for one workload, on a branch of its own", async () => {
    expect(await carry(byHandForOne)).toMatchObject({ code: 0 });
    expect(pulls().all).toMatchObject([
      { head: "release/prod-gx-svc-identity", title: "gx svc-identity 2.1.0 on prod" },
    ]);
    expect(tagOf("release/prod-gx-svc-identity", "prod", "gx")).toBe("2.0.0");
  });

  it("on top of what was merged meanwhile, also where the same line was changed", async () => {
    let rounds = 0;
    pulls().beforeMerge = () => {
      rounds += 1;
      if (rounds === 1) {
        infra.changeMain(
          "Pulumi.staging.yaml",
          (text) => text.replace("imageTag: 2.0.0-rc.1", "imageTag: 2.0.1"),
          "by hand",
        );
      }
    };
    const ended = await carry("staging gx 2.1.0", { MERGE: "squash" });
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.output).toContain("carried again on top of that (1 of 5)");
    expect(tagOf("main", "staging", "gx")).toBe("2.1.0");
    expect(pulls().git("log", "--format=%s", "-2", "main")).toBe("gx 2.1.0 on staging (#1)\nby hand");
  });

  it("beside another one at the same time, of the same system too", async () => {
    const both = await Promise.all([
      carry("staging gx 2.1.0", { MERGE: "squash" }),
      carry("staging hermes 1.5.0", { MERGE: "squash" }),
    ]);
    expect(both).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect([tagOf("main", "staging", "gx"), tagOf("main", "staging", "hermes")]).toEqual(["2.1.0", "1.5.0"]);
    const same = await Promise.all([carry("prod gx 3.0.0"), carry("prod gx 3.0.1")]);
    expect(same).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(["3.0.0", "3.0.1"]).toContain(tagOf("release/prod-gx", "prod", "gx"));
    expect(pulls().all.filter(({ state }) => state === "open")).toHaveLength(1);
  });

  it("later, when the required checks have passed", async () => {
    pulls().requiredChecks = true;
    const ended = await carry("staging caracal v0.4", { MERGE: "squash" });
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.output).toContain("merges when its checks have passed");
    expect(pulls().all).toMatchObject([{ state: "open", autoMerge: "SQUASH" }]);
    pulls().autoMergeAllowed = false;
    const refused = await carry("staging caracal v0.5", { MERGE: "squash" });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.output).toContain("allow auto-merge in the settings of our/infra");
  });

  it("when the preview lets it pass, which needs no credential and is shown none", async () => {
    infra.previews("real");
    const ended = await carry(byHand);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.output).toContain("pulumi up --stack prod would change, against HEAD");
    expect(ended.output).toMatch(/svc-identity:2\.0\.0" → ".*svc-identity:2\.1\.0"/);
    infra.previews("environment");
    const shown = await carry("prod gx 2.2.0");
    expect(shown.output).toContain("INFRASTRUCTURE_REPOSITORY=our/infra");
    expect(shown.output).not.toContain("INFRASTRUCTURE_TOKEN");
  });

  it("not with a tag that moves into production, and nothing is pushed", async () => {
    infra.previews("real");
    const ended = await carry("prod gx latest");
    expect(ended).toMatchObject({ code: 1, output: expect.stringContaining("gx.imageTag") as string });
    expect(pulls().git("branch", "--list", "release/*")).toBe("");
  });

  it("not when the preview refuses it, with the preview's exit code", async () => {
    infra.previews("refused");
    const ended = await carry("prod gx 2.1.0");
    expect(ended).toMatchObject({ code: 3 });
    expect(ended.output).toContain("exit 3: the preview of prod refuses gx 2.1.0; nothing was pushed");
    expect(pulls().git("branch", "--list", "release/*")).toBe("");
    expect(pulls().all).toEqual([]);
  });

  it.each<[string, string, Record<string, string>, number, RegExp]>([
    ["of no system", "prod geex 1.0.0", {}, 1, /geex/],
    [
      "for production with MERGE",
      "prod gx 2.1.0",
      { MERGE: "squash" },
      1,
      /prod is production, which only a person merges/,
    ],
    ["without a token", "prod gx 2.1.0", { INFRASTRUCTURE_TOKEN: "" }, 1, /INFRASTRUCTURE_TOKEN: is not set/],
    ["with a wrong token", "prod gx 2.1.0", { INFRASTRUCTURE_TOKEN: "wrong-one" }, 128, /Authentication failed/],
    ["without a tag", "prod gx", {}, 2, /^usage: /],
  ])("not when it is one %s, and nothing is pushed", async (_what, words, more, code, says) => {
    const ended = await carry(words, more);
    expect(ended.output).toMatch(says);
    expect(ended.output).not.toContain("wrong-one");
    expect(ended.code).toBe(code);
    expect(pulls().git("branch", "--list", "release/*")).toBe("");
    expect(pulls().all).toEqual([]);
  });

  it("not with a method that the repository does not allow, which is said at once", async () => {
    const ended = await carry("staging gx 2.1.0", { MERGE: "merge" });
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.output).toContain("Merge commits are not allowed on this repository");
    expect(await carry("staging gx 2.1.0", { MERGE: "fast" })).toMatchObject({
      code: 1,
      output: expect.stringContaining("MERGE is fast: it is squash, merge, rebase, or empty") as string,
    });
  });

  it("on GitLab by the push itself, which opens the merge request", async () => {
    const hook = join(infra.folder, "our/infra.git/hooks/pre-receive");
    writeFileSync(hook, '#!/bin/sh\nenv | grep ^GIT_PUSH_OPTION_ | sort > "$GIT_DIR/options"\n', { mode: 0o755 });
    expect(await carry("staging gx 2.1.0", { FORGE: "gitlab", MERGE: "squash" })).toMatchObject({ code: 0 });
    expect(readFileSync(join(infra.folder, "our/infra.git/options"), "utf8").trim().split("\n")).toEqual([
      "GIT_PUSH_OPTION_0=merge_request.create",
      "GIT_PUSH_OPTION_1=merge_request.target=main",
      "GIT_PUSH_OPTION_2=merge_request.remove_source_branch",
      "GIT_PUSH_OPTION_3=merge_request.auto_merge",
      "GIT_PUSH_OPTION_COUNT=4",
    ]);
    expect(readdirSync(join(infra.folder, "our/infra.git/refs/heads/release"))).toEqual(["staging-gx"]);
    expect(infra.hub.calls).toEqual([]);
  });
});
