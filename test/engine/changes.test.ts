/** What a change of a setting does to a running stack, as the engine says it: in place, and to nothing else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kindOf } from "../../graph/resource.ts";
import { difference } from "../../preview/review/difference.ts";
import { maskedResources } from "../../graph/masking.ts";
import { render } from "../../graph/render/render.ts";
import type { Patch } from "../../graph/render/configuration.ts";
import { merged, Stage, noEngine, only } from "../support/stage.ts";

const gx = (settings: object): Patch => ({ "doks-systems:gx": settings });
const platform = (settings: object): Patch => ({ "doks-systems:platform": settings });
const deployments = ["gx-outbox-submitter", "gx-projector", "gx-svc-identity"].map(
  (name) => `update Deployment ${name}`,
);

const changes: [what: string, patch: Patch, planned: string[]][] = [
  [
    "a larger pool",
    platform({ pools: { general: { max: 40 } } }),
    ["update KubernetesNodePool platform-general", "update PrometheusRule platform-pool-alerts"],
  ],
  [
    "another pool",
    platform({ pools: { more: { size: "c-2", min: 1, max: 2 } } }),
    ["create KubernetesNodePool platform-more", "update PrometheusRule platform-pool-alerts"],
  ],
  [
    "another maintenance window",
    platform({ cluster: { maintenance: { day: "monday", startTime: "03:00" } } }),
    ["update KubernetesCluster platform"],
  ],
  [
    "another tier of the registry",
    platform({ registry: { tier: "basic" } }),
    ["update ContainerRegistry platform-registry"],
  ],
  ["a larger database", gx({ database: { size: "db-s-2vcpu-4gb" } }), ["update DatabaseCluster gx-postgres"]],
  ["another hour of the backup", gx({ backup: { schedule: "0 6 * * *" } }), ["update CronJob gx-backup"]],
  [
    "more pods at most",
    gx({ workloads: { "svc-identity": { autoscaling: { max: 12 } } } }),
    ["update HorizontalPodAutoscaler gx-svc-identity"],
  ],
  [
    "more words in the logs",
    gx({ logLevel: "debug" }),
    ["update ConfigMap gx-config", "replace Job gx-migrate", ...deployments],
  ],
  [
    "no restore drill",
    gx({ backup: { restoreDrill: null } }),
    ["delete CronJob gx-backup-drill", "delete NetworkPolicy gx-backup-drill", "delete ServiceAccount gx-backup-drill"],
  ],
  [
    "another host",
    gx({ exposure: { host: "api2.gxcoin.com" } }),
    [
      "update Certificate gx-route-certificate",
      "update HTTPRoute gx-route-api",
      "update HTTPRoute gx-route-redirect",
      "update ListenerSet gx-route-listeners",
      "create DnsRecord gx-route-api2-gxcoin-com",
      "delete DnsRecord gx-route-api-gxcoin-com",
    ],
  ],
  ["another image", gx({ imageTag: "2.0.1" }), ["replace Job gx-migrate", ...deployments]],
  [
    "other bounds of two pools",
    platform({ pools: { "default-pool": { max: 9 }, general: { min: 6 } } }),
    [
      "update KubernetesNodePool platform-default-pool",
      "update KubernetesNodePool platform-general",
      "update PrometheusRule platform-pool-alerts",
    ],
  ],
];

/** GX alone, with a migration, which runs again for what changes it. */
const base = merged(
  only("gx"),
  gx({ migration: { image: "gx-migrate", command: ["npx", "prisma", "migrate", "deploy"] } }),
);

/** The same, as the offline preview says it. */
async function predicted(patch: Patch): Promise<string[]> {
  const [before, after] = [await render("prod", base), await render("prod", patch)].map(maskedResources);
  return difference(before ?? [], after ?? [])
    .map(({ operation, resource }) => `${operation} ${kindOf(resource)} ${resource.name}`)
    .toSorted();
}

describe.skipIf(noEngine !== undefined)("GX Protocol in prod", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open("prod", base);
    await stage.mustUp();
  });
  afterAll(() => stage.close());

  it.each(changes)("%s", async (_what, patch, planned) => {
    await stage.rehearsal.configure(merged(base, patch));
    expect(await stage.planned()).toEqual(planned.toSorted());
    expect(await predicted(merged(base, patch))).toEqual(planned.toSorted());
  });

  it("all of them at once are done, and nothing is left to do", async () => {
    const together = changes.map(([, patch]) => patch).reduce(merged, base);
    await stage.rehearsal.configure(together);
    await stage.mustUp();
    await stage.settled();
  });
});
