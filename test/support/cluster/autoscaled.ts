/** An autoscaled workload on a site of the tests' own, for what no committed stack has yet. */
import { Namespace } from "../../../components/site/namespace.ts";
import { Workload } from "../../../components/workload/workload.ts";
import type { Resource } from "../../../graph/resource.ts";
import { runProgram } from "../../../graph/render/run.ts";
import { testSite } from "../site.ts";
import { shape, type ShapeDefaults } from "../../../settings/slices/shape.ts";

/** What it registers. */
export async function autoscaledWorkload(): Promise<readonly Resource[]> {
  const { resources } = await runProgram(() => {
    build();
    return Promise.resolve({});
  }, "test");
  return resources;
}

function build(): void {
  const site = testSite();
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
  const namespace = new Namespace("autoscaled", {
    setting,
    systemName: "autoscaled",
    holdsData: false,
    shapes: shape({ api }, {}),
  });
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
