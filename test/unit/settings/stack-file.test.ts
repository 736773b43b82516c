/** A stack's file before any schema looks at it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { configOf } from "../../../graph/render/configuration.ts";
import { SettingsError, type Problem } from "../../../settings/reading/error.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { readStackFile } from "../../../settings/reading/stack-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "doks-stack-file-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The error of a file with this text; undefined where it is right. */
function errorOf(text: string): SettingsError | undefined {
  writeFileSync(join(folder, "Pulumi.own.yaml"), text);
  try {
    const file = readStackFile("own", folder);
    parseSettings("own", configOf(file.config), file);
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
}
const problems = (text: string): readonly Problem[] => errorOf(text)?.problems ?? [];

const platform = {
  environment: "local",
  cluster: { source: "kubeconfig" },
};
const file = (config: object, beside: object = {}) =>
  stringify({ ...beside, config: { "doks-systems:platform": platform, ...config } });

describe("a stack file", () => {
  it("of the platform alone is right", () => {
    expect(problems(file({}))).toEqual([]);
    expect(problems(file({}, { encryptionsalt: "v1:x", environment: ["prod"] }))).toEqual([]);
  });

  it.each<[string, object, object, Partial<Problem>]>([
    ["a key without a namespace", { foo: "bar" }, {}, { path: "foo", fix: "remove it" }],
    ["one of ours without its namespace", { bowmark: {} }, {}, { path: "bowmark", fix: "write doks-systems:bowmark" }],
    ["a provider that this program has not", { "aws:region": "x" }, {}, { path: "aws:region" }],
    ["the cluster's provider", { "kubernetes:context": "x" }, {}, { path: "kubernetes:context" }],
    [
      "a setting that the provider does not know",
      { "digitalocean:requestPerSecond": "3" },
      {},
      { fix: expect.stringContaining("did you mean digitalocean:requestsPerSecond?") as string },
    ],
    [
      "a rate that is no number",
      { "digitalocean:requestsPerSecond": "abc" },
      {},
      { path: "digitalocean:requestsPerSecond", value: '"abc"' },
    ],
    ["retries that are no count", { "digitalocean:httpRetryMax": "-1" }, {}, { path: "digitalocean:httpRetryMax" }],
    ["an address that is none", { "digitalocean:apiEndpoint": "api" }, {}, { path: "digitalocean:apiEndpoint" }],
    [
      "a key of ours beside config",
      {},
      { "doks-systems:bowmark": { imageTag: "1" } },
      { path: "doks-systems:bowmark", fix: "move it below config" },
    ],
    ["a key that a stack file has not", {}, { configs: {} }, { path: "configs" }],
  ])("is refused for %s", (_what, config, beside, expected) => {
    expect(problems(file(config, beside))).toEqual([expect.objectContaining(expected)]);
  });

  it("is refused for secrets in clear text, with the commands that encrypt them, and never shows one", () => {
    const error = errorOf(
      file({
        "digitalocean:token": "dop_v1_canary",
        "digitalocean:spacesSecretKey": "canary",
        "doks-systems:secrets": {
          bowmark: { paving: { mongoUri: "canary" }, email: { password: { secure: "v1:x" } } },
        },
      }),
    );
    expect(error?.problems.map(({ path, value, fix }) => [path, value, fix.split(";")[0]])).toEqual([
      ["digitalocean:token", "secret", "npx pulumi config set --stack own --secret digitalocean:token"],
      [
        "digitalocean:spacesSecretKey",
        "secret",
        "npx pulumi config set --stack own --secret digitalocean:spacesSecretKey",
      ],
      [
        "doks-systems:secrets.bowmark.paving.mongoUri",
        "secret",
        "npx pulumi config set --stack own --secret --path 'secrets.bowmark.paving.mongoUri'",
      ],
      ["doks-systems:secrets.bowmark", "secret", expect.stringContaining("switch the system on")],
    ]);
    expect(error?.message).not.toContain("canary");
  });

  it("takes encrypted values wherever they stand", () => {
    const config = { "digitalocean:token": { secure: "v1:x" }, "doks-systems:secrets": { secure: "v1:x" } };
    expect(problems(file({ ...config, "digitalocean:requestsPerSecond": 3 }))).toEqual([]);
  });

  it("is told the line of each problem, of the place where a missing one belongs, and of aliases where they are written", () => {
    const text = [
      "config:",
      "  doks-systems:platform:",
      "    environment: local",
      "    cluster: {source: kubeconfig}",
      "    pools:",
      "      general: &pool {size: s-4vcpu-8gb, min: 5, max: 4}",
      "      other: *pool",
      "  doks-systems:hermes:",
      "    images: {registry: localhost:5001, pullSecret: {kind: none}}",
      "    backup: false",
      "  foo: 1",
    ].join("\n");
    const found = errorOf(text)
      ?.message.split("\n")
      .filter((line) => line.includes("[line"));
    expect(found?.map((line) => /^ {2}(\S+) .*\[line (\d+)\]$/.exec(line)?.slice(1))).toEqual([
      ["foo", "11"],
      ["doks-systems:hermes.imageTag", "8"],
      ["doks-systems:platform.pools.general.max", "6"],
      ["doks-systems:platform.pools.other.max", "6"],
    ]);
  });

  it("is refused for a key that is there twice, of which the engine would take either", () => {
    const text = file({}).replace("config:", "config:\n  pulumi:tags: {a: b}\n  pulumi:tags: {a: c}");
    expect(problems(text)).toEqual([expect.objectContaining({ value: "pulumi:tags", problem: expect.any(String) })]);
  });

  it("with 25 problems shows 20, and how many more", () => {
    const unknown = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`aws:k${i}`, "x"]));
    const lines = errorOf(file(unknown))?.message.split("\n") ?? [];
    expect(lines[0]).toBe("Pulumi.own.yaml has 25 problems; nothing was run.");
    expect(lines.filter((line) => line.includes("aws:k"))).toHaveLength(20);
    expect(lines.at(-1)).toBe("  … and 5 more");
  });

  it("says no 'did you mean' where nothing is like it", () => {
    const [problem] = problems(file({ "doks-systems:platform": { ...platform, zzzzzz: 1 } }));
    expect(problem?.fix).toMatch(/^remove it \(known here: /);
  });
});

describe("no file makes the reader slow or crash", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
  for (const [i, name] of Array.from("bcdefghij").entries()) {
    bomb.push(
      `${name}: &${name} [${Array(10)
        .fill(`*${"abcdefghij"[i] ?? ""}`)
        .join(",")}]`,
    );
  }
  const keys = Array.from({ length: 200_000 }, (_, i) => `k${i}: 1`);

  it.each<[string, string]>([
    ["aliases of aliases", `config: {}\n${bomb.join("\n")}`],
    ["a group that holds itself", "config: &a\n  b: *a\n"],
    ["a list that holds itself", "config:\n  a: &a [1, *a]\n"],
    ["200,000 keys", `config:\n${keys.map((key) => `  ${key}`).join("\n")}`],
    ["60,000 keys in a megabyte", `config: {${keys.slice(0, 60_000).join(", ")}}`],
    ["100,000 levels", `config: ${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["1,000 levels", `config: {a: ${"[".repeat(1000)}${"]".repeat(1000)}}`],
    ["no YAML", "config: {"],
    ["a text", "config"],
    ["a list", "- config"],
    ["nothing", ""],
    ["bytes", "\u0000\u0001"],
  ])("%s", (_what, text) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ path: "Pulumi.own.yaml", value: "file" });
  });
});
