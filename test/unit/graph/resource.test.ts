/** A stack as data: what everybody looks at. */
import { beforeAll, describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { podsOf, selects } from "../../../graph/pods.ts";
import { connectionText, label, nameOf, resourceOf, type Resource } from "../../../graph/resource.ts";
import { stack, type Loose, type RenderedStack } from "../../support/stack.ts";

describe("a rendered resource", () => {
  let prod: RenderedStack;
  beforeAll(async () => {
    prod = await stack("prod");
  });

  it("has what its provider answers beside what was asked, until it is masked", () => {
    const database = prod.one("DatabaseCluster", "gx-postgres");
    expect(database.inputs).not.toHaveProperty("privateHost");
    expect(database.outputs).toMatchObject({ port: 25060, user: "doadmin" });
    // What the pods are told is what the provider answered.
    const told = prod.object("ConfigMap", "backend-config").data;
    expect(told.DATABASE_HOST).toBe(database.outputs?.["privateHost"]);
    expect(prod.all("RandomBytes").some(({ outputs = {} }) => "hex" in outputs)).toBe(true);
    expect(maskedResources(prod.rendering).filter((one) => "outputs" in one)).toEqual([]);
  });

  it("has its options, and its connections with kind, target and ports", () => {
    const worker = prod.all("Workload").find(({ name }) => name === "gx-projector") as Resource;
    expect(worker.connectsTo).toEqual([
      { kind: "managed", target: "postgres", ports: [25060] },
      { kind: "neighbour", target: "fabric/peer0-org1", ports: [7051] },
    ]);
    expect(worker.connectsTo.map(connectionText)).toEqual([
      "managed/postgres:25060",
      "neighbour/fabric/peer0-org1:7051",
    ]);
    const budget = prod.one("PodDisruptionBudget", "svc-identity");
    expect(budget.replaceOnChanges).toEqual(["spec.minAvailable", "spec.maxUnavailable"]);
    expect(budget).toMatchObject({ protect: false, retainOnDelete: false, ignoreChanges: [] });
    // The SDK's own, for the versions of the API that the kind had before.
    expect(budget.aliases).toEqual([expect.stringContaining("policy/v1beta1:PodDisruptionBudget")]);
  });

  it("is called what people call it", () => {
    const component = prod.all("Workload").find(({ name }) => name === "gx-projector") as Resource;
    expect([component, prod.one("Deployment", "projector"), prod.one("SpacesBucket", "gx-backups")].map(label)).toEqual(
      ["Workload gx-projector", "Deployment backend-mainnet/projector", "SpacesBucket gx-backups"],
    );
    expect(nameOf(prod.one("KubernetesCluster", "platform"))).toBe("doks-prod");
  });

  it("of which only a part is known is complete, with none of the rest", () => {
    const known = resourceOf({ urn: "u", type: "kubernetes:core/v1:Secret", name: "s", protect: true });
    expect(known).toMatchObject({ custom: true, protect: true, retainOnDelete: false, connectsTo: [], inputs: {} });
    expect(resourceOf({ urn: "u", type: "doks-systems:x:X", name: "x" }).custom).toBe(false);
  });
});

describe("pods", () => {
  it("are as many as their autoscaler lets there be, and otherwise as their owner says", async () => {
    const pods = podsOf((await stack("prod")).rendering.resources);
    const replicas = (name: string) => pods.find(({ owner }) => label(owner) === name)?.replicas;
    expect(replicas("Deployment backend-mainnet/svc-identity")).toEqual({ min: 3, max: 10 });
    expect(replicas("StatefulSet caracal/caracal-kafka")).toEqual({ min: 3, max: 3 });
    expect(replicas("CronJob bow-mark/pg-backup")).toEqual({ min: 1, max: 1 });
  });

  it.each([
    [{}, { a: "b" }, true],
    [{ matchLabels: { a: "b" } }, { a: "b", c: "d" }, true],
    [{ matchLabels: { a: "b" } }, { a: "c" }, false],
    [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }, {}, false],
    [{ matchExpressions: [{ key: "a", operator: "NotIn", values: ["b"] }] }, {}, true],
    [{ matchExpressions: [{ key: "a", operator: "Exists" }] }, { a: "" }, true],
    [{ matchExpressions: [{ key: "a", operator: "DoesNotExist" }] }, { a: "" }, false],
  ])("are selected by %j from %j as Kubernetes does: %s", (selector, labels, chosen) => {
    expect(selects(selector as Loose, labels as Record<string, string>)).toBe(chosen);
  });
});
