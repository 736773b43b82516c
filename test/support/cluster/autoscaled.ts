/** An autoscaled workload on a site of the tests' own, for what no committed stack has yet. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { defaultImages } from "../../../components/site/images.ts";
import { noPriorities } from "../../../components/cluster/priority-classes.ts";
import type { Site } from "../../../components/site/site.ts";
import { Namespace } from "../../../components/site/namespace.ts";
import { Workload } from "../../../components/workload/workload.ts";
import type { Resource } from "../../../graph/resource.ts";
import { record } from "../../../graph/render/recorder.ts";
import { standInCall, standInResource } from "../../../graph/render/stand-ins.ts";
import { shape, type ShapeDefaults } from "../../../settings/slices/shape.ts";

/** What it registers. */
export async function autoscaledWorkload(): Promise<Resource[]> {
  await pulumi.runtime.setMocks({ newResource: standInResource, call: standInCall }, "doks-systems", "test", false);
  const recording = record();
  await pulumi.runtime.runInPulumiStack(() => {
    build();
    return Promise.resolve({});
  });
  await pulumi.runtime.disconnect();
  return recording.resources;
}

function build(): void {
  const site: Site = {
    production: true,
    provider: new k8s.Provider("test", {}),
    images: defaultImages,
    checksumKey: pulumi.output("key"),
    doks: undefined,
    pools: [],
    priorities: { names: noPriorities, ready: [] },
    storageRegion: "nyc3",
    registry: undefined,
    dns: { domains: [], ready: [] },
    edge: undefined,
    monitoring: undefined,
    linkerd: false,
    adopt: () => undefined,
    nodeSelector: () => undefined,
    storageClass: () => undefined,
  };
  const size = { cpu: "100m", memory: "64Mi" };
  const api: ShapeDefaults = {
    kind: "deployment",
    pool: "general",
    user: { uid: 1000, gid: 1000 },
    replicas: { min: 2, max: 10, cpuPercent: 70, memoryPercent: false },
    resources: { requests: size, limits: size },
    graceSeconds: 30,
  };
  const setting = { name: "autoscaled", create: true };
  const namespace = new Namespace("autoscaled", { setting, holdsData: false, shapes: shape({ api }, {}) });
  new Workload("api", {
    site,
    namespace,
    workloadName: "api",
    labels: { app: "api" },
    update: "surge",
    connectsTo: [],
    pod: { containers: [{ name: "api", image: "api:1" }] },
  });
}
