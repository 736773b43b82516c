/** Whatever a stack file holds: one error, and each problem complete. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { SettingsError, type Problem } from "../../../settings/reading/error.ts";
import type { StackConfig } from "../../../settings/index.ts";
import { parseSettings } from "../../../systems/settings.ts";

const bowmark = "doks-systems:bowmark";
const hermes = "doks-systems:hermes";
const gx = "doks-systems:gx";
const dotdo = "doks-systems:dotdo";
const caracal = "doks-systems:caracal";
const platform = "doks-systems:platform";

describe("whatever a stack file holds", () => {
  const anyJson = fc.jsonValue();
  /** Replaces one value somewhere in the settings by anything at all; the deeper ones are those of the workloads. */
  const damaged = fc.record({
    stack: fc.constantFrom("prod", "local"),
    key: fc.constantFrom(platform, hermes, gx, dotdo, bowmark, caracal),
    steps: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
    value: anyJson,
  });

  it("nothing but the one error is thrown, and each problem names path, value and fix", () => {
    const files = { prod: readStackFile("prod"), local: readStackFile("local") };
    fc.assert(
      fc.property(damaged, ({ stack, key, steps, value }) => {
        const good = files[stack];
        const group = JSON.parse(good[key] ?? "{}") as Record<string, unknown>;
        damage(group, steps, value);
        const found = problemsOf(stack, () => ({ ...good, [key]: JSON.stringify(group) }));
        for (const problem of found) expectComplete(problem);
      }),
      { numRuns: 1000 },
    );
  });

  it("the same for whole groups of anything", () => {
    fc.assert(
      fc.property(anyJson, anyJson, anyJson, (a, b, c) => {
        const config = {
          [platform]: JSON.stringify(a),
          [bowmark]: JSON.stringify(b),
          "doks-systems:secrets": JSON.stringify(c),
        };
        for (const problem of problemsOf("prod", () => config)) expectComplete(problem);
      }),
      { numRuns: 300 },
    );
  });

  it("the same for secrets, none of which is ever shown", () => {
    const good = readStackFile("prod");
    const canary = fc.constantFrom("canary", ["canary"], { canary: "canary" }, { mongoUri: "canary", x: "canary" });
    const group = fc.dictionary(fc.constantFrom("paving", "concrete", "email", "search", "bucket", "x"), canary);
    const tree = fc.oneof(canary, fc.dictionary(fc.constantFrom("bowmark", "hermes"), fc.oneof(canary, group)));
    fc.assert(
      fc.property(tree, (secrets) => {
        const found = problemsOf("prod", () => ({ ...good, "doks-systems:secrets": JSON.stringify(secrets) }));
        for (const problem of found) {
          expectComplete(problem);
          expect(problem.value).toBe("secret");
        }
      }),
      { numRuns: 300 },
    );
  });

  it("the same for texts that are not JSON", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const problem of problemsOf("prod", () => ({ [platform]: text }))) expectComplete(problem);
      }),
    );
  });
});

function problemsOf(stack: string, config: () => StackConfig): readonly Problem[] {
  try {
    parseSettings(stack, config());
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

function damage(place: Record<string, unknown>, [step = 0, ...further]: readonly number[], value: unknown): void {
  const names = Object.keys(place);
  const name = names[step % names.length] ?? "new";
  const inner = place[name];
  if (further.length > 0 && typeof inner === "object" && inner !== null) {
    damage(inner as Record<string, unknown>, further, value);
  } else place[name] = value;
}

function expectComplete(problem: Problem): void {
  expect(problem.path).toMatch(/^doks-systems:[a-z]+/);
  for (const part of [problem.value, problem.problem, problem.fix]) expect(part).not.toBe("");
  expect(problem.fix).not.toMatch(/undefined|\[object/);
}
