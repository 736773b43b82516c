/** What a careless edit of a stack's file would have DigitalOcean or Kubernetes refuse in the middle of an update. */
import { describe, expect, it } from "vitest";
import { problems } from "../../../support/stack.ts";

export const platform = "doks-systems:platform";
export const bowmark = "doks-systems:bowmark";
export const hermes = "doks-systems:hermes";
export const gx = "doks-systems:gx";
export const dotdo = "doks-systems:dotdo";
export const caracal = "doks-systems:caracal";
export type Patch = Record<string, unknown>;

export const pools = (all: Patch) => ({ [platform]: { pools: all } });
export const workload = (key: string, name: string, setting: Patch) => ({ [key]: { workloads: { [name]: setting } } });

/** What is refused, settings over production's, the path of the problem, and what it says. */
export type Case = [what: string, patch: Patch, path: string, problem: RegExp];

/** Each is refused, before an update begins. */
export function expectRefused(cases: readonly Case[]): void {
  describe("what would be refused in the middle of an update is refused before", () => {
    it.each(cases)("%s", (_what, patch, path, problem) => {
      expect(problems("prod", patch)).toContainEqual(
        expect.objectContaining({ path, problem: expect.stringMatching(problem) as string }),
      );
    });
  });
}
