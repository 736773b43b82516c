/** Settings that are allowed, and of which the preview says what may come of them. */
import { describe, expect, it } from "vitest";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { parseSettings } from "../../../systems/settings.ts";

describe("a Redis whose disk may be too small", () => {
  const about = (stack: string, settings: object) =>
    parseSettings(stack, readStackFile(stack, { "doks-systems:gx": settings }))
      .notices.filter(({ path }) => path.endsWith("redis.storage"))
      .map(({ path, text }) => `${path}: ${text}`);

  it("is none of those that are shipped", () => {
    for (const stack of ["prod", "staging", "local"]) expect(about(stack, {})).toEqual([]);
  });

  it("has less than five times its data", () => {
    const redis = (storage: string) => ({ redis: { kind: "in-cluster", storage, maxMemory: "512Mi" } });
    expect(about("prod", redis("2Gi"))).toEqual([
      expect.stringMatching(/^doks-systems:gx\.redis\.storage: is less than 5 times maxMemory \(512Mi\)/),
    ]);
    expect(about("prod", redis("2560Mi"))).toEqual([]);
  });
});
