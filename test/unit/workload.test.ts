/** The autoscaled workload, which no committed stack has yet, built on a site of the test's own. */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { defaultImages } from "../../components/platform/images.ts";
import type { Site } from "../../components/platform/site.ts";
import { Namespace } from "../../components/workload/namespace.ts";
import { Workload } from "../../components/workload/workload.ts";
import type { RegisteredResource } from "../../preview/graph.ts";
import { record } from "../../preview/recorder.ts";
import { standInCall, standInResource } from "../../preview/stand-ins.ts";
import type { Loose } from "../support/stack.ts";

let resources: RegisteredResource[];
const spec = (kind: string): Loose => resources.find(({ type }) => type.endsWith(`:${kind}`))?.inputs["spec"];

beforeAll(async () => {
  await pulumi.runtime.setMocks({ newResource: standInResource, call: standInCall }, "doks-systems", "test", false);
  const recording = record();
  await pulumi.runtime.runInPulumiStack(() => {
    build();
    return Promise.resolve({});
  });
  await pulumi.runtime.disconnect();
  resources = recording.resources;
});

function build(): void {
  const site: Site = {
    production: true,
    images: defaultImages,
    checksumKey: pulumi.output("key"),
    doks: undefined,
    pools: [],
    storageRegion: "nyc3",
    registry: undefined,
    edge: undefined,
    adopt: () => undefined,
    nodeSelector: () => undefined,
    storageClass: () => undefined,
  };
  const namespace = new Namespace("ns", { setting: { name: "ns", create: true }, holdsData: false });
  const size = { cpu: "100m", memory: "64Mi" };
  new Workload("api", {
    site,
    namespace,
    workloadName: "api",
    labels: { app: "api" },
    replicas: { min: 2, max: 10, cpuPercent: 70 },
    update: "surge",
    connectsTo: [],
    pod: {
      user: { uid: 1000, gid: 1000 },
      graceSeconds: 30,
      containers: [{ name: "api", image: "api:1", resources: { requests: size, limits: size } }],
    },
  });
}

describe("an autoscaled workload", () => {
  it("leaves the count to the autoscaler, so that no update sets it back", () => {
    expect(spec("Deployment")).not.toHaveProperty("replicas");
    expect(spec("HorizontalPodAutoscaler")).toMatchObject({
      scaleTargetRef: { kind: "Deployment", name: "api" },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [{ resource: { name: "cpu", target: { averageUtilization: 70 } } }],
    });
  });

  it("is spread over nodes and drained one pod at a time", () => {
    expect(spec("Deployment").template.spec.topologySpreadConstraints).toHaveLength(1);
    expect(spec("PodDisruptionBudget")).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" });
  });

  it("starts a new pod before it stops an old one", () => {
    expect(spec("Deployment").strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  });

  it("that connects to nothing may reach nothing, not even DNS", () => {
    const own = resources.find(({ name, type }) => name === "api" && type.endsWith(":NetworkPolicy"));
    expect((own?.inputs as Loose).spec).toEqual({
      podSelector: { matchLabels: { app: "api" } },
      policyTypes: ["Ingress", "Egress"],
      egress: [],
    });
  });
});
