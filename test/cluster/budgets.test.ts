/** How many pods a disruption budget keeps: the review counts as the real disruption controller does. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { staying } from "../../preview/review/protection/replicas.ts";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { nodeOf } from "../../sandbox/control-plane/nodes.ts";
import { hasGo } from "../../sandbox/tools.ts";
import { ready } from "../support/cluster/deploy.ts";

const able = hasGo();
if (!able) console.warn("skipped: the cluster tier, without Go");

const replicas = 3;
const budgets = [
  ...[0, 1, 2, 3, "0%", "33%", "34%", "50%", "100%"].map((minAvailable) => ({ minAvailable })),
  ...[0, 1, 3, "0%", "33%", "34%", "50%", "100%"].map((maxUnavailable) => ({ maxUnavailable })),
];

describe.skipIf(!able)("of three pods", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-cluster-"));
  let plane: ControlPlane;
  beforeAll(async () => {
    const nodes = [nodeOf("general-0", "general", "s-4vcpu-8gb")];
    plane = await startControlPlane(join(folder, "control-plane"), nodes, { kinds: () => [] });
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("a drain leaves as many as the review says", async () => {
    const { client } = plane;
    const labels = { app: "web" };
    const web = {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default" } },
      spec: {
        ...{ replicas, selector: { matchLabels: labels } },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "web", image: "registry.example.com/web:1" }] },
        },
      },
    };
    await client.apply(web);
    await ready(client, web);
    const metadata = { name: "web", namespace: "default" };
    const said: unknown[] = [];
    const real: unknown[] = [];
    for (const budget of budgets) {
      const spec = { selector: { matchLabels: labels }, ...budget };
      const object = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec };
      const { generation } = (await client.apply(object)).metadata as { generation?: number };
      const status = await vi.waitUntil(async () => {
        const found = (await client.get(object))?.["status"] as Status | undefined;
        return found?.observedGeneration === generation && found?.expectedPods === replicas ? found : undefined;
      }, 60_000);
      said.push({ ...budget, stay: staying({ inputs: { spec } }, replicas) });
      real.push({ ...budget, stay: replicas - status.disruptionsAllowed });
    }
    expect(said).toEqual(real);
  });
});

interface Status {
  readonly observedGeneration?: number;
  readonly expectedPods?: number;
  readonly disruptionsAllowed: number;
}
