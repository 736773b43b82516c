/** A cluster of the sandbox has what a cluster of DOKS has before anybody comes, in a real control plane. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import type { ApiObject } from "../../sandbox/control-plane/client.ts";
import { nodeOf } from "../../sandbox/control-plane/nodes.ts";
import { hasGo } from "../../sandbox/tools.ts";

const able = hasGo();
if (!able) console.warn("skipped: what a cluster of DOKS has, without Go");

const gatewayKinds = ["gatewayclasses", "gateways", "grpcroutes", "httproutes", "referencegrants", "tlsroutes"].map(
  (plural) => `${plural}.gateway.networking.k8s.io`,
);
const kind = (name: string): ApiObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name },
});

describe.skipIf(!able)("a cluster of DOKS, before add-ons", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-cluster-"));
  let plane: ControlPlane;
  beforeAll(async () => {
    const nodes = [0, 1].map((i) => nodeOf(`system-${i}`, "system", "s-2vcpu-4gb"));
    plane = await startControlPlane(join(folder, "control-plane"), nodes, { kinds: () => [] });
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const get = async (object: ApiObject) => {
    const found = await plane.client.get(object);
    if (found === undefined) throw new Error(`${object.kind} ${object.metadata.name} is not there`);
    return found;
  };

  it("has Gateway API's kinds of bundle v1.2.1, which DOKS owns (envoyproxy/gateway#8991)", async () => {
    for (const name of gatewayKinds) {
      const { metadata } = await get(kind(name));
      expect(metadata.annotations, name).toMatchObject({ "gateway.networking.k8s.io/bundle-version": "v1.2.1" });
      expect(metadata.labels, name).toMatchObject({ "doks.digitalocean.com/managed": "true" });
    }
    expect(await plane.client.get(kind("listenersets.gateway.networking.k8s.io"))).toBeUndefined();
  });

  it("refuses them to whoever applies a newer bundle without force, with a conflict with c3", async () => {
    const { spec } = await get(kind("gateways.gateway.networking.k8s.io"));
    const changed = { ...kind("gateways.gateway.networking.k8s.io"), spec: { ...spec, preserveUnknownFields: false } };
    const annotations = { "gateway.networking.k8s.io/bundle-version": "v1.6.1" };
    const newer = { ...changed, metadata: { ...changed.metadata, annotations } };
    const path = `${await plane.client.path(newer)}?fieldManager=helm`;
    await expect(plane.client.call("PATCH", path, newer, "application/apply-patch+yaml")).rejects.toThrow(
      /conflict with "c3".*bundle-version/s,
    );
  });

  it("has four classes of storage, one of snapshots, and Cilium's class of gateways", async () => {
    const classes = await plane.client.list("storage.k8s.io/v1", "storageclasses");
    const isDefault = ({ metadata }: ApiObject) =>
      metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true";
    expect(classes.map(({ metadata }) => metadata.name).toSorted()).toEqual([
      ...["do-block-storage", "do-block-storage-retain", "do-block-storage-xfs", "do-block-storage-xfs-retain"],
    ]);
    expect(classes.filter(isDefault).map(({ metadata }) => metadata.name)).toEqual(["do-block-storage"]);
    const snapshots = await plane.client.list("snapshot.storage.k8s.io/v1", "volumesnapshotclasses");
    expect(snapshots.map(({ metadata }) => metadata.name)).toEqual(["do-block-storage"]);
    const gateways = await plane.client.list("gateway.networking.k8s.io/v1", "gatewayclasses");
    expect(gateways.map(({ metadata }) => metadata.name)).toEqual(["cilium"]);
  });

  it("runs Cilium and no kube-proxy, with an agent of each kind on every node", async () => {
    const agents = await plane.client.list("apps/v1", "daemonsets", "kube-system");
    const names = agents.map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining(["cilium", "csi-do-node", "do-node-agent", "konnectivity-agent"]));
    expect(names).not.toContain("kube-proxy");
    const deadline = Date.now() + 120_000;
    const running = async () => {
      const pods = await plane.client.list("v1", "pods", "kube-system");
      return pods.filter((pod) => pod["status"].phase === "Running").length;
    };
    while ((await running()) < names.length * 2 + 4 && Date.now() < deadline) await sleep(200);
    expect(await running()).toBe(names.length * 2 + 4);
  });

  it("gives a claim a volume of each class", async () => {
    const claim = (name: string): ApiObject => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace: "default" },
      spec: { accessModes: ["ReadWriteOnce"], storageClassName: name, resources: { requests: { storage: "1Gi" } } },
    });
    const claims = ["do-block-storage", "do-block-storage-xfs-retain"].map(claim);
    for (const one of claims) await plane.client.apply(one, "tests");
    const deadline = Date.now() + 120_000;
    const bound = async () => (await Promise.all(claims.map(get))).every((one) => one["status"]?.phase === "Bound");
    while (!(await bound()) && Date.now() < deadline) await sleep(200);
    expect(await bound()).toBe(true);
  });
});
