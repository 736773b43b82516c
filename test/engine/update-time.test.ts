/** How long an update takes, and what it waits for: the review names the waits that the real engine has, in their order. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskedResources } from "../../graph/masking.ts";
import type { Patch } from "../../graph/render/configuration.ts";
import { render } from "../../graph/render/render.ts";
import { kindOf, type Resource } from "../../graph/resource.ts";
import { availability } from "../../preview/review/availability/availability.ts";
import type { Durations, Seconds } from "../../preview/review/availability/seconds.ts";
import { difference } from "../../preview/review/difference.ts";
import { readTimings } from "../../sandbox/timings.ts";
import { Stage, noEngine, only } from "../support/stage.ts";

/** GX alone, with a managed database, where nothing is protected. Charts come from the internet, which a sandbox does not have. */
const database = { kind: "managed", size: "db-s-1vcpu-2gb", nodes: 1, storage: null, parameters: null };
const platform = {
  addons: { envoyGateway: "existing", certManager: "existing", metricsServer: "existing" },
};
const gx = (settings: object): Patch => ({
  ...only("gx"),
  "doks-systems:gx": { database, backup: false, ...settings },
  "doks-systems:platform": platform,
});

const about = (usual: number): Seconds => ({ usual, worst: usual });
/**
 * Seconds that a sandbox takes: the providers look every 10 s for a node pool, and every 15 s for a database; everything else is
 * there at once, and pods run as soon as they are made. A cluster is a real control plane, which starts as fast as the machine
 * can.
 */
const sandboxed = (clusterSeconds: number): Durations => ({
  "KubernetesCluster create": about(clusterSeconds),
  "KubernetesNodePool create": about(10),
  "KubernetesNodePool delete": about(10),
  "DatabaseCluster create": about(15),
  "DatabaseCluster resize": about(15),
  "Job run": about(1),
  "pod placed": about(1),
});
/** Shorter waits are a matter of how busy the machine is. */
const longSeconds = 5;
/** How much longer or shorter a chain of waits may be than it is said to be, for each of them: one look of a provider. */
const tolerance = 10;

/** As a sandbox runs them: nothing runs in a pod, and nobody asks its probes. */
function withoutProbes(resources: readonly Resource[]): Resource[] {
  const probes = new Set(["readinessProbe", "startupProbe"]);
  return resources.map((one) => ({
    ...one,
    inputs: JSON.parse(
      JSON.stringify(one.inputs, (key, value: unknown) => (probes.has(key) ? undefined : value)),
    ) as Resource["inputs"],
  }));
}

const settings: readonly [what: string, patch: Patch][] = [
  ["made from nothing", gx({})],
  [
    "with a larger database, and another image",
    gx({ database: { ...database, size: "db-s-2vcpu-4gb" }, imageTag: "2.0.1" }),
  ],
  [
    "with a node pool of another size",
    merged(gx({ database: { ...database, size: "db-s-2vcpu-4gb" }, imageTag: "2.0.1" }), {
      pools: { general: { size: "s-8vcpu-16gb" } },
    }),
  ],
];

function merged(patch: Patch, more: object): Patch {
  return { ...patch, "doks-systems:platform": { ...platform, ...more } };
}

describe.skipIf(noEngine !== undefined)("GX Protocol in staging", () => {
  let stage: Stage;
  let before: readonly Resource[] = [];
  beforeAll(async () => {
    stage = await Stage.open("staging", gx({}));
  });
  afterAll(() => stage.close());

  it.each(settings)("%s: what the update waits for, and how long", async (_what, patch) => {
    const after = withoutProbes(maskedResources(await render("staging", patch)));
    await stage.rehearsal.configure(patch);
    await stage.mustUp("--event-log", stage.rehearsal.eventLog);
    const { criticalPath } = readTimings(stage.rehearsal.eventLog, await stage.resources());
    const cluster = criticalPath.find(({ name }) => name.startsWith("KubernetesCluster"))?.seconds ?? 0;
    const { update } = availability(before, after, difference(before, after), sandboxed(cluster));
    before = after;

    const waits = criticalPath.filter(({ seconds }) => seconds >= longSeconds);
    const said = update.chain.filter(({ seconds }) => seconds.usual >= longSeconds);
    expect(waits.length).toBeGreaterThan(0);
    // Pools are made side by side: which of them is the last is chance.
    expect(said.map(({ resource }) => kindOf(resource))).toEqual(waits.map(({ name }) => name.split(" ")[0]));
    const took = waits.reduce((all, { seconds }) => all + seconds, 0);
    const expected = said.reduce((all, { seconds }) => all + seconds.usual, 0);
    expect(Math.abs(took - expected)).toBeLessThanOrEqual(tolerance * waits.length);
  });

  it("a node pool whose name stays goes with its nodes before the new one comes", () => {
    const calls = stage.world.api.journal
      .filter(({ path, method }) => /\/node_pools(\/[^/]+)?$/.test(path) && (method === "DELETE" || method === "POST"))
      .map(({ method }) => method);
    expect(calls.slice(-2)).toEqual(["DELETE", "POST"]);
  });
});
