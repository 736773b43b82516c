/** What each kind of resource can lose of its protection. */
import { describe, expect, it } from "vitest";
import type { Resource } from "../../../../graph/resource.ts";
import { protectionLosses } from "../../../../preview/review/protection/protection.ts";
import { budget, cloud, container, denied, hardened, object, workload } from "../../../policy/support.ts";

type Inputs = Record<string, unknown>;

const lines = (before: readonly Resource[], after: readonly Resource[]) =>
  protectionLosses(before, after).map(
    ({ level, resource, text, was, is }) => `${level} ${resource} ${text} (${was} → ${is})`,
  );
/** What one resource loses, beside some that stay as they are. */
const lost = (before: Resource, after: Resource, ...others: Resource[]) =>
  lines([...others, before], [...others, after]);

describe("what is kept", () => {
  const set = (spec: Inputs) => object("StatefulSet", "db", { spec: { template: { spec: {} }, ...spec } });
  const claims = (storageClassName?: string) => set({ volumeClaimTemplates: [{ spec: { storageClassName } }] });
  const bucket = (inputs: Inputs) => cloud("SpacesBucket", { name: "files", acl: "private", ...inputs });
  const cluster = (inputs: Inputs) => cloud("KubernetesCluster", { name: "prod", ...inputs });
  const expires = (days?: number) =>
    bucket({ lifecycleRules: days === undefined ? [] : [{ enabled: true, prefix: "a/", expiration: { days } }] });

  it("is less where claims or their volumes go with their owner", () => {
    const kept = set({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" } });
    const scaled = set({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Delete" } });
    expect(lost(kept, scaled)).toEqual([
      "stop StatefulSet shop/db deletes claims when it is scaled down (whenScaled: Retain → whenScaled: Delete)",
    ]);
    // Retain is Kubernetes' default.
    expect(lost(set({}), kept)).toEqual([]);
    expect(lost(set({}), scaled)).toHaveLength(1);
    expect(lost(claims("do-block-storage-retain"), claims("do-block-storage"))).toEqual([
      "stop StatefulSet shop/db gets volumes that are deleted with their claims (do-block-storage-retain → do-block-storage)",
    ]);
    expect(lost(claims("do-block-storage"), claims("do-block-storage-retain"))).toEqual([]);
    // DOKS' default class deletes; what another cluster's does, nobody knows here.
    expect(lost(claims("do-block-storage-retain"), claims(), cluster({}))).toHaveLength(1);
    expect(lost(claims("local-path"), claims())).toEqual([]);
  });

  it("is less where a bucket forgets versions or expires sooner", () => {
    const versions = (enabled: boolean) => bucket({ versioning: { enabled } });
    expect(lost(versions(true), versions(false))).toEqual([
      "stop SpacesBucket files keeps no versions any more (versioning on → versioning off)",
    ]);
    expect(lost(bucket({}), bucket({ forceDestroy: true }))).toHaveLength(1);
    expect(lost(expires(), expires(30))).toEqual([
      "stop SpacesBucket files deletes objects below /a/ sooner (never → after 30 days)",
    ]);
    expect(lost(expires(30), expires(7))).toEqual([
      "stop SpacesBucket files deletes objects below /a/ sooner (after 30 days → after 7 days)",
    ]);
    expect(lost(expires(7), expires(30))).toEqual([]);
  });

  it("is less where a cluster no longer looks after itself, or a cache drops keys", () => {
    const whole = {
      autoUpgrade: true,
      surgeUpgrade: true,
      maintenancePolicy: { day: "sunday" },
      destroyAllAssociatedResources: false,
    };
    expect(
      lost(cluster(whole), cluster({ destroyAllAssociatedResources: true })).map((line) => line.split(" (")[0]),
    ).toEqual([
      "stop KubernetesCluster prod takes its volumes with it",
      "look KubernetesCluster prod no longer takes patches by itself",
      "look KubernetesCluster prod is upgraded without a spare node",
      "look KubernetesCluster prod has no window for maintenance any more",
    ]);
    const valkey = (evictionPolicy?: string) =>
      cloud("DatabaseCluster", { name: "cache", engine: "valkey", evictionPolicy });
    expect(lost(valkey("noeviction"), valkey("allkeys_lru"))).toEqual([
      "look DatabaseCluster cache drops keys when its memory is full (noeviction → allkeys_lru)",
    ]);
  });
});

describe("pods and their rights", () => {
  const own = (spec: Inputs, pod: Inputs = {}) =>
    workload("Deployment", spec, { automountServiceAccountToken: false, ...pod });
  const secured = (more: Inputs) => ({
    containers: [{ ...container, securityContext: { ...hardened, readOnlyRootFilesystem: true, ...more } }],
  });

  it("lose a budget only where it kept pods", () => {
    const three = own({ replicas: 3 });
    const others = (some: Inputs) => [three, denied, budget(some)];
    const change = (before: Inputs, after: Inputs) => lines(others(before), others(after));
    expect(change({ minAvailable: 2 }, { minAvailable: 1 })).toEqual([
      "look PodDisruptionBudget shop/web keeps fewer pods while nodes are drained (minAvailable: 2 → minAvailable: 1)",
    ]);
    expect(change({ minAvailable: 2 }, { maxUnavailable: 1 })).toEqual([]);
    // 50 % of three pods is two, rounded up (Kubernetes, "Specifying a Disruption Budget for your Application").
    expect(change({ minAvailable: 2 }, { minAvailable: "50%" })).toEqual([]);
    expect(change({ minAvailable: 2 }, { maxUnavailable: "50%" })).toHaveLength(1);
    expect(change({ maxUnavailable: 1 }, { maxUnavailable: "100%" })[0]).toContain(
      "lets a drain evict all pods at once",
    );
    const one = own({ replicas: 1 });
    expect(lines([three, denied, budget({ minAvailable: 2 })], [one, denied])).toEqual([
      "look Deployment shop/web runs in one pod only (3 pods → 1 pod)",
    ]);
  });

  it("get more where a container or its namespace is loosened", () => {
    const tight = own({}, secured({}));
    expect(lost(tight, own({}, secured({ readOnlyRootFilesystem: false })))).toEqual([
      "look Deployment shop/web has pods with more rights (restricted → container web: may write to its own files)",
    ]);
    expect(lost(tight, own({}, secured({ privileged: true })))).toEqual([
      "stop Deployment shop/web has pods with more rights (restricted → container web: is privileged)",
    ]);
    expect(lost(own({}, secured({ privileged: true })), tight)).toEqual([]);
    const namespace = (level?: string) =>
      object("Namespace", "shop", {
        metadata: { name: "shop", labels: level === undefined ? {} : { "pod-security.kubernetes.io/enforce": level } },
      });
    expect(lost(namespace("restricted"), namespace("baseline"))).toEqual([
      "stop Namespace shop admits pods that Pod Security restricted refuses (enforce: restricted → enforce: baseline)",
    ]);
    expect(lost(namespace("baseline"), namespace())).toHaveLength(1);
    expect(lost(namespace("baseline"), namespace("restricted"))).toEqual([]);
    const role = (...verbs: string[]) =>
      object("Role", "keeper", { rules: [{ apiGroups: ["apps"], resources: ["deployments"], verbs }] });
    expect(lost(role("get"), role("get", "delete"))).toEqual([
      "look Role shop/keeper allows more: delete deployments.apps (1 right → 2 rights)",
    ]);
  });
});
