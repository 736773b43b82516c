import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resourceOf, type Resource } from "../../../graph/resource.ts";
import { masked, maskedInputs } from "../../../graph/masking.ts";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { money } from "../../../preview/review/cost/cost.ts";
import { parseSettings } from "../../../systems/settings.ts";

function preview(...args: string[]) {
  return spawnSync(process.execPath, ["preview/cli.ts", ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
}

describe("npm run preview", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "doks-preview-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("shows what an update would create, and what must be set before one", () => {
    const { status, stdout } = preview("prod");
    expect(status).toBe(0);
    expect(stdout).toContain("+ Deployment bow-mark/server-deployment");
    expect(stdout).toContain("+ KubernetesCluster doks-prod  protected");
    expect(stdout).toMatch(/\d+ resources: \d+ digitalocean, \d+ kubernetes, \d+ random/);
    expect(stdout).toContain("npx pulumi config set --stack prod --secret --path 'secrets.bowmark.paving.mongoUri'");
  });

  it("says what it costs, whether it fits, and what policy says", () => {
    const { stdout } = preview("prod");
    const { min = 0, max = 0 } = parseSettings("prod", readStackFile("prod")).platform.pools["general"] ?? {};
    // Everything else costs so much, and a node of this pool $ 48.
    const sum = money({ min: 441.4 + 48 * min, max: 549.4 + 48 * max });
    expect(stdout).toContain(`\nCost ${sum} a month `);
    expect(stdout).toMatch(new RegExp(`^ {4}general +${min} to ${max} × s-4vcpu-8gb +\\d+ % to \\d+ %`, "m"));
    expect(stdout).toMatch(/^Policy all \d+ rules hold /m);
    expect(stdout).toContain("waived volumes-retained: StatefulSet bow-mark/postgres");
  });

  it("fails on a broken rule where it is asked to, and names it", () => {
    const { config } = parse(readFileSync("Pulumi.staging.yaml", "utf8")) as { config: Record<string, unknown> };
    const only = {
      "doks-systems:platform": config["doks-systems:platform"],
      "doks-systems:caracal": config["doks-systems:caracal"],
    };
    const file = stringify({ config: only }).replace(/imageTag: .*/, "imageTag: latest");
    writeFileSync(join(folder, "Pulumi.staging.yaml"), file);
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(process.cwd(), "preview/cli.ts"), "staging", ...args], {
        cwd: folder,
        encoding: "utf8",
        env: { PATH: process.env["PATH"] },
      });
    expect(run().status).toBe(0);
    const { status, stdout } = run("--fail-on-policy");
    expect(status).toBe(4);
    expect(stdout).toMatch(/✗ image-pinned: Deployment \S+ container \S+ runs\s+\S+:latest, a tag that moves/);
  });

  it("writes one file an object, and resources that name parent, dependencies and connections", () => {
    const { status } = preview("staging", "--out", folder);
    expect(status).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual([
      "manifests",
      "report.html",
      "resources.json",
      "review.json",
      "summary.md",
    ]);
    expect(readdirSync(join(folder, "manifests", "bow-mark"))).toContain("deployment-server-deployment.yaml");
    const resources = JSON.parse(readFileSync(join(folder, "resources.json"), "utf8")) as Resource[];
    const worker = resources.find(({ name, type }) => name === "bow-mark-worker" && type.endsWith(":Workload"));
    expect(Object.keys(worker ?? {})).toEqual(
      expect.arrayContaining(["urn", "type", "name", "parent", "inputs", "dependsOn", "connectsTo", "protect"]),
    );
    expect(worker).not.toHaveProperty("outputs");
    expect(worker?.connectsTo).toContainEqual({ kind: "pods", target: "postgres", ports: [5432] });
    expect(worker?.parent).toMatch(/^urn:pulumi:staging::doks-systems::doks-systems:bowmark:BowMark::bow-mark$/);
  });

  it("replaces an earlier preview, and refuses a folder that holds something else", () => {
    expect(preview("local", "--out", folder).status).toBe(0);
    expect(preview("local", "--out", folder).status).toBe(0);
    writeFileSync(join(folder, "thesis.txt"), "years of work");
    const refused = preview("local", "--out", folder);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("thesis.txt");
    expect(refused.stderr).not.toContain("    at ");
    expect(readdirSync(folder)).toContain("thesis.txt");
  });

  it("prints JSON that a program can read", () => {
    const { status, stdout } = preview("local", "--json");
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as Resource[]).length).toBeGreaterThan(100);
  });

  it.each([
    [["prod", "--nonsense"], 2, "--nonsense"],
    [[], 2, "name a stack"],
    [["nowhere"], 2, "Pulumi.nowhere.yaml"],
  ])("refuses %j in one sentence", (args, code, words) => {
    const { status, stderr } = preview(...args);
    expect(status).toBe(code);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("    at ");
  });
});

describe("a stack file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "doks-stack-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const file = (text: string) => {
    writeFileSync(join(folder, "Pulumi.x.yaml"), text);
  };

  it("is read without decrypting: a placeholder takes the place of each secret", () => {
    file("config:\n  doks-systems:secrets: { bowmark: { search: { apiKey: { secure: v1:AAAA } } } }\n");
    const secrets = JSON.parse(readStackFile("x", {}, folder)["doks-systems:secrets"] ?? "") as unknown;
    expect(secrets).toEqual({ bowmark: { search: { apiKey: "encrypted-bowmark-search-apiKey" } } });
  });

  it("is patched key by key; null removes", () => {
    file("config: { a: { b: 1, c: 2, d: [1, 2] } }\n");
    const patched = readStackFile("x", { a: { b: null, c: 3, d: [4] }, e: "f" }, folder);
    expect(patched).toEqual({ a: '{"c":3,"d":[4]}', e: "f" });
  });

  it.each([
    ["config: [", "is not YAML"],
    ["nothing: here", "has no settings"],
  ])("that reads %j is refused by name", (text, problem) => {
    file(text);
    expect(() => readStackFile("x", {}, folder)).toThrow(problem);
  });
});

describe("masking", () => {
  const resource = (type: string, inputs: Record<string, unknown>, secretPaths: string[][] = []) =>
    resourceOf({ urn: "urn", name: "r", type, inputs, secretPaths });

  it("keeps the shape and hides every leaf", () => {
    expect(masked({ a: "x", b: [1, { c: true }] })).toEqual({ a: "[secret]", b: ["[secret]", { c: "[secret]" }] });
  });

  it("hides what is marked, and a Secret's values even when nobody marked them", () => {
    expect(maskedInputs(resource("x", { a: { b: "s", c: "t" } }, [["a", "b"]]))).toEqual({
      a: { b: "[secret]", c: "t" },
    });
    const secret = resource("kubernetes:core/v1:Secret", { stringData: { password: "s" } });
    expect(maskedInputs(secret)).toEqual({ stringData: { password: "[secret]" } });
  });
});
