/** The pipelines that examples/ has for the applications: when they start, what they may, and what they never do. */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { applications, bowMark, workflowOf } from "../support/pipelines/applications.ts";
import { planned } from "../support/pipelines/circleci.ts";

describe.each(Object.keys(applications))("the workflow of %s", (system) => {
  const { images = {}, workflow: file = "" } = applications[system] ?? {};
  const { on, permissions, concurrency, defaults, jobs } = workflowOf(system);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it("starts for what its images are built from, its lock file and itself, on main alone", () => {
    expect(Object.keys(on)).toEqual(["push"]);
    expect(on.push.branches).toEqual(["main"]);
    const { paths } = on.push;
    if (paths === undefined) return;
    const starts = (path: string) => paths.some((glob) => path === glob || path.startsWith(glob.replace(/\*\*$/, "")));
    for (const path of [...Object.values(images), `.github/workflows/${file}`]) expect(starts(path), path).toBe(true);
    expect(starts("README.md")).toBe(false);
  });

  it("may read and no more, but where it pushes to the registry of GitHub itself", () => {
    expect(permissions).toEqual({ contents: "read" });
    const more = Object.values(jobs).flatMap((job) => (job.permissions === undefined ? [] : [job.permissions]));
    expect(more).toEqual(system === "dotdo" ? [{ contents: "read", packages: "write" }] : []);
    const [app] = jobs.carry.steps;
    expect(app?.with).toMatchObject({ "permission-contents": "write", "permission-pull-requests": "write" });
    expect(Object.keys(app?.with ?? {}).filter((name) => name.startsWith("permission-"))).toHaveLength(2);
  });

  it("never runs twice at once, ends by itself, and fails with any part of a pipe", () => {
    expect(concurrency).toMatch(/release$/);
    expect(defaults.run.shell).toBe("bash");
    for (const { "timeout-minutes": minutes } of Object.values(jobs)) expect(minutes).toBeGreaterThan(0);
  });

  it("uses actions at a version, leaves no credential in a checkout, and gives secrets to the steps that need them", () => {
    for (const { uses = "", run = "", with: given = {}, env = {} } of steps) {
      if (uses !== "") expect(uses).toMatch(/^(actions|digitalocean)\/[a-z-]+@v\d+$/);
      if (uses.startsWith("actions/checkout@")) expect(given["persist-credentials"]).toBe(false);
      expect(run).not.toContain("${{");
      const secret = /secrets\.|outputs\.token|github\.token/.test(JSON.stringify(env));
      expect(secret, run).toBe(/ci\/carry\.sh|docker login/.test(run));
    }
  });

  it("has its key in environments, and asks staging before production", () => {
    if (system !== "dotdo") expect(jobs.image.environment).toBe("images");
    expect(jobs.carry.needs).toBe("image");
    expect(jobs.carry.strategy).toEqual({
      "max-parallel": 1,
      matrix: {
        include: [
          { stack: "staging", environment: "staging" },
          { stack: "prod", environment: "production" },
        ],
      },
    });
  });
});

it("Hermes' path filter is the one of its document, with the lock file and the workflow", () => {
  expect(workflowOf("hermes").on.push.paths).toEqual([
    ...["hermes-ipfs-cache", "hermes-relay", "hermes-substream", "stream", "wire", "ipfs"].map((one) => `${one}/**`),
    "Cargo.lock",
    ".github/workflows/hermes-ipfs-cache-release.yml",
  ]);
});

describe("all pipelines for applications", () => {
  const files = globSync("examples/*/.{github/workflows,circleci}/*.yml").concat(globSync("examples/*/.gitlab-ci.yml"));
  const texts = files.map((file) => [file, readFileSync(file, "utf8")] as const);

  it.each(texts)("%s neither touches the cluster nor moves a tag", (_file, text) => {
    const code = text.replaceAll(/^ *#.*$/gm, "");
    expect(code).not.toMatch(/kubectl|kubeconfig|rollout|(?<!ubuntu-)\blatest\b|PULUMI|pulumi/);
    expect(text).toContain("docs/pipelines.md");
  });

  it("are there for each of the five", () => {
    expect([...new Set(files.map((file) => file.split("/")[1]))].toSorted()).toEqual(
      [...Object.keys(applications), "bowmark"].toSorted(),
    );
  });

  const shell = (what: string) => spawnSync("shellcheck", ["--shell", "bash", "-"], { input: what, encoding: "utf8" });
  it.skipIf(shell("true").status !== 0)("have shell that shellcheck has nothing to say of", () => {
    const scripts = texts.flatMap(([file, text]) => scriptsIn(parse(text)).map((script) => [file, script] as const));
    expect(scripts.length).toBeGreaterThan(20);
    for (const [file, script] of scripts) {
      // Each of the three runs it so.
      const { stdout } = shell(`set -e\n${script}`);
      expect(stdout, file).toBe("");
    }
  });
});

/** Every shell script in a pipeline, of whichever kind. */
function scriptsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(scriptsIn);
  if (node === null || typeof node !== "object") return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    if ((key === "run" || key === "command") && typeof value === "string") return [value];
    if (key === "script" && Array.isArray(value)) return [value.join("\n")];
    return scriptsIn(value);
  });
}

it("the addresses that are built into Bow-Mark's clients are hosts of the stack files", () => {
  const built = planned(bowMark(), "4c1f2e9").flatMap(({ runs }) => runs.map(({ env }) => env["PAVING"] && env));
  for (const [stack, env] of ["staging", "prod"].map((one, i) => [one, built.filter(Boolean)[i]] as const)) {
    const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as {
      config: { "doks-systems:bowmark": { hosts: { paving: string[]; concrete: string[] } } };
    };
    const { hosts } = config["doks-systems:bowmark"];
    expect(hosts.paving).toContain((env as Record<string, string>)["PAVING"]);
    expect(hosts.concrete).toContain((env as Record<string, string>)["CONCRETE"]);
  }
});
