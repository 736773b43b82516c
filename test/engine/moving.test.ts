/** All of docs/runbooks/moving/to-managed.md in production, as the engine does it: nothing refused, nothing lost on the way. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../graph/render/configuration.ts";
import { Stage, merged, noEngine, only } from "../support/stage.ts";

const namespace = "backend-mainnet";
const inCluster = { kind: "in-cluster", storage: "20Gi", size: null, nodes: null };
const server = { kind: "managed", generation: 2, size: "db-s-1vcpu-2gb", nodes: 1 };
const managed = { ...server, storage: null };
const old = { kind: "in-cluster", generation: 1, storage: "20Gi" };
const gx = (database: object): Patch => ({ "doks-systems:gx": { database } });
/** As the sandbox has them: charts come from the internet. */
const addons = { envoyGateway: "existing", certManager: "existing", metricsServer: "existing", prometheus: "none" };
const base: Patch = merged(only("gx"), { "doks-systems:platform": { addons, monitoring: null } });
const writers = ["outbox-submitter", "projector", "svc-identity"];

describe.skipIf(noEngine !== undefined)("GX Protocol in production moves to a managed server", () => {
  let stage: Stage;
  let before: (string | undefined)[];
  beforeAll(async () => {
    stage = await Stage.open("prod", merged(base, gx(inCluster)));
    await stage.mustUp();
    before = await uids();
  });
  afterAll(() => stage.close());

  const to = (database: object) => stage.rehearsal.configure(merged(base, gx(database)));
  /** The old server, and its data. */
  const uids = () =>
    stage.uids([
      { apiVersion: "apps/v1", kind: "StatefulSet", name: "postgres", namespace },
      { apiVersion: "v1", kind: "PersistentVolumeClaim", name: "data-postgres-0", namespace },
    ]);
  const pods = async () => {
    const client = stage.cluster();
    const found = await Promise.all(
      writers.map((name) => client.get({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } })),
    );
    client.close();
    return found.map((one) => Number(one?.["status"].replicas ?? 0));
  };
  /** What the engine itself would do to what holds data. */
  const planned = async () =>
    (await stage.planned()).filter((line) => /(StatefulSet|DatabaseCluster|DatabaseDb) gx-postgres/.test(line));

  it("the new server is made beside the old one, which is not touched", async () => {
    await to({ ...inCluster, beside: server });
    expect(await planned()).toEqual([
      "create DatabaseCluster gx-postgres-2",
      "create DatabaseDb gx-postgres-2-gx-protocol",
    ]);
    await stage.mustUp();
    expect(await uids()).toEqual(before);
    expect(Math.min(...(await pods()))).toBeGreaterThan(0);
  });

  it("all workloads that use PostgreSQL have no pods while it is copied, and come back where the copy is called off", async () => {
    await to({ ...inCluster, beside: { ...server, step: "copy" } });
    await stage.mustUp();
    expect(await pods()).toEqual([0, 0, 0]);
    await to({ ...inCluster, beside: server });
    await stage.mustUp();
    expect(await pods()).toEqual([1, 1, 3]);
    await to({ ...inCluster, beside: { ...server, step: "copy" } });
    await stage.mustUp();
    expect(await pods()).toEqual([0, 0, 0]);
    expect(await uids()).toEqual(before);
  });

  it("the two change places, the workloads come back, autoscaled ones too, and no server is made, changed or taken away", async () => {
    await to({ ...managed, beside: old });
    expect(await planned()).toEqual([]);
    await stage.mustUp();
    expect(await pods()).toEqual([1, 1, 3]);
    expect(await uids()).toEqual(before);
    await stage.settled();
  });

  it("the old one is refused to go before it is released; then it goes, and its claim stays", async () => {
    await to(managed);
    const refused = await stage.run(["preview"]);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/protected/);
    await to({ ...managed, beside: { ...old, step: "release" } });
    await stage.mustUp();
    expect(await uids()).toEqual(before);
    await to(managed);
    expect(await planned()).toEqual(["delete StatefulSet gx-postgres"]);
    await stage.mustUp();
    expect(await uids()).toEqual([undefined, before[1]]);
    expect(await pods()).toEqual([1, 1, 3]);
    await stage.settled();
  });
});
