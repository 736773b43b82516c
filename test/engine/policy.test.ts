/** The policy pack under the real engine: it says what the offline preview says, before and after things exist. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../preview/render/stack-file.ts";
import { rules } from "../../policy/rules/index.ts";
import { Stage, noEngine, only } from "../support/stage.ts";

const pack = ["--policy-pack", fileURLToPath(new URL("../../policy", import.meta.url))];

describe.skipIf(noEngine !== undefined)("the policy pack", () => {
  const opened: Stage[] = [];
  const open = async (stack: string, patch: Patch = {}) => {
    const stage = await Stage.open(stack, patch);
    opened.push(stage);
    return stage;
  };
  afterAll(async () => {
    await Promise.all(opened.map((stage) => stage.close()));
  });

  it("accepts all of production before anything of it exists, waivers included", async () => {
    const { code, output } = await (await open("prod")).run(["preview", ...pack]);
    expect(output).toContain("Loading policy packs...: done");
    expect(output).not.toMatch(/\[(mandatory|advisory)\]/);
    expect(code).toBe(0);
  });

  it("stops an update that breaks a rule, by the rule's name and its words, and nothing is made", async () => {
    const stage = await open("staging", { ...only("caracal"), "doks-systems:caracal": { imageTag: "latest" } });
    const { code, output } = await stage.run(["up", "--yes", "--skip-preview", ...pack]);
    expect(code).not.toBe(0);
    expect(output).toContain("image-pinned");
    expect(output).toContain("latest, a tag that moves");
    for (const { name } of rules.filter((rule) => rule.name !== "image-pinned")) expect(output).not.toContain(name);
  });

  describe("on a stack that exists", () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await open("staging", only("gx"));
      await stage.mustUp(...pack);
    });

    it("accepts it as it is: what Kubernetes added breaks no rule", async () => {
      const { code, output } = await stage.run(["preview", "--expect-no-changes", ...pack]);
      expect(output).not.toMatch(/\[(mandatory|advisory)\]/);
      expect(code, output).toBe(0);
    });
  });
});
