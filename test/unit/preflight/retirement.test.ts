/** What stands against taking a system away, by how the last update left it. */
import { describe, expect, it } from "vitest";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { checkRetirement, type Standings } from "../../../preflight/retirement.ts";
import { parseSettings } from "../../../systems/settings.ts";

const bucket = { name: "gx-backups", region: "nyc3" };
const lastDump = { begunAt: "2026-11-28T12:00:00Z", databases: ["gx_protocol"], bucket };
const running = { presence: "running", protected: true } as const;
const retired = { presence: "retired", protected: true } as const;
const dumping = { presence: "dumping", protected: true, lastDump } as const;

async function refusals(left: Standings[string] | undefined, gx: object | null, keys: readonly string[] = []) {
  const { facts } = parseSettings("prod", readStackFile("prod", { "doks-systems:gx": gx }));
  const before: Standings = left === undefined ? {} : { gx: left };
  const found = await checkRetirement(before, facts, () => Promise.resolve([...keys]));
  return found.map(({ path, problem, fix }) => `${path}: ${problem} → ${fix}`);
}
const dump = (stamp: string) => [
  `pg-backups/gx_protocol/gx_protocol_${stamp}.pgdump`,
  `pg-backups/gx_protocol/gx_protocol_${stamp}.pgdump.sha256`,
];
const giving = { retired: { dataGoes: "gx" } };

describe("a system", () => {
  it("may stay, go and come back as it likes", async () => {
    for (const left of [undefined, running, retired, dumping, { presence: "given-up", protected: false } as const])
      for (const gx of [{}, { retired: true }]) expect(await refusals(left, gx)).toEqual([]);
  });

  it("that has protected data is not removed by its key, and the error names the setting", async () => {
    const [problem, ...others] = await refusals(running, null);
    expect(others).toEqual([]);
    expect(problem).toMatch(
      /^doks-systems:gx: was removed, and its data is protected.*→ put it back with retired: true/,
    );
    for (const left of [retired, dumping]) {
      expect((await refusals(left, null)).join()).toContain("its data was never given up");
      expect((await refusals(left, null)).join()).toContain("{retired: {dataGoes: gx}}");
    }
  });

  it("that protects nothing, or gave its data up, is removed by its key", async () => {
    for (const presence of ["running", "retired", "given-up"] as const)
      expect(await refusals({ presence, protected: false }, null)).toEqual([]);
  });

  it("is dumped for the last time only once its pods are gone", async () => {
    const last = { retired: { lastBackup: true } };
    for (const left of [undefined, running])
      expect((await refusals(left, last)).join()).toMatch(/the system runs, and .* → use retired: true first/);
    for (const left of [retired, dumping]) expect(await refusals(left, last)).toEqual([]);
  });

  it("gives its data up only after a dump that is there, complete and of after its pods went", async () => {
    const after = dump("20261128_120130");
    expect((await refusals(running, giving, after)).join()).toContain("comes before its time");
    expect((await refusals(retired, giving, after)).join()).toContain("there is no dump of it since its pods went");
    expect(await refusals(dumping, giving, after)).toEqual([]);
    for (const keys of [[], dump("20261128_080000"), after.slice(0, 1), after.slice(1), dump("20261128_120130x")])
      expect((await refusals(dumping, giving, keys)).join(), keys.join()).toContain(
        "bucket gx-backups has no dump of gx_protocol from 2026-11-28T12:00:00Z on",
      );
  });

  it("may have nodes whose clock is a little behind", async () => {
    expect(await refusals(dumping, giving, dump("20261128_115700"))).toEqual([]);
    expect(await refusals(dumping, giving, dump("20261128_115400"))).toHaveLength(1);
  });

  it("is not believed to have a dump where Spaces does not say so", async () => {
    const { facts } = parseSettings("prod", readStackFile("prod", { "doks-systems:gx": giving }));
    const found = await checkRetirement({ gx: dumping }, facts, () => Promise.reject(new Error("403")));
    expect(found.map(({ problem }) => problem)).toEqual([
      "gives the data up, and bucket gx-backups cannot be read: 403",
    ]);
  });

  it("gives its data up without a dump where the settings say so, and stays given up", async () => {
    const without = { retired: { dataGoes: "gx", withoutBackup: true } };
    expect(await refusals(retired, without)).toEqual([]);
    expect(await refusals(running, without)).toHaveLength(1);
    expect(await refusals({ presence: "given-up", protected: false }, giving)).toEqual([]);
  });
});
