/** The pipelines: every step runs here too, none can be steered by a pull request's words, and none leaves a lock behind. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}
interface Job {
  /** Another workflow of this repository. */
  uses?: string;
  if?: string;
  needs?: string | string[];
  steps: Step[];
  permissions?: Record<string, string>;
  concurrency?: string | { group: string; "cancel-in-progress"?: boolean };
  "timeout-minutes": number;
  environment?: string;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const workflows = readdirSync(".github/workflows").map((file) => {
  const text = readFileSync(`.github/workflows/${file}`, "utf8");
  return [file, parse(text) as Workflow] as const;
});
const jobs = workflows.flatMap(([file, { jobs: all }]) =>
  Object.entries(all)
    .filter(([, { uses }]) => uses === undefined)
    .map(([name, job]) => [`${file} ${name}`, job] as const),
);

/** Whether a command line is `npm ci`, `npm test`, one script that there is, with plain arguments, or copies a file. */
function isOurs(command: string): boolean {
  if (/^cp "[\w$/.-]+" "[\w$/.-]+"$/.test(command)) return true;
  const [, script] = /^npm run ([\w:]+)(?: -- [\w\s."$/^<>-]+)?$/.exec(command) ?? [];
  return ["npm ci", "npm test"].includes(command) || (script !== undefined && script in scripts);
}

describe.each(jobs)("%s", (_, { steps, concurrency, "timeout-minutes": minutes, environment }) => {
  it("runs only what runs on a laptop", () => {
    const commands = steps.flatMap(({ run }) => run?.trim().split("\n") ?? []);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((command) => !isOurs(command))).toEqual([]);
  });

  it("gives commands no word of a pull request but through a variable", () => {
    for (const { run = "" } of steps) expect(run).not.toContain("${{");
  });

  it("uses actions at a version, and leaves no credential in the checkout", () => {
    for (const { uses, with: given } of steps.filter((step) => step.uses !== undefined)) {
      expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
      if (uses?.startsWith("actions/checkout")) expect(given).toMatchObject({ "persist-credentials": false });
    }
  });

  it("ends by itself, and is never ended halfway where it holds a stack's lock", () => {
    expect(minutes).toBeGreaterThan(0);
    const locks = steps.some(({ run = "" }) => /npm run up\b/.test(run));
    const cancels = typeof concurrency === "object" && concurrency["cancel-in-progress"] === true;
    if (locks) {
      expect(concurrency).toMatch(/^pulumi-(staging|prod)$/);
      expect(environment).toBeDefined();
    } else {
      // A preview in an update's group would push a waiting update out of it.
      expect(JSON.stringify(concurrency ?? "")).not.toContain("pulumi-");
    }
    expect(locks && cancels).toBe(false);
  });

  it("shows secrets only to the steps that need them", () => {
    for (const { run = "", uses, env = {} } of steps) {
      const secret = JSON.stringify(env).includes("secrets.");
      expect(secret, run).toBe(/npm run (up|drift|preview:engine|preflight)\b/.test(run));
      if (uses !== undefined) expect(env).toEqual({});
    }
  });
});

describe("the pipelines", () => {
  it("may only read, but for the job that comments and the one that opens issues", () => {
    for (const [, { permissions }] of workflows) expect(permissions).toEqual({ contents: "read" });
    const more = jobs.filter(([, { permissions }]) => Object.values(permissions ?? {}).includes("write"));
    expect(more.map(([name]) => name)).toEqual(["deploy.yml drift", "preview.yml comment"]);
  });

  it("never run a fork's code with secrets", () => {
    for (const [, { on }] of workflows) expect(Object.keys(on)).not.toContain("pull_request_target");
  });

  it("deploy only main, and only what passed the checks", () => {
    const deploy = workflows.find(([file]) => file === "deploy.yml")?.[1].jobs;
    expect(deploy?.["check"]).toMatchObject({ uses: "./.github/workflows/check.yml" });
    expect(deploy?.["check"]?.if).toContain("github.ref == 'refs/heads/main'");
    expect(deploy?.["staging"]?.needs).toBe("check");
    expect(deploy?.["production"]?.needs).toBe("staging");
  });

  it("never skip an update's preview", () => {
    for (const [, { steps }] of jobs) for (const { run = "" } of steps) expect(run).not.toContain("--skip-preview");
  });
});

describe("CircleCI's configuration in the documentation", () => {
  const [, text = ""] =
    /```yaml\n# \.circleci\/config\.yml\n([^]*?)```/.exec(readFileSync("docs/pipelines.md", "utf8")) ?? [];
  interface CircleJob {
    name?: string;
    type?: string;
    requires?: (string | Record<string, string>)[];
  }
  interface Circle {
    version: number;
    jobs: Record<string, { docker: { image: string }[]; steps: (string | { run?: string | { command: string } })[] }>;
    workflows: Record<string, { jobs: (string | Record<string, CircleJob>)[] }>;
  }
  const circle = parse(text) as Circle;

  it("runs only what runs on a laptop", () => {
    const commands = Object.values(circle.jobs).flatMap(({ steps }) =>
      steps.flatMap((step) => {
        if (typeof step === "string" || step.run === undefined) return [];
        return (typeof step.run === "string" ? step.run : step.run.command).trim().split("\n");
      }),
    );
    expect(commands.length).toBeGreaterThan(5);
    expect(commands.map((one) => one.trim()).filter((command) => !isOurs(command))).toEqual([]);
  });

  it("names in its workflows only jobs that it has", () => {
    expect(circle.version).toBe(2.1);
    for (const { jobs: used } of Object.values(circle.workflows)) {
      const entries = used.flatMap((one) => Object.entries(typeof one === "string" ? { [one]: {} } : one));
      const names = entries.map(([job, { name }]) => name ?? job);
      for (const [job, { type, requires = [] }] of entries) {
        if (type !== "approval") expect(Object.keys(circle.jobs)).toContain(job);
        for (const one of requires.flatMap((other) => (typeof other === "string" ? other : Object.keys(other))))
          expect(names).toContain(one);
      }
    }
  });
});

const inGit = spawnSync("git", ["rev-parse", "HEAD"]).status === 0;

describe.skipIf(!inGit)("the offline preview of a pull request", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-pull-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("runs as the workflow says it, in a clone, and leaves what the next job picks up", () => {
    const clone = join(folder, "clone");
    execFileSync("git", ["clone", "--quiet", ".", clone]);
    symlinkSync(resolve("node_modules"), join(clone, "node_modules"));
    const offline = workflows.find(([file]) => file === "preview.yml")?.[1].jobs["offline"];
    const command = offline?.steps.find(({ run }) => run?.startsWith("npm run preview") === true)?.run ?? "";
    const { status, stderr } = spawnSync("bash", ["-e", "-c", command], {
      cwd: clone,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: folder, STACK: "staging" },
    });
    expect(status, stderr).toBe(0);
    for (const file of ["summary.md", "report.html", "review.json"]) {
      expect(existsSync(join(clone, "preview-out/staging", file)), file).toBe(true);
    }
  });
});
