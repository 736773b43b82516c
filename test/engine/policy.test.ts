/** The policy pack under the real engine: it says what the offline preview says, before and after things exist. */
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../graph/render/configuration.ts";
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

  it("knows production: without its waivers, both are found", async () => {
    const folder = mkdtempSync(join(tmpdir(), "doks-pack-"));
    try {
      const project = readdirSync(".").filter(
        (name) => !name.startsWith(".") && !["node_modules", "test"].includes(name),
      );
      for (const name of project) cpSync(name, join(folder, name), { recursive: true });
      symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
      writeFileSync(join(folder, "policy/waivers.yaml"), "");
      const { code, output } = await (await open("prod")).run(["preview", "--policy-pack", join(folder, "policy")]);
      expect(code).not.toBe(0);
      for (const name of ["postgres", "rabbitmq"])
        expect(output).toContain(`StatefulSet bow-mark/${name} its claims use do-block-storage`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("stops an update that breaks a rule, by the rule's name and its words, and nothing is made", async () => {
    const stage = await open("staging", { ...only("caracal"), "doks-systems:caracal": { imageTag: "latest" } });
    const { code, output } = await stage.run(["up", "--yes", ...pack]);
    expect(code).not.toBe(0);
    expect(output).toContain("image-pinned");
    expect(output).toContain("latest, a tag that moves");
    expect(await stage.resources()).toEqual([]);
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
