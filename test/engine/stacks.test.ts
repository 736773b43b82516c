/** Each stack with the real engine: made from nothing, left alone, changed, taken away. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stage, noEngine, tail } from "../support/stage.ts";

describe.skipIf(noEngine !== undefined)("prod", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open("prod");
    await stage.mustUp();
  });
  afterAll(() => stage.close());
  const protectedObjects = () =>
    stage.uids([
      { apiVersion: "apps/v1", kind: "StatefulSet", name: "postgres", namespace: "bow-mark" },
      { apiVersion: "apps/v1", kind: "StatefulSet", name: "caracal-kafka", namespace: "caracal" },
      { apiVersion: "v1", kind: "PersistentVolumeClaim", name: "postgres-data-postgres-0", namespace: "bow-mark" },
    ]);

  it("is made from nothing, and nothing is left to do", async () => {
    const kinds = (await stage.resources()).filter(({ type }) => type.startsWith("digitalocean:"));
    expect(kinds.length).toBeGreaterThan(30);
    await stage.settled();
  });

  it("another image changes the workloads of that image, and nothing else", async () => {
    const before = await protectedObjects();
    await stage.rehearsal.configure({ "doks-systems:gx": { imageTag: "2.0.1" } });
    const planned = await stage.planned();
    expect(planned.filter((step) => !step.includes("Job gx-migrate"))).toEqual([
      "update Deployment gx-outbox-submitter",
      "update Deployment gx-projector",
      "update Deployment gx-svc-identity",
    ]);
    await stage.mustUp();
    await stage.settled();
    expect(await protectedObjects()).toEqual(before);
  });

  it("refuses to be destroyed, and loses nothing", async () => {
    const before = await protectedObjects();
    const inventory = stage.world.api.account.inventory();
    const { code, output } = await stage.destroy();
    expect(code).not.toBe(0);
    expect(output).toContain("cannot be deleted");
    expect(output).toContain("Preview failed");
    expect(stage.world.api.account.inventory()).toEqual(inventory);
    expect(await protectedObjects()).toEqual(before);
  });

  it.each([
    [
      "another pool size",
      { "doks-systems:platform": { pools: { general: { size: "g-4vcpu-16gb" } } } },
      "platform-general",
    ],
    [
      "another size of the built-in pool",
      { "doks-systems:platform": { cluster: { systemPool: { size: "s-4vcpu-8gb" } } } },
      "platform",
    ],
    ["another name of a bucket", { "doks-systems:bowmark": { bucket: { name: "bow-mark-other" } } }, "bow-mark-bucket"],
    ["another name of the registry", { "doks-systems:platform": { registry: { name: "other" } } }, "platform-registry"],
    [
      "a larger claim of a StatefulSet",
      { "doks-systems:bowmark": { database: { kind: "in-cluster", storage: "20Gi" } } },
      "bow-mark-postgres",
    ],
  ])("%s is a replacement, and refused before anything happens", async (_what, patch, name) => {
    const before = stage.world.api.journal.length;
    await stage.rehearsal.configure(patch);
    const { code, output } = await stage.up();
    expect(code, tail(output)).not.toBe(0);
    expect(output).toMatch(new RegExp(`"${name}"|:${name}\\b`));
    expect(output).toMatch(/protect/);
    const changed = stage.world.api.journal.slice(before).filter(({ method }) => method === "DELETE");
    expect(changed).toEqual([]);
    await stage.rehearsal.configure({ "doks-systems:gx": { imageTag: "2.0.1" } });
    await stage.mustUp();
  });
});

describe.skipIf(noEngine !== undefined)("staging", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open("staging");
    await stage.mustUp();
  });
  afterAll(() => stage.close());

  it("is made from nothing, and nothing is left to do", async () => {
    await stage.settled();
  });

  it("a system that is switched off goes, the others stay; switched on again, it comes back", async () => {
    await stage.rehearsal.configure({ "doks-systems:caracal": null });
    const planned = await stage.planned();
    expect(planned.length).toBeGreaterThan(40);
    expect(planned.filter((step) => !/^delete \S+ caracal/.test(step))).toEqual([]);
    await stage.mustUp();
    await stage.settled();
    await stage.rehearsal.configure();
    await stage.mustUp();
    await stage.settled();
  });

  it("is destroyed to nothing: no resource, no orphan", async () => {
    const { code, output } = await stage.destroy();
    expect(code, tail(output)).toBe(0);
    expect(await stage.resources()).toEqual([]);
    expect(stage.world.api.account.inventory()).toEqual(stage.world.given);
    expect(stage.world.spaces.buckets()).toEqual([]);
  });
});

describe.skipIf(noEngine !== undefined)("local", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open("local");
  });
  afterAll(() => stage.close());

  it("is made on a cluster that is there, asks DigitalOcean nothing, and goes again", async () => {
    await stage.mustUp();
    await stage.settled();
    expect((await stage.destroy()).code).toBe(0);
    expect(stage.world.api.journal).toEqual([]);
  });
});
