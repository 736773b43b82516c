/** Every stack keeps the rules, but for what is waived with a reason. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { evaluate, isBroken } from "../../policy/evaluate.ts";
import { readWaivers } from "../../policy/waivers.ts";
import { maskedResources } from "../../graph/masking.ts";
import type { Patch } from "../../graph/render/configuration.ts";
import { stack } from "../support/stack.ts";

describe("every stack", () => {
  const policy = async (name: string, patch: Patch = {}) => {
    const given = maskedResources((await stack(name, patch)).rendering);
    return { given, ...evaluate(name, given, readWaivers()) };
  };
  let prod: Awaited<ReturnType<typeof policy>>;
  beforeAll(async () => {
    prod = await policy("prod");
  });

  it.each(["prod", "staging", "local"])(
    "%s breaks no rule that is not waived, and needs every waiver",
    async (name) => {
      const { findings, unused } = await policy(name);
      expect(findings.filter(({ waived }) => waived === undefined)).toEqual([]);
      expect(unused).toEqual([]);
    },
  );

  it("a waiver names its resource: another one breaks the rule still", () => {
    const others = readWaivers().map((waiver) => ({ ...waiver, resources: ["StatefulSet bow-mark/other"] }));
    const { findings, unused } = evaluate("prod", prod.given, others);
    expect(findings.filter(isBroken).map(({ resource: name }) => name)).toEqual([
      "StatefulSet bow-mark/postgres",
      "StatefulSet bow-mark/rabbitmq",
    ]);
    expect(unused).toEqual([{ rule: "volumes-retained", resource: "StatefulSet bow-mark/other" }]);
  });

  it("a waiver is for the stacks that it names", () => {
    const elsewhere = readWaivers().map((waiver) => ({ ...waiver, stacks: ["staging"] }));
    expect(evaluate("prod", prod.given, elsewhere).findings.filter(isBroken)).toHaveLength(2);
  });

  it("taking the protection off anything that prod protects for its data is found", () => {
    const holding = prod.given.filter(({ protect, type }) => protect && !/NodePool|Vpc$/.test(type));
    expect(holding.length).toBeGreaterThan(15);
    for (const one of holding) {
      const changed = prod.given.map((other) => (other === one ? { ...other, protect: false } : other));
      const broken = evaluate("prod", changed, readWaivers()).findings.filter(isBroken);
      expect(broken.map(({ urn, rule }) => `${rule} ${urn}`)).toEqual(
        // A namespace without a set or a claim in it is protected all the same, for what people put there.
        /Namespace$/.test(one.type) && broken.length === 0 ? [] : [`data-protected ${one.urn}`],
      );
    }
  });
});

describe("waivers.yaml", () => {
  it("names stacks that there are", () => {
    for (const name of readWaivers().flatMap(({ stacks }) => stacks))
      expect(existsSync(`Pulumi.${name}.yaml`), name).toBe(true);
  });

  it("is refused with the entry and the reason when something is wrong", () => {
    const folder = mkdtempSync(join(tmpdir(), "waivers-"));
    const file = pathToFileURL(join(folder, "waivers.yaml"));
    const read = (text: string) => {
      writeFileSync(file, text);
      return () => readWaivers(file);
    };
    try {
      expect(
        read("- {rule: no-such-rule, stacks: [prod], resources: [x], reason: a reason that is long enough}"),
      ).toThrow(/policy\/waivers\.yaml.*[^]*\[0\]\.rule/);
      expect(read("- {rule: image-pinned, stacks: [prod], resources: [x], reason: because}")).toThrow(
        /a reason is a sentence/,
      );
      expect(read("")()).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
