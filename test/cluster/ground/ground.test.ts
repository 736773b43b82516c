/** The installations that the systems' documents describe run in a real control plane, as their owners made them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackFile } from "../../../graph/render/configuration.ts";
import type { ApiObject } from "../../../sandbox/control-plane/client.ts";
import { startControlPlane, type ControlPlane } from "../../../sandbox/control-plane/control-plane.ts";
import { nodesOf } from "../../../sandbox/control-plane/nodes.ts";
import { hasGo } from "../../../sandbox/tools.ts";
import { parseSettings } from "../../../systems/settings.ts";
import {
  documented,
  handOver,
  keptOf,
  lay,
  managers,
  namespacesOf,
  podsOf,
  ways,
} from "../../support/ground/ground.ts";
import { agreeing } from "../../support/ground/agreeing.ts";
import { deploy } from "../../support/cluster/deploy.ts";
import { nameOf } from "../../../graph/resource.ts";
import { alone, type Loose } from "../../support/stack.ts";

const able = hasGo();
if (!able) console.warn("skipped: the cluster tier, without Go");

const nameOfObject = ({ metadata }: ApiObject) => `${metadata.namespace ?? ""}/${metadata.name}`;

describe.skipIf(!able)("running ground", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-ground-"));
  let plane: ControlPlane;
  beforeAll(async () => {
    const { platform } = parseSettings("prod", readStackFile("prod"));
    plane = await startControlPlane(join(folder, "control-plane"), nodesOf(platform, "max"));
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each(documented)("%s", (name) => {
    let objects: ApiObject[];

    it("every object is accepted, and every pod becomes ready", { timeout: 300_000 }, async () => {
      objects = await lay(plane.client, name);
      const pods = (await Promise.all(namespacesOf(objects).map((one) => plane.client.list("v1", "pods", one)))).flat();
      expect(pods.length).toBeGreaterThan(1);
      for (const pod of pods) expect(["Running", "Succeeded"], pod.metadata.name).toContain(pod["status"].phase);
    });

    it("every claim is bound, and marked as data", async () => {
      const templates = objects.flatMap(({ kind, spec }) =>
        kind === "StatefulSet" ? Array.from({ length: spec.replicas }, () => spec.volumeClaimTemplates).flat() : [],
      );
      const claims = Object.entries(await keptOf(plane.client, objects)).filter(([one]) =>
        one.startsWith("Persistent"),
      );
      expect(claims).toHaveLength(templates.length);
      for (const [claim, kept] of claims) expect(kept, claim).toMatch(/^[0-9a-f-]{36} pvc-\S+ \S+-\d$/);
    });

    it("its fields belong to whoever made them, as Kubernetes keeps it", async () => {
      const [way, operation] = [ways[name], ways[name] === "server-side apply" ? "Apply" : "Update"];
      for (const object of objects) {
        const { metadata }: Loose = await plane.client.get(object);
        const makers = (metadata.managedFields ?? []).filter(({ manager }: Loose) => manager === managers[way]);
        expect(
          makers.map((one: Loose) => one.operation),
          `${object.kind} ${metadata.name}`,
        ).toEqual([operation]);
        const applied = metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"] !== undefined;
        expect(applied, `${object.kind} ${metadata.name}`).toBe(way === "client-side apply");
      }
    });

    it("with settings that agree, all that the program makes is applied in place", { timeout: 300_000 }, async () => {
      const before = await keptOf(plane.client, objects);
      const rendered = await alone(name)("prod", { [`doks-systems:${name}`]: agreeing[name] });
      // Server-side apply keeps what Kubernetes itself had set for a rolling update, and refuses it beside Recreate.
      for (const object of objects.filter(({ kind }) => kind === "Deployment")) {
        const own = rendered.all("Deployment").find((one) => nameOf(one) === nameOfObject(object));
        if ((own?.inputs as Loose)?.spec.strategy?.type !== "Recreate") continue;
        const change = { spec: { strategy: { type: "Recreate", rollingUpdate: null } } };
        await plane.client.call("PATCH", await plane.client.path(object), change, "application/merge-patch+json");
      }
      await handOver(plane.client, objects, "doks-systems");
      await deploy(plane.client, rendered.rendering.resources);
      const after = await keptOf(plane.client, objects);
      expect(Object.entries(before).map(([one, kept]) => [one, after[one] === kept])).toEqual(
        Object.keys(before).map((one) => [one, true]),
      );
    });

    it("what must survive can be told from what was made anew", async () => {
      const before = { kept: await keptOf(plane.client, objects), pods: await podsOf(plane.client, objects) };
      const deployment = objects.find(({ kind }) => kind === "Deployment");
      if (deployment === undefined) throw new Error("no Deployment");
      await plane.client.delete(deployment);
      const name = `Deployment ${deployment.metadata.namespace ?? ""}/${deployment.metadata.name}`;
      expect(Object.keys(before.kept)).toContain(name);
      const after = await keptOf(plane.client, objects);
      expect(Object.keys(before.kept).filter((one) => after[one] !== before.kept[one])).toEqual([name]);
    });
  });
});
