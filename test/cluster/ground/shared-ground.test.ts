/** A namespace that others use, in a real control plane: what of ours is accepted there, and whom it would touch. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClusterReader } from "../../../adopt/ground/cluster.ts";
import { neighboursOf } from "../../../ci/neighbours.ts";
import { reachKubeconfig } from "../../../preflight/kubeconfig.ts";
import type { ApiObject } from "../../../sandbox/control-plane/client.ts";
import { startControlPlane, type ControlPlane } from "../../../sandbox/control-plane/control-plane.ts";
import { nodesOf } from "../../../sandbox/control-plane/nodes.ts";
import { hasGo } from "../../../sandbox/tools.ts";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { deploy } from "../../support/cluster/deploy.ts";
import { alone, type Loose, type RenderedStack } from "../../support/stack.ts";

const able = hasGo();
if (!able) console.warn("skipped: shared ground in a cluster, without Go");

const namespace = "backend-mainnet";
const gx = "doks-systems:gx";
const small = { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } };

/** A Deployment of somebody else's, whose pods have these labels. */
function theirs(name: string, labels: Record<string, string>): ApiObject {
  const spec = { containers: [{ name: "main", image: "example.com/theirs:1", resources: small }] };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

describe.skipIf(!able)("GX in a namespace that others use, with a database and a Redis of theirs", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-shared-"));
  let plane: ControlPlane;
  let rendered: RenderedStack;
  const neighbours = async (stack: RenderedStack) => {
    const server = await reachKubeconfig("kubeconfig", { source: "kubeconfig", path: plane.kubeconfig } as never);
    if (Array.isArray(server)) throw new Error("no server");
    const { problems, remarks } = await neighboursOf(stack.rendering.resources, new ClusterReader(server));
    expect(remarks).toEqual([]);
    return problems.map(({ path, problem }) => `${path.replace(/-[0-9a-z]+-[0-9a-z]{5}$/, "")} ${problem}`);
  };

  beforeAll(async () => {
    const { platform } = parseSettings("local", readStackFile("local"));
    plane = await startControlPlane(join(folder, "control-plane"), nodesOf(platform, "min"));
    await plane.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, "owner");
    // The document's own labels of the two.
    for (const app of ["postgres", "redis"]) await plane.client.apply(theirs(`their-${app}`, { app }), "owner");
    await plane.client.apply(theirs("their-web", { app: "svc-identity" }), "owner");
    const where = (app: string) => ({ kind: "pods", labels: { app } });
    rendered = await alone("gx")("local", {
      [gx]: {
        namespace: { create: false },
        database: {
          kind: "existing",
          host: `postgres.${namespace}.svc`,
          user: "gx_admin",
          tls: "disable",
          storage: null,
          where: where("postgres"),
        },
        redis: {
          kind: "existing",
          host: `redis.${namespace}.svc`,
          tls: false,
          storage: null,
          maxMemory: null,
          where: where("redis"),
        },
      },
    });
    const pods = async () => (await plane.client.list("v1", "pods", namespace)).length;
    for (let i = 0; i < 100 && (await pods()) < 3; i += 1) await new Promise((done) => setTimeout(done, 100));
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("touches nobody, though a pod of theirs has the label of our API", async () => {
    expect(await neighbours(rendered)).toEqual([]);
  });

  it("is accepted there without a warning, and leaves what is theirs as it was", async () => {
    const before = (await plane.client.list("apps/v1", "deployments", namespace)).map(({ metadata }) => metadata);
    plane.client.warnings.length = 0;
    await deploy(plane.client, rendered.rendering.resources);
    expect(plane.client.warnings).toEqual([]);
    const after = (await plane.client.list("apps/v1", "deployments", namespace)).map(({ metadata }) => metadata);
    for (const { name, generation } of before) {
      expect(after.find((one) => one.name === name)?.generation, name).toBe(generation);
    }
    // The Service finds our pod alone, and theirs has no policy.
    const found = async () => {
      const slices = await plane.client.list("discovery.k8s.io/v1", "endpointslices", namespace);
      return slices
        .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === "svc-identity")
        .flatMap((slice) => (slice["endpoints"] ?? []) as Loose[])
        .map(({ targetRef }) => targetRef.name as string);
    };
    await expect.poll(found).toEqual([expect.stringMatching(/^svc-identity-/)]);
    expect(await neighbours(rendered)).toEqual([]);
  });

  it("a server of ours beside theirs is refused: our Service would lead to their pods, an autoscaler would count them", async () => {
    const own = await alone("gx")("local", {
      [gx]: {
        namespace: { create: false },
        workloads: { "svc-identity": { replicas: null, autoscaling: { min: 1, max: 2 } } },
      },
      "doks-systems:platform": { addons: { metricsServer: "existing" } },
    });
    const found = await neighbours(own);
    expect(found).toContain(
      "Pod backend-mainnet/their-redis is not this stack's, and would be selected by Service redis-headless, Service redis-master",
    );
    expect(found.find((line) => line.includes("their-postgres"))).toContain("Service postgres");
    expect(found.find((line) => line.includes("their-web"))).toBe(
      "Pod backend-mainnet/their-web is not this stack's, and would be selected by HorizontalPodAutoscaler svc-identity-hpa",
    );
  });

  it("a Service or budget of theirs that would find our pods is named, with what that does", async () => {
    const selector = { app: "svc-identity" };
    const metadata = { name: "their-web", namespace };
    const service: ApiObject = {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector, ports: [{ port: 80 }] },
    };
    const spec = { maxUnavailable: 1, selector: { matchLabels: selector } };
    const budget: ApiObject = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec };
    for (const object of [service, budget]) await plane.client.apply(object, "owner");
    expect(await neighbours(rendered)).toEqual([
      "Service backend-mainnet/their-web is not this stack's, and would select pods of Deployment svc-identity",
      "PodDisruptionBudget backend-mainnet/their-web is not this stack's, and would select pods of Deployment svc-identity",
    ]);
  });
});
