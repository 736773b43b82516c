/** How a preview ends, what can be left out of it, two stacks side by side, and what programs read. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { render } from "../../../graph/render/render.ts";
import { reviewJson } from "../../../preview/report/json.ts";
import { terminalTree } from "../../../preview/report/terminal/tree.ts";
import type { Danger } from "../../../preview/review/danger.ts";
import { review } from "../../../preview/review/review.ts";
import { narrowed } from "../../../preview/narrow.ts";
import { secretRows, settingRows } from "../../../preview/stack-settings.ts";
import { verdict } from "../../../preview/verdict.ts";
import { command, npm, run } from "./support.ts";

const danger = (kind: Danger["kind"], resource = `${kind} of it`): Danger => ({
  ...{ kind, level: "stop", urn: "", resource, text: "is in danger" },
});

describe("the last line of a preview", () => {
  it.each([
    ["failOnDataLoss", "protection", 3, "--fail-on-data-loss"],
    ["failOnDataLoss", "data", 3, "--fail-on-data-loss"],
    ["failOnPolicy", "policy", 4, "--fail-on-policy"],
    ["failOnCapacity", "capacity", 5, "--fail-on-capacity"],
    ["failOnAvailability", "availability", 6, "--fail-on-availability"],
    ["failOnExposure", "exposure", 7, "--fail-on-exposure"],
  ] as const)("%s fails for %s alone, with %i", (option, kind, code, flag) => {
    const found = verdict([danger(kind)], { [option]: true });
    expect(found.code).toBe(code);
    expect(found.reason).toContain(`${kind} of it (${flag})`);
    const others = (["data", "policy", "exposure", "availability", "capacity"] as const).filter(
      (other) => other !== kind && !(kind === "protection" && other === "data"),
    );
    expect(
      verdict(
        others.map((other) => danger(other)),
        { [option]: true },
      ).code,
    ).toBe(0);
  });

  it("names all that fail, and the code is that of the first", () => {
    const all = { failOnCapacity: true, failOnPolicy: true, failOnExposure: true } as const;
    const { code, reason } = verdict(
      [
        danger("capacity", "pool a"),
        danger("exposure", "Gateway g"),
        danger("policy", "Deployment d"),
        danger("data", "x"),
      ],
      all,
    );
    expect(code).toBe(4);
    expect(reason).toBe(
      "a mandatory rule is broken: Deployment d (--fail-on-policy); what the internet reaches changes: Gateway g (--fail-on-exposure); not everything finds a node: pool a (--fail-on-capacity)",
    );
  });

  it("says what is in danger although no option makes it fail", () => {
    const { code, reason } = verdict([danger("data", "Vpc a"), danger("data", "Vpc b"), danger("data", "Vpc c")], {});
    expect(code).toBe(0);
    expect(reason).toMatch(/no option makes it fail.*in danger: Vpc a and 2 more \(--fail-on-data-loss\)$/);
    expect(verdict([], { failOnDataLoss: true })).toEqual({ code: 0, reason: "nothing is in danger" });
  });
});

describe("npm run preview", () => {
  it("ends with its verdict, and cuts its tree where it is told to", async () => {
    const { code, stdout, last } = await npm("preview", "--", "prod", "--depth", "1");
    expect(code).toBe(0);
    expect(last).toMatch(/^exit 0: /);
    expect(stdout).toMatch(/^gx Gx {2}\d+ resources below$/m);
    expect(stdout).not.toContain("├─");
  });

  it("shows one system alone, by its name or the key of its settings", async () => {
    const { stdout } = await command("preview", "prod", "--system", "bowmark");
    expect(stdout).toContain("Deployment bow-mark/server-deployment");
    expect(stdout).not.toMatch(/Deployment (caracal|kafka|dotdo|backend-mainnet)\//);
    expect(stdout).not.toContain("secrets.gx.");
    expect(stdout).toContain("secrets.bowmark.paving.mongoUri");
  });

  it("compares two stacks, settings first", async () => {
    const { code, stdout, last } = await command("preview", "staging", "--against", "prod");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {4}gx\.database\.kind +in-cluster +managed$/m);
    expect(stdout).toMatch(/^ {4}platform\.pools\.general\.max +4 +32$/m);
    expect(stdout).toMatch(/^ {4}only in prod\n(.*\n)*? {6}DatabaseCluster gx-postgres-prod$/m);
    expect(stdout).toMatch(/Deployment gateway image +…:v0\.3-rc\.1 +…:v0\.3$/m);
    expect(last).toMatch(
      /^exit 0: \d+ settings differ; \d+ resources are only in staging, \d+ only in prod, \d+ differ$/,
    );
  });
});

describe("a tree that is cut", () => {
  it("counts what is below, and everything is in it or below", async () => {
    const rendering = await render("prod");
    const made = rendering.resources.filter(({ custom }) => custom).length;
    for (const depth of [1, 2, 3]) {
      const text = terminalTree({ stack: "prod", resources: review(rendering, []).resources }, depth);
      const below = [...text.matchAll(/(\d+) resources? below/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      const shown = text.split("\n").filter((line) => /^[ │├└─]*\+ \w/.test(line)).length;
      expect(below + shown).toBe(made);
    }
  });

  it("of all systems together is the whole tree", async () => {
    const whole = review(await render("prod"), []);
    const parts = ["platform", "hermes", "gx", "dotdo", "bowmark", "caracal"].map((system) => narrowed(whole, system));
    const made = (resources: typeof whole.resources) => resources.filter(({ parent }) => parent !== undefined).length;
    expect(parts.reduce((sum, { resources }) => sum + made(resources), 0)).toBe(made(whole.resources));
    const cost = parts.reduce((sum, { cost: { items } }) => sum + items.length, 0);
    expect(cost).toBe(whole.cost.items.filter(({ system }) => system !== "account").length);
  });
});

describe("settings side by side", () => {
  it("are none for a stack beside itself", async () => {
    const prod = await render("prod");
    expect(settingRows(prod, prod)).toEqual([]);
    expect(secretRows(prod, prod)).toEqual([]);
  });

  it("say of a secret whether it is set, not set or not needed, and never more", async () => {
    const rows = secretRows(await render("prod"), await render("local"));
    expect(rows.length).toBeGreaterThan(0);
    for (const [path, ...states] of rows) {
      expect(path).toMatch(/^secrets\./);
      for (const state of states) expect(["set", "not set", "not needed"]).toContain(state);
    }
  });
});

describe("what programs read", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-json-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const schema = JSON.parse(readFileSync("docs/reference/preview.schema.json", "utf8")) as object;
  const ajv = new Ajv({ strict: false, allErrors: true }).addSchema(schema, "preview");
  const expectValid = (of: "resources" | "changes" | "review", text: string) => {
    const validate = ajv.getSchema(`preview#/properties/${of}`);
    const value: unknown = JSON.parse(text);
    void validate?.(value);
    expect(validate?.errors?.slice(0, 3) ?? []).toEqual([]);
    expect(validate).toBeDefined();
  };

  it("is nothing but JSON with npm's -s, in the form that the schema says", async () => {
    const { code, stdout, stderr } = await run("npm", ["run", "-s", "preview", "--", "prod", "--json"]);
    expect(code).toBe(0);
    expectValid("resources", stdout);
    expect(stderr).toMatch(/^exit 0: /);
  });

  it("is as the schema says where much changes", async () => {
    const now = await render("prod");
    const before = await render("prod", { "doks-systems:dotdo": null, "doks-systems:gx": { imageTag: "1.9.0" } });
    const other = await render("prod", { "doks-systems:caracal": null });
    for (const [one, two] of [
      [before, now],
      [now, other],
    ] as const) {
      const compared = review(two, [], { reference: "before", resources: maskedResources(one) });
      expect(compared.change?.changes.length).toBeGreaterThan(10);
      expectValid("changes", JSON.stringify(compared.change?.changes));
      expectValid("review", JSON.stringify(reviewJson(compared)));
    }
  });

  it("is in files as the schema says, with and without a comparison", async () => {
    expect((await command("preview", "staging", "--out", folder)).code).toBe(0);
    expectValid("resources", readFileSync(join(folder, "resources.json"), "utf8"));
    expectValid("review", readFileSync(join(folder, "review.json"), "utf8"));
    const compared = await command("preview", "staging", "--base", "HEAD", "--json", "--out", folder);
    // Outside of a git checkout there is nothing to compare with.
    if (compared.code !== 0) return;
    expectValid("changes", compared.stdout);
    expectValid("review", readFileSync(join(folder, "review.json"), "utf8"));
  });
});
