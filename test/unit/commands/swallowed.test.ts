/**
 * Options before which nobody typed `--`: npm itself decides what becomes of them. npm 10.9 and 11.19 set the same variables.
 */
import { describe, expect, it } from "vitest";
import { npm } from "./support.ts";

describe("an option that npm takes for its own", () => {
  it.each([
    ["preview prod --base=main", "npm run preview -- prod --base main"],
    ["preview prod --base main", "npm run preview -- prod --base main"],
    ["preview --base main prod", "npm run preview -- prod --base main"],
    // These are options of npm, too, so it does not even warn.
    ["preview prod --json", "npm run preview -- prod --json"],
    ["preview --all", "npm run preview -- --all"],
    ["preview prod --depth 2", "npm run preview -- prod --depth 2"],
    ["preview prod --out x --fail-on-data-loss", "npm run preview -- prod --fail-on-data-loss --out x"],
    ["preview staging --against prod", "npm run preview -- staging --against prod"],
    // A check that nobody notices to be gone would be the worst.
    ["preview prod --fail-on-polic", "npm run preview -- prod --fail-on-policy"],
    ["up prod --refresh", "npm run up -- prod --refresh"],
  ])("npm run %s is refused, with the line to type", async (line, typed) => {
    const { code, stdout, last } = await npm(...line.split(" "));
    expect(code).toBe(2);
    expect(last).toMatch(/^exit 2: npm took --\S+/);
    expect(last.endsWith(`; type: ${typed}`), last).toBe(true);
    expect(stdout).not.toContain("would create");
  });
});
