/** `npm run explain`: what is asked for is found, however it is said, and is what the reference and the stack files have. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { find, pathOf } from "../../../docs/explain/find.ts";
import { valueIn } from "../../../docs/explain/values.ts";
import { keptEffects } from "../../../docs/generate/effects/all.ts";
import { settingRows } from "../../../docs/generate/settings-reference.ts";
import { command } from "./support.ts";

const rows = settingRows(keptEffects());
const exact = (typed: string) => find(typed, rows).exact.map((one) => `${pathOf(one)} ${one.row.path}`);

describe("a setting", () => {
  it.each([
    ["gx.database.size", ["gx.database.size database[managed].size"]],
    ["doks-systems:gx.database.size", ["gx.database.size database[managed].size"]],
    ["gx.database[existing].version", ["gx.database.version database[existing].version"]],
    [
      "platform.pools.general.max",
      ["platform.pools.general.max pools.*.max", "platform.pools.general.max pools.*[existing].max"],
    ],
    [
      'platform.pools["my pool"].max',
      ["platform.pools.my pool.max pools.*.max", "platform.pools.my pool.max pools.*[existing].max"],
    ],
    [
      "gx.workloads.svc-identity.resources.limits.memory",
      ["gx.workloads.svc-identity.resources.limits.memory resources.limits.memory"],
    ],
    [
      "gx.workloads.svc-identity.probes.readiness.http.path",
      ["gx.workloads.svc-identity.probes.readiness.http.path http.path"],
    ],
    // The end of only one.
    ["svc-identity.tag", ["gx.workloads.svc-identity.tag tag"]],
    ["connectionLimit", ["gx.connectionLimit connectionLimit"]],
  ])("is found by %s", (typed, expected) => {
    expect(exact(typed)).toEqual(expected);
  });

  it("is found in each of its kinds", () => {
    expect(exact("gx.database.version")).toHaveLength(3);
  });

  it("is one of several where its path is only the end of theirs", () => {
    expect(find("imageTag", rows).ending.map(pathOf)).toEqual([
      "hermes.imageTag",
      "gx.imageTag",
      "bowmark.imageTag",
      "caracal.imageTag",
    ]);
  });

  it("that is no workload's, or none at all, is not found; what is like it is named", () => {
    expect(find("gx.workloads.nobody.tag", rows)).toMatchObject({ exact: [], ending: [] });
    expect(find("gx.databse.size", rows).alike).toContain("gx.database.size");
    expect(find("zzzzzz", rows)).toEqual({ exact: [], ending: [], alike: [] });
  });

  it("is found at every path of the reference", () => {
    const lost = rows.filter(({ group, path }) => {
      const start = group === "workloads" ? "gx.workloads.svc-identity" : group;
      const whole = group === "probe" ? `gx.workloads.svc-identity.probes.liveness.${path}` : `${start}.${path}`;
      return !find(whole.replaceAll("*", "name"), rows).exact.some(
        ({ row }) => row.group === group && row.path === path,
      );
    });
    expect(lost.map(({ group, path }) => `${group}.${path}`)).toEqual([]);
  });

  it("is what each stack file has, or its default, or not there", () => {
    const [size] = find("gx.database.size", rows).exact;
    const [limit] = find("gx.connectionLimit", rows).exact;
    if (size === undefined || limit === undefined) throw new Error("not found");
    expect(valueIn("prod", size)).toMatchObject({ text: '"db-s-1vcpu-2gb"' });
    expect(valueIn("staging", size)).toMatchObject({ text: "not there: database is in-cluster", line: undefined });
    expect(valueIn("prod", limit)).toMatchObject({ text: "not set: 3" });
    const line = valueIn("prod", size).line ?? 0;
    expect(readFileSync("Pulumi.prod.yaml", "utf8").split("\n")[line - 1]).toContain("size: db-s-1vcpu-2gb");
  });
});

describe("npm run explain", () => {
  it("tells meaning, form, default, effect, the value in each stack, and the line of the reference", async () => {
    const { code, stdout } = await command("explain", "gx.database.size");
    expect(code).toBe(0);
    for (const words of [
      /^gx\.database\.size {2}with database: managed$/m,
      /^ {2}Size of each of its nodes\.$/m,
      /^ {2}may be +database size slug, such as db-s-2vcpu-4gb$/m,
      /^ {2}default +required$/m,
      /^ {2}a change +.*a managed database never shrinks$/m,
      /^ {2}prod +"db-s-1vcpu-2gb" {2}Pulumi\.prod\.yaml:\d+$/m,
      /^ {2}staging +not there: database is in-cluster$/m,
    ])
      expect(stdout).toMatch(words);
    const line = Number(/docs\/reference\/settings\.md:(\d+)$/m.exec(stdout)?.[1]);
    const reference = readFileSync("docs/reference/settings.md", "utf8").split("\n");
    expect(reference[line - 1]).toMatch(/^\| `database\[managed\]\.size` \|/);
    const heading = reference.slice(0, line).findLast((text) => text.startsWith("## "));
    expect(heading).toBe("## `doks-systems:gx`");
  });

  it("names what was meant", async () => {
    const { code, last } = await command("explain", "gx.databse.size");
    expect(code).toBe(2);
    expect(last).toMatch(/^exit 2: there is no setting gx\.databse\.size: did you mean gx\.database\.size, /);
  });
});
