/** Migrations of any size reach the pods that run them, in order and whole; what cannot be carried is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alone, problems, type Loose } from "../support/stack.ts";

const half = 600_000;
const sql = (i: number, size: number) => `-- migrate:up\n${"-".repeat(size)}${i}\n`;

describe("migrations that no single object holds", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "doks-migrations-"));
    for (const i of [1, 2, 3]) writeFileSync(join(folder, `2025010${i}_part.sql`), sql(i, half));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["bowmark", "pg-migrations", "pg-migrate-paving", "/migrations"],
    ["hermes", "ipfs-cache-migrations", "ipfs-cache-migrate", "/scripts"],
  ] as const)("%s: lie in several ConfigMaps, which are one folder in the pod", async (system, name, task, path) => {
    const rendered = await alone(system)("prod", { [`doks-systems:${system}`]: { migrations: folder } });
    const parts = rendered.names("ConfigMap").filter((one) => new RegExp(`^${name}(-part-\\d)?$`).test(one));
    expect(parts).toEqual([name, `${name}-part-2`, `${name}-part-3`]);
    const data = parts.map((part): Record<string, string> => rendered.object("ConfigMap", part).data);
    for (const one of data) expect(Object.values(one).join("").length).toBeLessThanOrEqual(1024 * 1024);
    const files = data.flatMap((one) => Object.entries(one)).filter(([file]) => file.endsWith(".sql"));
    expect(files).toEqual([1, 2, 3].map((i) => [`2025010${i}_part.sql`, sql(i, half)]));
    const { owner } = rendered.podTemplates().find((one) => one.owner.startsWith(`Job/${task}-`)) ?? { owner: "" };
    const spec = rendered.podSpec("Job", owner.replace("Job/", ""));
    const mount = spec.containers[0].volumeMounts.find((one: Loose) => one.mountPath === path);
    const volume = spec.volumes.find((one: Loose) => one.name === mount.name);
    expect(volume.projected.sources.map((source: Loose) => source.configMap.name)).toEqual(parts);
  });

  it("are refused with its size when one file is larger than an object may be", () => {
    const large = mkdtempSync(join(tmpdir(), "doks-large-"));
    writeFileSync(join(large, "1_data.sql"), sql(1, 1_600_000));
    const [problem, ...more] = problems("prod", { "doks-systems:bowmark": { migrations: large } });
    rmSync(large, { recursive: true });
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ path: "doks-systems:bowmark.migrations", value: '"1_data.sql"' });
    expect(problem?.problem).toContain("1600016 bytes");
    expect(problem?.problem).toContain("1048576");
  });
});
