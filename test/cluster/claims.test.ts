/**
 * What becomes of the data of a StatefulSet, as the review says it and as a real control plane does it: the same set of claims is
 * there afterwards, and the pods of the new set have them or have new ones.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resourceOf, type Resource } from "../../graph/resource.ts";
import { dataFates, type DataFate } from "../../preview/review/data/fates.ts";
import { difference } from "../../preview/review/difference.ts";
import type { ApiObject } from "../../sandbox/control-plane/client.ts";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { nodeOf } from "../../sandbox/control-plane/nodes.ts";
import { hasGo } from "../../sandbox/tools.ts";
import { ready } from "../support/cluster/deploy.ts";

const able = hasGo();
if (!able) console.warn("skipped: claims in a real control plane, without Go");

interface Set {
  readonly namespace?: string;
  readonly name?: string;
  readonly claim?: string;
  readonly size?: string;
  readonly storageClass?: string;
  readonly service?: string;
  readonly replicas?: number;
  readonly policy?: { readonly whenDeleted?: string; readonly whenScaled?: string };
}

function manifest(set: Set): ApiObject {
  const { namespace = "one", name = "db", claim = "data", size = "1Gi", storageClass = "do-block-storage" } = set;
  const labels = { app: name };
  const spec = {
    accessModes: ["ReadWriteOnce"],
    storageClassName: storageClass,
    resources: { requests: { storage: size } },
  };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace },
    spec: {
      ...{ serviceName: set.service ?? name, replicas: set.replicas ?? 2, selector: { matchLabels: labels } },
      podManagementPolicy: "Parallel",
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain", ...set.policy },
      template: { metadata: { labels }, spec: { containers: [{ name: "db", image: "db" }] } },
      volumeClaimTemplates: [{ metadata: { name: claim }, spec }],
    },
  };
}

/** One resource of Pulumi's, whatever its object is named. */
function resource(object: ApiObject): Resource {
  const type = "kubernetes:apps/v1:StatefulSet";
  return resourceOf({
    type,
    name: "db",
    urn: `urn:pulumi:s::p::${type}::db`,
    inputs: object,
  });
}

describe.skipIf(!able)("the claims of a StatefulSet", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-claims-"));
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane(join(folder, "control-plane"), [nodeOf("general-0", "general", "s-4vcpu-8gb")]);
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const claims = async () =>
    (await plane.client.list("v1", "persistentvolumeclaims")).filter(
      ({ metadata }) => !("deletionTimestamp" in metadata),
    );
  const idOf = ({ metadata }: ApiObject) => `${metadata.namespace ?? ""}/${metadata.name} ${metadata.uid ?? ""}`;
  const until = async (holds: () => Promise<boolean>) => {
    for (let tries = 0; tries < 300 && !(await holds()); tries += 1) await sleep(100);
    expect(await holds()).toBe(true);
  };
  const isGone = async (object: ApiObject) => (await plane.client.get(object)) === undefined;

  it.each<[string, DataFate["fate"], Set, Set | "deleted"]>([
    ["made again with a larger template", "comes back", {}, { size: "2Gi" }],
    ["made again with another storage class", "comes back", {}, { storageClass: "do-block-storage-retain" }],
    ["made again with another Service", "comes back", {}, { service: "db-headless" }],
    ["made again under another name", "starts empty", {}, { name: "other" }],
    ["made again in another namespace", "starts empty", {}, { namespace: "two" }],
    ["made again with another name of the template", "starts empty", {}, { claim: "disk" }],
    ["deleted", "stays unmanaged", {}, "deleted"],
    ["deleted with the policy to delete its claims", "lost", { policy: { whenDeleted: "Delete" } }, "deleted"],
    ["scaled down", "stays unmanaged", {}, { replicas: 1 }],
    [
      "scaled down with the policy to delete claims",
      "lost",
      { policy: { whenScaled: "Delete" } },
      { replicas: 1, policy: { whenScaled: "Delete" } },
    ],
  ])("of one that is %s: %s", async (_what, fate, before, after) => {
    const { client } = plane;
    for (const name of ["one", "two"]) await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const old = manifest(before);
    const next = after === "deleted" ? undefined : manifest({ ...before, ...after });
    const now = next === undefined ? [] : [resource(next)];
    const changes = difference([resource(old)], now);
    expect(dataFates([resource(old)], now, changes).map((one) => one.fate)).toContain(fate);

    await client.apply(old);
    await ready(client, old);
    const had = (await claims()).map(idOf).toSorted();
    expect(had).toHaveLength(2);
    // As the provider does it: what has a name of its own goes before the new one comes.
    if (changes[0]?.operation !== "update") {
      await client.delete(old);
      await until(() => isGone(old));
    }
    if (next !== undefined) {
      await client.apply(next);
      await ready(client, next);
    }
    const stay = async () => {
      const has = new Set((await claims()).map(idOf));
      return had.filter((one) => has.has(one)).length;
    };
    const added = async () => (await claims()).length - (await stay());
    if (fate === "lost") await until(async () => (await stay()) < 2);
    else expect(await stay()).toBe(2);
    expect(await added()).toBe(fate === "starts empty" ? 2 : 0);
    if (fate === "comes back") {
      // Size and class of what is there stay, whatever the template says.
      const sizes = (await claims()).map(({ spec }) => [spec.resources.requests.storage, spec.storageClassName]);
      expect(sizes).toEqual([
        ["1Gi", "do-block-storage"],
        ["1Gi", "do-block-storage"],
      ]);
    }
    for (const object of [old, ...(next === undefined ? [] : [next])])
      await client.delete(object).catch(() => undefined);
    await until(
      async () =>
        (await client.list("v1", "pods", "one")).length + (await client.list("v1", "pods", "two")).length === 0,
    );
    for (const claim of await claims())
      await client.delete({ ...claim, apiVersion: "v1", kind: "PersistentVolumeClaim" });
    await until(async () => (await client.list("v1", "persistentvolumeclaims")).length === 0);
  });

  it("go with their namespace, whatever the StatefulSet says", async () => {
    const { client } = plane;
    const namespace: ApiObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "three" } };
    await client.apply(namespace);
    const set = manifest({ namespace: "three" });
    await client.apply(set);
    await ready(client, set);
    expect(await claims()).toHaveLength(2);
    const type = "kubernetes:core/v1:Namespace";
    const inputs = namespace as unknown as Resource["inputs"];
    const around = resourceOf({ type, name: "three", urn: `urn:pulumi:s::p::${type}::three`, inputs });
    const before = [around, resource(set)];
    expect(dataFates(before, [], difference(before, [])).map(({ fate }) => fate)).toEqual(["lost"]);
    await client.delete(namespace);
    await until(async () => (await claims()).length === 0);
  });
});
