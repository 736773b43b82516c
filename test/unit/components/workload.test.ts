/** The autoscaled workload, which no committed stack has yet. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Resource } from "../../../graph/resource.ts";
import { autoscaledWorkload } from "../../support/cluster/autoscaled.ts";
import type { Loose } from "../../support/stack.ts";

let resources: readonly Resource[];
const spec = (kind: string): Loose => resources.find(({ type }) => type.endsWith(`:${kind}`))?.inputs["spec"];

beforeAll(async () => {
  resources = await autoscaledWorkload();
});

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
    });
  });
});
