/** Every object of every stack, in a real control plane: accepted without a warning, scheduled on nodes of real size, ready. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parseSettings } from "../../systems/settings.ts";
import type { PlatformSetting } from "../../settings/platform.ts";
import { readStackFile } from "../../graph/render/configuration.ts";
import { ApiError, hasCondition, type ApiObject } from "../../sandbox/control-plane/client.ts";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { nodesOf } from "../../sandbox/control-plane/nodes.ts";
import { hasGo } from "../../sandbox/tools.ts";
import { autoscaledWorkload } from "../support/cluster/autoscaled.ts";
import { deploy, ready } from "../support/cluster/deploy.ts";
import { stack, type Loose, type RenderedStack } from "../support/stack.ts";

/** The system that is deleted, restarted and drained in detail; what holds for it holds for the others' same components. */
const namespace = "bow-mark";
const able = hasGo();
if (!able) console.warn("skipped: the cluster tier, without Go");

function platformOf(name: string): PlatformSetting {
  return parseSettings(name, readStackFile(name)).platform;
}

async function within(folder: string, nodes: readonly ApiObject[]): Promise<ControlPlane> {
  return startControlPlane(join(folder, "control-plane"), nodes);
}

describe.skipIf(!able).each(["prod", "staging", "local"])("%s on a real control plane", (name) => {
  const folder = mkdtempSync(join(tmpdir(), "doks-cluster-"));
  let plane: ControlPlane;
  let rendered: RenderedStack;
  let first: ApiObject[];

  beforeAll(async () => {
    rendered = await stack(name);
    plane = await within(folder, nodesOf(platformOf(name), "min"));
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const namespaces = () => [...new Set(rendered.podTemplates().map((owner) => owner.namespace))];
  const listed = async (version: string, kind: string) =>
    (await Promise.all(namespaces().map((one) => plane.client.list(version, kind, one)))).flat();

  it("every object is accepted and every workload becomes ready, with pools at their minimum", async () => {
    plane.client.warnings.length = 0;
    first = await deploy(plane.client, rendered.rendering.resources);
    expect(first).toHaveLength(rendered.objects().length);
    expect(plane.client.warnings).toEqual([]);
  });

  it("nothing is left pending, and every pod runs on its pool", async () => {
    const waiting = async () => {
      const pods = await listed("v1", "pods");
      return pods.filter(({ status }) => !["Running", "Succeeded"].includes(status.phase as string));
    };
    // An autoscaler may just have made one.
    for (let tries = 0; tries < 100 && (await waiting()).length > 0; tries += 1) await sleep(100);
    expect((await waiting()).map(({ metadata }) => metadata.name)).toEqual([]);
    for (const pod of await listed("v1", "pods")) {
      const pool: string | undefined = pod["spec"].nodeSelector?.["doks.digitalocean.com/node-pool"];
      if (pool !== undefined) expect(pod["spec"].nodeName).toMatch(new RegExp(`^${pool}-\\d+$`));
    }
  });

  it("every claim is bound, of the class that the stack names", async () => {
    const claims = await listed("v1", "persistentvolumeclaims");
    const expected = rendered.objects().flatMap(({ kind, metadata, ...rest }) => {
      if (kind !== "StatefulSet") return [];
      const spec: Loose = rest["spec"];
      const [template] = spec.volumeClaimTemplates;
      const storageClass: string = template.spec.storageClassName ?? "do-block-storage";
      return Array.from(
        { length: spec.replicas },
        (_, i) => `${metadata.namespace ?? ""}/${template.metadata.name}-${metadata.name}-${i} ${storageClass}`,
      );
    });
    const bound = claims
      .filter((claim) => claim["status"].phase === "Bound")
      .map(({ metadata, spec }) => `${metadata.namespace ?? ""}/${metadata.name} ${spec.storageClassName}`);
    expect(bound.toSorted()).toEqual(expected.toSorted());
  });

  it("bow-mark 25: every Service has ready endpoints", async () => {
    const services = await listed("v1", "services");
    expect(services).toHaveLength(rendered.all("Service").length);
    const hasEndpoint = (slices: readonly ApiObject[], { namespace, name }: ApiObject["metadata"]) =>
      slices
        .filter(({ metadata }) => metadata.namespace === namespace)
        .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name)
        .flatMap((slice) => (slice["endpoints"] ?? []) as { conditions: { ready: boolean } }[])
        .some(({ conditions }) => conditions.ready);
    const without = async () => {
      const slices = await listed("discovery.k8s.io/v1", "endpointslices");
      return services.flatMap(({ metadata }) => (hasEndpoint(slices, metadata) ? [] : metadata.name));
    };
    await expect.poll(without).toEqual([]);
  });

  it("every CronJob's pod is admitted, scheduled and completes when it is triggered", async () => {
    for (const cron of await listed("batch/v1", "cronjobs")) {
      const job: ApiObject = {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: `${cron.metadata.name}-manual`, namespace: cron.metadata.namespace ?? "" },
        spec: cron["spec"].jobTemplate.spec,
      };
      await plane.client.apply(job, "tests");
      await ready(plane.client, job);
      await plane.client.delete(job);
    }
  });

  it("applying it all again changes nothing", async () => {
    const generations = (objects: readonly ApiObject[]) =>
      objects.map(
        ({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid ?? ""} ${metadata.generation ?? ""}`,
      );
    // As they are by now: autoscalers have taken their counts over.
    const now = () => Promise.all(first.map(async (object) => (await plane.client.get(object)) ?? object));
    const before = await now();
    await deploy(plane.client, rendered.rendering.resources);
    expect(generations(await now())).toEqual(generations(before));
  });

  it("bow-mark 43: a restart of the workers from outside is not undone by applying again", async () => {
    const worker = first.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "worker-deployment");
    if (worker === undefined) throw new Error("no worker");
    const restartedAt = { "kubectl.kubernetes.io/restartedAt": "2026-11-21T07:00:00Z" };
    const patch = { spec: { template: { metadata: { annotations: restartedAt } } } };
    const path = `${await plane.client.path(worker)}?fieldManager=kubectl-rollout`;
    await plane.client.call("PATCH", path, patch, "application/strategic-merge-patch+json");
    const restarted = await plane.client.get(worker);
    await deploy(plane.client, rendered.rendering.resources);
    const after = await plane.client.get(worker);
    expect(after?.["spec"].template.metadata.annotations).toMatchObject(restartedAt);
    expect(after?.metadata.generation).toBe(restarted?.metadata.generation);
  });
});

describe.skipIf(!able)("what happens to a running cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-cluster-"));
  let plane: ControlPlane;
  let rendered: RenderedStack;

  beforeAll(async () => {
    rendered = await stack("prod");
    plane = await within(folder, nodesOf(platformOf("prod"), "max"));
    await deploy(plane.client, rendered.rendering.resources);
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("every node drains in turn, and no disruption budget is overrun", async () => {
    const { client } = plane;
    const pods = () => client.list("v1", "pods", namespace);
    const readyOf = (list: readonly ApiObject[], component: string) =>
      list.filter((pod) => pod.metadata.labels?.["component"] === component && hasCondition(pod, "Ready")).length;
    const fewest: Record<string, number> = { server: 2, "server-concrete": 2 };
    const draining = new AbortController();
    const watching = (async () => {
      while (!draining.signal.aborted) {
        const list = await pods();
        for (const component of Object.keys(fewest)) {
          fewest[component] = Math.min(fewest[component] ?? 0, readyOf(list, component));
        }
        await sleep(20);
      }
    })();
    // Both servers of an app at once first: one may go only when the other is back. Then every other node by itself.
    const nodeOf = (pod: ApiObject): string => pod["spec"].nodeName;
    const first = (await pods()).filter((pod) => pod.metadata.labels?.["component"] === "server").map(nodeOf);
    const others = (await client.list("v1", "nodes")).map(({ metadata }) => metadata.name);
    expect(new Set(first).size).toBe(2);
    for (const nodes of [first, ...others.filter((node) => !first.includes(node)).map((node) => [node])]) {
      await Promise.all(nodes.map((node) => cordon(node, true)));
      const leaving = (await pods()).filter((pod) => nodes.includes(nodeOf(pod)) && pod["status"].phase === "Running");
      await Promise.all(leaving.map((pod) => evict(pod)));
      for (const object of rendered.objects()) await ready(client, object);
      const uids = new Set(leaving.map(({ metadata }) => metadata.uid));
      await vi.waitUntil(async () => !(await pods()).some(({ metadata }) => uids.has(metadata.uid)), 60_000);
      await Promise.all(nodes.map((node) => cordon(node, false)));
    }
    draining.abort();
    await watching;
    for (const [component, count] of Object.entries(fewest)) expect(count, component).toBeGreaterThanOrEqual(1);
  }, 300_000);

  function cordon(node: string, unschedulable: boolean): Promise<unknown> {
    const patch = { spec: { unschedulable } };
    return plane.client.call("PATCH", `/api/v1/nodes/${node}`, patch, "application/merge-patch+json");
  }

  /** Evicts as a drain does: again and again while a disruption budget refuses. */
  async function evict(pod: ApiObject): Promise<void> {
    const { name } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
    const deadline = Date.now() + 120_000;
    while (Date.now() < deadline) {
      try {
        await plane.client.call("POST", path, eviction);
        return;
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 429)) throw error;
        await sleep(100);
      }
    }
    throw new Error(`${name} could not be evicted in two minutes`);
  }

  it("a LoadBalancer Service gets an address", async () => {
    const { client } = plane;
    const service: ApiObject = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "public", namespace: "default" },
      spec: { type: "LoadBalancer", selector: { app: "public" }, ports: [{ port: 443 }] },
    };
    await client.apply(service, "tests");
    const address = async () =>
      (await client.get(service))?.["status"].loadBalancer.ingress?.[0]?.ip as string | undefined;
    for (let tries = 0; tries < 600 && (await address()) === undefined; tries += 1) await sleep(100);
    expect(await address()).toMatch(/^192\.0\.2\.\d+$/);
    await client.delete(service);
  });

  it("an autoscaler's count is not undone by applying again", async () => {
    const { client } = plane;
    const resources = await autoscaledWorkload();
    await deploy(client, resources);
    const deployment: ApiObject = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "api", namespace: "autoscaled" },
    };
    const scale = { spec: { replicas: 5 } };
    await client.call("PATCH", `${await client.path(deployment)}/scale`, scale, "application/merge-patch+json");
    await deploy(client, resources);
    expect((await client.get(deployment))?.["spec"].replicas).toBe(5);
    await ready(client, { ...deployment, spec: { replicas: 5 } });
  });

  it("deleting the system leaves the platform and other namespaces alone", async () => {
    const { client } = plane;
    const outside = async () => {
      const lists = await Promise.all([
        client.list("apps/v1", "deployments"),
        client.list("gateway.networking.k8s.io/v1", "gateways"),
        client.list("gateway.networking.k8s.io/v1", "gatewayclasses"),
        client.list("cert-manager.io/v1", "clusterissuers"),
        client.list("networking.k8s.io/v1", "networkpolicies"),
      ]);
      return lists
        .flat()
        .filter(({ metadata }) => metadata.namespace !== namespace)
        .map(({ metadata }) => metadata.uid);
    };
    const before = await outside();
    const own = rendered
      .objects()
      .filter(({ metadata, kind }) => metadata.namespace === namespace && kind !== "Namespace");
    for (const object of own.toReversed()) await client.delete(object);
    const deadline = Date.now() + 120_000;
    while (Date.now() < deadline && (await client.list("v1", "pods", namespace)).length > 0) await sleep(200);
    expect(await client.list("v1", "pods", namespace)).toEqual([]);
    expect(await outside()).toEqual(before);
    // Data outlives its server.
    expect(await client.list("v1", "persistentvolumeclaims", namespace)).toHaveLength(2);
  });
});
