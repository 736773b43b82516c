/** Who is away while a workload is updated: the review says what real controllers do, on nodes that are simulated. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { resourceOf, type Resource } from "../../graph/resource.ts";
import { availability } from "../../preview/review/availability/availability.ts";
import type { Verdict } from "../../preview/review/availability/rollout.ts";
import { difference } from "../../preview/review/difference.ts";
import type { ApiObject } from "../../sandbox/control-plane/client.ts";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { nodeOf } from "../../sandbox/control-plane/nodes.ts";
import { hasGo } from "../../sandbox/tools.ts";
import { ready } from "../support/cluster/deploy.ts";
import { PodWatch } from "../support/cluster/pod-watch.ts";

const able = hasGo();
if (!able) console.warn("skipped: the cluster tier, without Go");

interface Shape {
  readonly kind: "Deployment" | "StatefulSet";
  readonly replicas: number;
  /** Fields of `spec` beside replicas, selector and template. */
  readonly spec?: object;
  /** Fields of `spec` that come with the change. */
  readonly later?: object;
  readonly probe?: object;
  readonly autoscaler?: { readonly minReplicas: number; readonly maxReplicas: number };
}

const probe = { readinessProbe: { tcpSocket: { port: 8080 } } };
const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
});
const atOnce = (maxUnavailable: number) => ({
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable } },
});

const shapes: readonly [what: string, Verdict, Shape][] = [
  [
    "strategy Recreate, two pods",
    "away",
    { kind: "Deployment", replicas: 2, spec: { strategy: { type: "Recreate" } } },
  ],
  ["one pod, with a surge", "rolls", { kind: "Deployment", replicas: 1, spec: rolling(1, 0) }],
  ["one pod, without a surge", "away", { kind: "Deployment", replicas: 1, spec: rolling(0, 1) }],
  ["one pod, with nothing said", "rolls", { kind: "Deployment", replicas: 1 }],
  ["two pods, with 25 % of both", "rolls", { kind: "Deployment", replicas: 2, spec: rolling("25%", "25%") }],
  [
    "two pods, where 40 % of both is none and one",
    "rolls",
    { kind: "Deployment", replicas: 2, spec: rolling("40%", "40%") },
  ],
  ["three pods, one at a time", "fewer", { kind: "Deployment", replicas: 3, spec: rolling(0, 1) }],
  ["three pods, of which 10 % is none", "fewer", { kind: "Deployment", replicas: 3, spec: rolling(0, "10%") }],
  ["two pods, all at a time", "away", { kind: "Deployment", replicas: 2, spec: rolling(0, "100%") }],
  [
    "three pods of an autoscaler",
    "rolls",
    { kind: "Deployment", replicas: 0, autoscaler: { minReplicas: 3, maxReplicas: 5 } },
  ],
  ["two pods that are paused", "untouched", { kind: "Deployment", replicas: 2, later: { paused: true } }],
  ["two pods without a probe", "rolls", { kind: "Deployment", replicas: 2, probe: {} }],
  ["a StatefulSet of one", "away", { kind: "StatefulSet", replicas: 1 }],
  ["a StatefulSet of three", "fewer", { kind: "StatefulSet", replicas: 3 }],
  [
    "a StatefulSet of three in parallel",
    "fewer",
    { kind: "StatefulSet", replicas: 3, spec: { podManagementPolicy: "Parallel" } },
  ],
  ["a StatefulSet of two, asked for both at once", "fewer", { kind: "StatefulSet", replicas: 2, spec: atOnce(2) }],
  [
    "a StatefulSet on delete",
    "untouched",
    { kind: "StatefulSet", replicas: 2, spec: { updateStrategy: { type: "OnDelete" } } },
  ],
];

function manifest(app: string, shape: Shape, tag: "1" | "2"): ApiObject {
  const { kind, replicas, spec = {}, later = {}, probe: probes = probe, autoscaler } = shape;
  // Long enough for every event in between to be seen.
  const annotations = { "pod-ready.stage.kwok.x-k8s.io/delay": "1s" };
  const container = { name: "main", image: `registry.example.com/main:${tag}`, ...probes };
  return {
    ...{ apiVersion: "apps/v1", kind, metadata: { name: app, namespace: "default" } },
    spec: {
      ...(autoscaler === undefined && { replicas }),
      ...(kind === "StatefulSet" && { serviceName: app }),
      ...{ selector: { matchLabels: { app } }, ...spec, ...(tag === "2" && later) },
      template: {
        metadata: { labels: { app }, annotations },
        spec: { containers: [container], terminationGracePeriodSeconds: 1 },
      },
    },
  };
}

function scaler(app: string, { autoscaler }: Shape): ApiObject[] {
  if (autoscaler === undefined) return [];
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: app };
  const target = { type: "Utilization", averageUtilization: 70 };
  return [
    {
      ...{
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: app, namespace: "default" },
      },
      spec: { scaleTargetRef, ...autoscaler, metrics: [{ type: "Resource", resource: { name: "cpu", target } }] },
    },
  ];
}

function registered(objects: readonly ApiObject[]): Resource[] {
  return objects.map((object) => {
    const type = `kubernetes:${object.apiVersion}:${object.kind}`;
    const { name } = object.metadata;
    return resourceOf({ urn: `urn:pulumi:test::doks-systems::${type}::${name}`, type, name, inputs: object });
  });
}

/** What the review says of a change from one set of objects to another; `untouched` if it does not name the workload. */
function said(before: readonly ApiObject[], after: readonly ApiObject[]): Verdict {
  const [old, now] = [registered(before), registered(after)];
  const { workloads } = availability(old, now, difference(old, now));
  return workloads[0]?.verdict ?? "untouched";
}

describe.skipIf(!able)("while its image changes", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-cluster-"));
  const token = randomBytes(16).toString("hex");
  let plane: ControlPlane;
  beforeAll(async () => {
    const nodes = [0, 1].map((i) => nodeOf(`general-${i}`, "general", "s-4vcpu-8gb"));
    plane = await startControlPlane(join(folder, "control-plane"), nodes, { tokens: [token], kinds: () => [] });
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const watched = (app: string) => new PodWatch({ server: plane.client.server, token, ca: plane.ca }, app);

  it.each(shapes)(
    "%s: %s",
    async (what, verdict, shape) => {
      const app = what.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
      const [old, now] = [manifest(app, shape, "1"), manifest(app, shape, "2")];
      const more = scaler(app, shape);
      expect(said([old, ...more], [now, ...more])).toBe(verdict);

      const { client } = plane;
      const count = shape.autoscaler?.minReplicas ?? shape.replicas;
      const pods = watched(app);
      for (const object of [old, ...more]) await client.apply(object);
      for (const object of more) await ready(client, object);
      await vi.waitUntil(() => pods.ready === count, 180_000);
      pods.reset();
      const applied = await client.apply(now);
      if (verdict === "untouched") {
        await vi.waitUntil(
          async () => (await client.get(now))?.["status"].observedGeneration === applied.metadata.generation,
          180_000,
        );
      } else {
        await ready(client, { ...now, spec: { ...now["spec"], replicas: count } });
      }
      const images = async () =>
        (await client.list("v1", "pods", "default"))
          .filter((pod) => pod.metadata.labels?.["app"] === app && !("deletionTimestamp" in pod.metadata))
          .map((pod) => (pod["spec"].containers as { image: string }[])[0]?.image.split(":")[1]);
      // The last old pod may still be there when enough new ones are ready.
      const left = Array.from({ length: count }, () => (verdict === "untouched" ? "1" : "2"));
      await vi.waitFor(async () => {
        expect(await images()).toEqual(left);
      }, 60_000);
      await vi.waitUntil(() => pods.ready === count, 180_000);
      pods.close();

      // Ready pods at the worst moment: all, some, or none.
      const happened = pods.fewest === 0 ? "away" : pods.fewest < count ? "fewer" : "rolls";
      expect(happened).toBe(verdict === "untouched" ? "rolls" : verdict);
    },
    600_000,
  );

  it("a workload with another selector is refused as an update, and so is away while it is made anew", async () => {
    const shape: Shape = { kind: "Deployment", replicas: 2 };
    const old = manifest("selected", shape, "1");
    const now = structuredClone(old);
    now["spec"].selector.matchLabels.tier = "web";
    now["spec"].template.metadata.labels.tier = "web";
    expect(said([old], [now])).toBe("away");

    const { client } = plane;
    const pods = watched("selected");
    await client.apply(old);
    await vi.waitUntil(() => pods.ready === 2, 180_000);
    pods.reset();
    await expect(client.apply(now)).rejects.toThrow("field is immutable");
    // As the provider replaces an object whose name stays: deleted until nothing of it is left, then made.
    await client.call("DELETE", `${await client.path(old)}?propagationPolicy=Foreground`);
    await vi.waitUntil(async () => (await client.get(old)) === undefined, 180_000);
    await client.apply(now);
    await vi.waitUntil(() => pods.ready === 2, 180_000);
    pods.close();
    expect(pods.fewest).toBe(0);
  });
});
