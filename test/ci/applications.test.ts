/**
 * The pipelines that examples/ has for the applications: each is run from the first step to the pull request, with stand-ins for
 * docker and doctl. Dockerfiles, branches, registries and path filters are those of the applications' own documents and
 * repositories, at the revisions that the systems here are made from.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Infrastructure } from "../support/github/infrastructure.ts";
import { planned, runCircle, type Circle } from "../support/pipelines/circleci.ts";
import { Docker } from "../support/pipelines/docker.ts";
import { GitHubRunner, type Workflow } from "../support/pipelines/github.ts";

const commit = "4c1f2e9a0b3d5c6e7f8091a2b3c4d5e6f708192a";
const inGit = spawnSync("git", ["rev-parse", "HEAD"]).status === 0;
const geo = "registry.digitalocean.com/geo";

interface Application {
  readonly workflow: string;
  readonly registry: string;
  /** Dockerfile of each image. */
  readonly images: Record<string, string>;
  readonly login: string[];
}
const viaDoctl = ["doctl registry login --expiry-seconds 1200"];

const applications: Record<string, Application> = {
  hermes: {
    workflow: "hermes-ipfs-cache-release.yml",
    registry: geo,
    images: { "hermes-ipfs-cache": "hermes-ipfs-cache/Dockerfile" },
    login: viaDoctl,
  },
  gx: {
    workflow: "release.yml",
    registry: geo,
    images: {
      "svc-identity": "apps/svc-identity/Dockerfile",
      "outbox-submitter": "workers/outbox-submitter/Dockerfile",
      projector: "workers/projector/Dockerfile",
      "gx-migrate": "db/Dockerfile.migrate",
    },
    login: viaDoctl,
  },
  dotdo: {
    workflow: "release.yml",
    registry: "ghcr.io/dot-do",
    images: { dotdo: "deploy/docker/Dockerfile" },
    login: ["docker login ghcr.io --username someone --password-stdin"],
  },
  caracal: {
    workflow: "release.yml",
    registry: geo,
    images: {
      "caracal-gateway": "Dockerfile.gateway",
      "caracal-mcp-adapter": "Dockerfile.mcp",
      "caracal-consumer": "Dockerfile.consumer",
    },
    login: viaDoctl,
  },
};

const workflowOf = (system: string) =>
  parse(
    readFileSync(`examples/${system}/.github/workflows/${applications[system]?.workflow ?? ""}`, "utf8"),
  ) as Workflow;

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
    const circle = parse(readFileSync("examples/bowmark/.circleci/config.yml", "utf8")) as Circle;
    const jobs = planned(circle, commit);
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

  it("the addresses that are built into Bow-Mark's clients are hosts of the stack files", () => {
    const circle = parse(readFileSync("examples/bowmark/.circleci/config.yml", "utf8")) as Circle;
    const built = planned(circle, commit).flatMap(({ runs }) => runs.map(({ env }) => env["PAVING"] && env));
    for (const [stack, env] of ["staging", "prod"].map((one, i) => [one, built.filter(Boolean)[i]] as const)) {
      const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as {
        config: { "doks-systems:bowmark": { hosts: { paving: string[]; concrete: string[] } } };
      };
      const { hosts } = config["doks-systems:bowmark"];
      expect(hosts.paving).toContain((env as Record<string, string>)["PAVING"]);
      expect(hosts.concrete).toContain((env as Record<string, string>)["CONCRETE"]);
    }
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
