/** What the program would take over is read back as it would write it, whoever has applied it: no difference but a real one. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClusterReader } from "../../../adopt/ground/cluster.ts";
import { match, standing } from "../../../adopt/match/match.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { inCluster, kubernetesObject, type Resource } from "../../../graph/resource.ts";
import { difference } from "../../../preview/review/difference.ts";
import { ApiError, type ApiObject, type Client } from "../../../sandbox/control-plane/client.ts";
import { startControlPlane, type ControlPlane } from "../../../sandbox/control-plane/control-plane.ts";
import { hasGo } from "../../../sandbox/tools.ts";
import { stack } from "../../support/stack.ts";

const able = hasGo();
if (!able) console.warn("skipped: the cluster tier, without Go");

/** The ways in which people put objects into a cluster. What is there already, such as an add-on's namespace, is applied over. */
const ways = {
  "kubectl apply --server-side": (client: Client, object: ApiObject) => client.apply(object, "kubectl"),
  // Of a new object the API server takes the defaults for the manager's own.
  "kubectl apply": (client: Client, object: ApiObject) => createdOrApplied(client, object, "kubectl-client-side-apply"),
  "helm install": (client: Client, object: ApiObject) => createdOrApplied(client, object, "helm"),
};

async function createdOrApplied(client: Client, object: ApiObject, manager: string): Promise<unknown> {
  const collection = (await client.path(object)).replace(/\/[^/]*$/, "");
  try {
    return await client.call("POST", `${collection}?fieldManager=${manager}`, object);
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) return client.apply(object, "kubectl");
    throw error;
  }
}

describe.skipIf(!able).each(Object.entries(ways))("objects of production, made by %s", (_name, make) => {
  const folder = mkdtempSync(join(tmpdir(), "doks-cluster-"));
  const token = randomBytes(16).toString("hex");
  let plane: ControlPlane;
  let resources: readonly Resource[];

  beforeAll(async () => {
    const { rendering } = await stack("prod");
    resources = maskedResources(rendering);
    plane = await startControlPlane(join(folder, "control-plane"), [], { tokens: [token] });
    const objects = rendering.resources.flatMap((one) => kubernetesObject(one) ?? []);
    const isNamespace = ({ kind }: ApiObject) => kind === "Namespace";
    for (const wave of [objects.filter(isNamespace), objects.filter((one) => !isNamespace(one))])
      await Promise.all(wave.map((object) => make(plane.client, object)));
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are all found, and nothing of them would change", async () => {
    const cluster = new ClusterReader({ server: plane.client.server, ca: plane.ca, token });
    const matches = await match(resources, { cluster, remarks: [] });
    const own = resources.filter((one) => inCluster(one) && kubernetesObject(one) !== undefined);
    expect(matches.unseen).toEqual([]);
    expect(own.filter(({ urn }) => !matches.found.has(urn)).map(({ urn }) => urn)).toEqual([]);
    const changes = difference(
      standing(resources, matches, () => true),
      resources,
    );
    const changed = changes.filter(({ resource }) => matches.found.has(resource.urn));
    expect(changed.map(({ resource, fields }) => [resource.name, fields])).toEqual([]);
  });
});
