/**
 * The pipelines that examples/ has for the applications, each run from the first step to the pull request, with stand-ins for
 * docker and doctl.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Infrastructure } from "../support/github/infrastructure.ts";
import { applications, bowMark, geo, workflowOf } from "../support/pipelines/applications.ts";
import { planned, runCircle } from "../support/pipelines/circleci.ts";
import { Docker } from "../support/pipelines/docker.ts";
import { GitHubRunner } from "../support/pipelines/github.ts";

const commit = "4c1f2e9a0b3d5c6e7f8091a2b3c4d5e6f708192a";
const inGit = spawnSync("git", ["rev-parse", "HEAD"]).status === 0;

describe.skipIf(!inGit)("in a clone", { timeout: 400_000 }, () => {
  let infra: Infrastructure;
  let docker: Docker;
  beforeEach(async () => {
    infra = await Infrastructure.start();
    infra.previews("passed");
    docker = new Docker(infra);
  });
  afterEach(() => {
    infra.stop();
  });

  /** An application's repository with these files, all of them empty. */
  const application = (...files: string[]) => {
    const folder = join(infra.folder, "application");
    for (const file of files) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), file.endsWith(".sql") ? "-- migrate:up\nSELECT 1;\n" : `${file}\n`);
    }
    return folder;
  };
  const pulls = () => infra.hub.pulls;
  const onBranch = (branch: string, stack: string) => pulls().file(branch, `Pulumi.${stack}.yaml`);

  it.each(Object.entries(applications))(
    "%s is built, pushed under its commit and carried: staging runs it, production asks for it",
    async (system, { images, registry, login }) => {
      const { image, carry } = workflowOf(system).jobs;
      const runner = new GitHubRunner(infra, application(...Object.values(images)), commit);
      await runner.job("image", image);
      const tags = Object.keys(images).map((name) => `${registry}/${name}:${commit}`);
      expect(docker.taken("registry")).toEqual(tags);
      const calls = docker.taken("calls");
      expect(calls.slice(0, tags.length)).toEqual(
        Object.entries(images).map(
          ([name, file]) => `docker build --file ${file} --tag ${registry}/${name}:${commit} .`,
        ),
      );
      expect(calls.slice(tags.length, tags.length + 1)).toEqual(login);
      await runner.job("image", image);
      expect(docker.taken("registry"), "a second run").toEqual(tags);
      expect(docker.taken("calls").filter((call) => call.startsWith("docker push"))).toEqual([]);

      const printed = await runner.job("carry", carry, { staging: { "vars.MERGE": "squash" } });
      expect(printed).toContain("merged: https://github.com/our/infra/pull/1");
      expect(printed).toContain("for a person to merge: https://github.com/our/infra/pull/2");
      expect(printed).not.toMatch(/secret-|Bearer|"right"/);
      expect(pulls().all).toMatchObject([
        { head: `release/staging-${system}`, state: "closed" },
        { head: `release/prod-${system}`, state: "open", title: `${system} ${commit} on prod` },
      ]);
      expect(onBranch("main", "staging")).toContain(commit);
      expect(onBranch("main", "prod")).not.toContain(commit);
      expect(onBranch(`release/prod-${system}`, "prod")).toContain(commit);
      const message = pulls().git("log", "-1", "--format=%B", `release/prod-${system}`);
      for (const tag of tags) expect(message).toMatch(new RegExp(`^${tag}@sha256:[0-9a-f]{64}$`, "m"));
      expect(message).toContain(`https://github.com/our/application/commit/${commit}`);
    },
  );

  it("Hermes' own migrations come along", async () => {
    const { carry } = workflowOf("hermes").jobs;
    const folder = application("hermes-ipfs-cache/Dockerfile", "hermes-ipfs-cache/migrations/0002_network.sql");
    const tables = readFileSync("systems/hermes/migrations/0001_tables.sql", "utf8");
    writeFileSync(join(folder, "hermes-ipfs-cache/migrations/0001_tables.sql"), tables);
    const runner = new GitHubRunner(infra, folder, commit);
    await runner.job("image", workflowOf("hermes").jobs.image);
    await runner.job("carry", carry);
    expect(pulls().git("diff", "--name-status", "main", "release/staging-hermes").split("\n")).toEqual([
      "M\tPulumi.staging.yaml",
      "A\tsystems/hermes/migrations/0002_network.sql",
    ]);
  });

  it("Bow-Mark's three images have staging's addresses in staging and production's in production", async () => {
    const jobs = planned(bowMark(), commit);
    expect(jobs.map(({ name }) => name)).toEqual([
      ...["server", "clients-staging", "clients-production", "carry-staging", "carry-production"],
    ]);
    expect(jobs.map(({ use }) => use.context)).toEqual(["images", "images", "images", "staging", "production"]);
    for (const { use } of jobs) expect(use.filters).toEqual({ branches: { only: "master" } });
    for (const { use } of jobs.slice(3)) expect(use["serial-group"]).toMatch(/^bow-mark-release-/);

    const folder = application(
      ...["server/Dockerfile", "client/Dockerfile", "client/public/manifest.json", "db/migrations/20250101_tables.sql"],
      ...["client/public/manifest-paving.json", "client/public/manifest-concrete.json"],
    );
    const circleEnv = { CIRCLE_SHA1: commit, CIRCLE_PROJECT_USERNAME: "our", CIRCLE_PROJECT_REPONAME: "bow-mark" };
    const { INFRASTRUCTURE_TOKEN: token = "", INFRASTRUCTURE_REPOSITORY: repository = "", ...rest } = infra.env;
    infra.env = rest;
    const carries = { INFRASTRUCTURE_TOKEN: token, INFRASTRUCTURE_REPOSITORY: repository };
    await runCircle(infra, jobs, folder, circleEnv, {
      images: { DOCKERHUB_USERNAME: "itsdevin", DOCKERHUB_PASS: "secret-hub", PAVING_ANALYTICS_ID: "G-1" },
      staging: { ...carries, MERGE: "squash" },
      production: carries,
    });
    const staging = `staging-${commit}`;
    expect(docker.taken("registry").toSorted()).toEqual(
      ["bow-mark-server", "bow-mark-client", "bow-mark-concrete-client"]
        .flatMap((name) => [commit, staging].map((tag) => `itsdevin/${name}:${tag}`))
        .toSorted(),
    );
    expect(docker.builtIn(`itsdevin/bow-mark-client:${staging}`)).toEqual([
      "SSR_API_URL=https://app.staging.bowmark.ca/graphql",
      "NEXT_PUBLIC_APP_NAME=Paving",
      "NEXT_PUBLIC_API_URL=https://app.staging.bowmark.ca/graphql",
      "NEXT_PUBLIC_WS_API_URL=wss://app.staging.bowmark.ca/graphql",
      "NEXT_PUBLIC_ANALYTICS_ID=G-1",
      "NEXT_PUBLIC_GOOGLE_MAPS_API_KEY=",
      "client/public/manifest-paving.json",
    ]);
    const concrete = docker.builtIn(`itsdevin/bow-mark-concrete-client:${commit}`).join("\n");
    expect(concrete).toContain("NEXT_PUBLIC_WS_API_URL=wss://concrete.bowmark.ca/graphql");
    expect(concrete).toContain("client/public/manifest-concrete.json");
    expect(onBranch("main", "staging")).toContain(`imageTag: ${staging}`);
    expect(pulls().git("ls-tree", "--name-only", "main", "systems/bowmark/migrations/")).toBe(
      "systems/bowmark/migrations/20250101_tables.sql",
    );
    expect(onBranch("release/prod-bowmark", "prod")).toContain(`imageTag: ${commit}`);
    expect(pulls().git("log", "-1", "--format=%B", "release/prod-bowmark")).toContain(
      `itsdevin/bow-mark-server:${commit}@sha256:`,
    );
  });

  it("GX on GitLab is built, pushed and carried too, and the push opens the merge request", async () => {
    const gitlab = parse(readFileSync("examples/gx/.gitlab-ci.yml", "utf8")) as Record<
      string,
      { script: string[]; variables: Record<string, string> }
    > & { variables: Record<string, string> };
    const folder = application(...Object.values(applications["gx"]?.images ?? {}));
    const job = async (name: string, script: string) => {
      const { code, output } = await infra.run(folder, script, {
        ...gitlab.variables,
        ...gitlab[name]?.variables,
        ...{ CI_COMMIT_SHA: commit, CI_SERVER_URL: "https://github.com", CI_PROJECT_URL: "https://gitlab/gx" },
        DIGITALOCEAN_ACCESS_TOKEN: "secret-digitalocean",
        FORGE: gitlab[".carry"]?.variables["FORGE"] ?? "",
      });
      expect(code, output).toBe(0);
    };
    // In the image of docker's client there is no bash.
    await job("images", `exec sh -ec '${(gitlab["images"]?.script.join("\n") ?? "").replaceAll("'", `'\\''`)}'`);
    expect(docker.taken("registry")).toHaveLength(4);
    await job("staging", gitlab[".carry"]?.script.join("\n") ?? "");
    expect(onBranch("release/staging-gx", "staging")).toContain(commit);
    expect(pulls().git("log", "-1", "--format=%B", "release/staging-gx")).toContain(
      `${geo}/gx-migrate:${commit}@sha256:`,
    );
  });
});
