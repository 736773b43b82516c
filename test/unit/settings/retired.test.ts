/** `retired`: what it may be, and what it lets others have. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { problems, systemKeys } from "../../support/stack.ts";

const gx = (retired: unknown, more: object = {}) => ({ "doks-systems:gx": { retired, ...more } });
const facts = (patch: object) => parseSettings("prod", readStackFile("prod", patch as never)).facts;

describe("retired", () => {
  it("is off unless a stack says it, for every system", () => {
    for (const key of systemKeys) expect(facts({})[`doks-systems:${key}`]?.presence).toBe("running");
  });

  it("knows what is left of it for each thing that a stack may say", () => {
    const presence = (retired: unknown) => facts(gx(retired))["doks-systems:gx"]?.presence;
    expect([false, true, { lastBackup: true }, { dataGoes: "gx" }].map(presence)).toEqual([
      ...["running", "retired", "dumping", "given-up"],
    ]);
  });

  it("gives up the data of the system that is named, and of no other", () => {
    const found = problems("prod", gx({ dataGoes: "hermes" }));
    expect(found).toMatchObject([
      { path: "doks-systems:gx.retired.dataGoes", fix: "type gx, or use true to keep its data" },
    ]);
  });

  it("gives nothing up without a backup that could dump it, unless that is said", () => {
    expect(problems("prod", gx({ dataGoes: "gx" }, { backup: false }))).toMatchObject([
      { path: "doks-systems:gx.retired.dataGoes", problem: "gives up data that no backup dumps" },
    ]);
    expect(problems("prod", gx({ lastBackup: true }, { backup: false }))).toMatchObject([
      { path: "doks-systems:gx.retired.lastBackup" },
    ]);
    expect(problems("prod", gx({ dataGoes: "gx", withoutBackup: true }, { backup: false }))).toEqual([]);
    const dotdo = (retired: object) => problems("prod", { "doks-systems:dotdo": { retired } });
    expect(dotdo({ dataGoes: "dotdo" })).toHaveLength(1);
    expect(dotdo({ dataGoes: "dotdo", withoutBackup: true })).toEqual([]);
  });

  it("is what the runbook says, step by step", () => {
    const steps = [
      ...readFileSync("docs/runbooks/retire.md", "utf8").matchAll(/^\| \d\. [^|]*\| `(retired: [^`]+)`/gm),
    ];
    const settings = steps.map(([, text = ""]) => parse(text) as object);
    expect(settings).toHaveLength(3);
    for (const setting of settings) expect(problems("prod", { "doks-systems:gx": setting })).toEqual([]);
    expect(settings.map((setting) => facts({ "doks-systems:gx": setting })["doks-systems:gx"]?.presence)).toEqual([
      ...["retired", "dumping", "given-up"],
    ]);
  });

  it("is named where the key of a system is gone and its secrets are not, before anybody removes those", () => {
    const secrets = { gx: { jwtSecret: "that is long enough, 32 characters" } };
    const given = { "doks-systems:gx": null, "doks-systems:secrets": secrets };
    expect(problems("prod", given)).toMatchObject([
      { path: "doks-systems:secrets.gx", fix: expect.stringContaining("keep its key with retired: true") as string },
    ]);
    const [other] = problems("staging", given);
    expect(other?.fix).toBe("switch the system on with doks-systems:gx, or remove it");
  });

  it("says in one line what it may be", () => {
    for (const wrong of ["yes", { dataGoes: "gx", lastBackup: true }, { lastBackup: false }])
      expect(
        problems("prod", gx(wrong))
          .map(({ path }) => path)
          .join(),
      ).toContain("doks-systems:gx.retired");
  });

  it("says in every preview what stays, what is paid for, and how it comes back", () => {
    const { notices } = parseSettings("prod", readStackFile("prod", gx(true)));
    const [notice, ...others] = notices.filter(({ path }) => path.startsWith("doks-systems:gx."));
    expect(others).toEqual([]);
    expect(notice?.path).toBe("doks-systems:gx.retired");
    expect(notice?.text).toContain("no pod of it runs, nobody reaches it, nothing is dumped");
    expect(notice?.text).toContain("the managed database, which is paid for, bucket gx-backups");
    expect(notice?.text).toContain("Without this line the system is back, with its data");
  });
});
