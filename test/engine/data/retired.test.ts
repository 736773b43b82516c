/** Systems of production that are taken away and come back, and one whose data is given up: docs/runbooks/retire.md, step by step. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../../graph/render/configuration.ts";
import { merged, Stage, noEngine, tail } from "../../support/stage.ts";

/** The rules, as `npm run up` has them. */
const pack = ["--policy-pack", fileURLToPath(new URL("../../../policy", import.meta.url))];
const [gx, bowmark] = ["doks-systems:gx", "doks-systems:bowmark"];
const two: Patch = { "doks-systems:hermes": null, "doks-systems:dotdo": null, "doks-systems:caracal": null };
const retired = merged(two, { [gx]: { retired: true }, [bowmark]: { retired: true } });
const only = (settings: object | null) => merged(two, { [gx]: settings });

const claims = [
  ["backend-mainnet", "data-redis-0"],
  ["bow-mark", "postgres-data-postgres-0"],
  ["bow-mark", "rabbitmq-data-rabbitmq-0"],
] as const;
const secrets = [
  ["backend-mainnet", "backend-secrets"],
  ["bow-mark", "postgres"],
  ["bow-mark", "rabbitmq"],
] as const;

describe.skipIf(noEngine !== undefined)("a system that is retired", () => {
  let stage: Stage;
  let held: { claims: unknown; namespaces: unknown; secrets: unknown };
  beforeAll(async () => {
    stage = await Stage.open("prod", two);
    await stage.mustUp();
    held = await holds();
  });
  afterAll(() => stage.close());

  /** What must stay the same: claims and namespaces by their uid, passwords by their text. */
  async function holds() {
    const core = { apiVersion: "v1" };
    const uids = (kind: string, of: readonly (readonly [string, string])[]) =>
      stage.uids(of.map(([namespace, name]) => ({ ...core, kind, namespace, name })));
    const client = stage.cluster();
    const texts = secrets.map(([namespace, name]) =>
      client.get({ ...core, kind: "Secret", metadata: { namespace, name } }),
    );
    const data = (await Promise.all(texts)).map((secret) => secret?.["data"] as unknown);
    const spaces = ["backend-mainnet", "bow-mark"].map((name) =>
      client.get({ ...core, kind: "Namespace", metadata: { name } }),
    );
    const namespaces = (await Promise.all(spaces)).map((space) => space?.metadata.uid);
    client.close();
    return { claims: await uids("PersistentVolumeClaim", claims), namespaces, secrets: data };
  }

  async function pods(): Promise<string[]> {
    const client = stage.cluster();
    const all = await client.list("v1", "pods");
    client.close();
    return all
      .filter(({ metadata }) => ["backend-mainnet", "bow-mark"].includes(metadata.namespace ?? ""))
      .map(({ metadata }) => metadata.name);
  }

  // The state's own order is that of registration, which no two runs share.
  const protectedOnes = async () =>
    (await stage.resources())
      .filter((one) => (one as { protect?: boolean }).protect === true)
      .map(({ urn }) => urn)
      .toSorted();

  /** What the engine says to settings that must be refused, before anything happens. */
  async function refusal(patch: Patch): Promise<string> {
    // Not the resources as they lie there: each save encrypts their secrets anew.
    const known = async () => (await stage.resources()).map(({ urn, id }) => `${urn} ${id ?? ""}`).toSorted();
    const [before, guarded] = [await known(), await protectedOnes()];
    await stage.rehearsal.configure(patch);
    const preview = await stage.run(["preview"]);
    expect(preview.code, tail(preview.output)).not.toBe(0);
    const { code, output } = await stage.up();
    expect(code, tail(output)).not.toBe(0);
    expect(await known()).toEqual(before);
    expect(await protectedOnes()).toEqual(guarded);
    return output;
  }

  it("has everything before: claims, namespaces and passwords", () => {
    expect([
      ...(held.claims as unknown[]),
      ...(held.namespaces as unknown[]),
      ...(held.secrets as unknown[]),
    ]).not.toContain(undefined);
  });

  it("is not removed by removing its key: one error names the way, where the engine would have several", async () => {
    const output = await refusal(only(null));
    expect(output).toContain("doks-systems:gx (not set): was removed, and its data is protected");
    expect(output).toContain("put it back with retired: true");
    expect(output).not.toContain("unprotect");
  });

  it("goes in one ordinary update: no pod is left, and its data is where it was, as protected", async () => {
    const before = await protectedOnes();
    await stage.rehearsal.configure(retired);
    // With its preview, which is what refuses to delete what is protected.
    const { code, output } = await stage.run(["up", "--yes", ...pack]);
    expect(code, tail(output)).toBe(0);
    expect(await pods()).toEqual([]);
    expect(await holds()).toEqual(held);
    expect(await protectedOnes()).toEqual(before);
    expect(await stage.planned()).toEqual([]);
    await stage.settled();
  });

  it("is still not removed by removing its key", async () => {
    const output = await refusal(merged(retired, { [gx]: null }));
    expect(output).toContain("doks-systems:gx (not set): was removed, and its data was never given up");
  });

  it("is back with the next update, with the same claims and passwords", async () => {
    await stage.rehearsal.configure(two);
    await stage.mustUp();
    expect(await holds()).toEqual(held);
    expect(
      (await pods()).filter((name) => /^(svc-identity|redis-0|postgres-0|rabbitmq-0)/.test(name)).length,
    ).toBeGreaterThan(3);
    await stage.settled();
  });

  it("does not give its data up while it runs, nor make a last dump", async () => {
    expect(await refusal(only({ retired: { dataGoes: "gx" } }))).toContain("comes before its time: the system runs");
    expect(await refusal(only({ retired: { lastBackup: true } }))).toContain("use retired: true first, and update");
  });

  it("does not give its data up without a last dump", async () => {
    await stage.rehearsal.configure(only({ retired: true }));
    await stage.mustUp();
    const output = await refusal(only({ retired: { dataGoes: "gx" } }));
    expect(output).toContain("gives the data up, and there is no dump of it since its pods went");
  });

  it("makes a last dump, and does not believe it until the bucket has it", async () => {
    await stage.rehearsal.configure(only({ retired: { lastBackup: true } }));
    await stage.mustUp();
    const jobs = (await stage.resources()).filter(({ urn }) => urn.endsWith("::gx-backup-last") && urn.includes("Job"));
    expect(jobs).toHaveLength(1);
    // Nothing runs in the pods of a sandbox, so that nothing was uploaded.
    expect(await refusal(only({ retired: { dataGoes: "gx" } }))).toContain(
      "bucket gx-backups has no dump of gx_protocol",
    );
    // One of before, and one that was cut short.
    dump("20200101_000000");
    dump("20991231_235959", false);
    expect(await refusal(only({ retired: { dataGoes: "gx" } }))).toContain(
      "bucket gx-backups has no dump of gx_protocol",
    );
  });

  it("gives its data up then: protection goes, and nothing else", async () => {
    const stamp = new Date()
      .toISOString()
      .replaceAll(/[-:]|\.\d+Z$/g, "")
      .replace("T", "_");
    dump(stamp);
    await stage.rehearsal.configure(only({ retired: { dataGoes: "gx" } }));
    await stage.mustUp(...pack);
    const left = await protectedOnes();
    expect(left.filter((urn) => urn.includes("doks-systems:gx:Gx"))).toEqual([]);
    expect(left.some((urn) => urn.includes("doks-systems:bowmark:BowMark"))).toBe(true);
    expect(await stage.planned()).toEqual([]);
  });

  it("is gone with its key, data and all; its dumps are not, and the other system did not notice", async () => {
    await stage.rehearsal.configure(only(null));
    await stage.mustUp();
    expect((await stage.resources()).filter(({ urn }) => urn.includes("doks-systems:gx:Gx"))).toEqual([]);
    expect([...stage.world.api.account.databases.values()]).toEqual([]);
    expect(stage.world.spaces.buckets()).toContain("gx-backups");
    const [redis, ...others] = (await holds()).claims as unknown[];
    expect(redis).toBeUndefined();
    expect(others).toEqual((held.claims as unknown[]).slice(1));
    expect(await stage.planned()).toEqual([]);
    stage.keepsSecrets();
  });

  /** An object in the bucket, as the backup's script leaves it. */
  function dump(stamp: string, complete = true): void {
    const folder = join(stage.world.spaces.files, "gx-backups", "pg-backups", "gx_protocol");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `gx_protocol_${stamp}.pgdump`);
    writeFileSync(file, "dump");
    if (complete) writeFileSync(`${file}.sha256`, "sum");
  }
});
