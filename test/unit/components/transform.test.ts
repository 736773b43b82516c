/** The last resort of whoever builds with the components, and that of whoever has settings alone: both are seen in a review. */
import { describe, expect, it } from "vitest";
import type { Transform } from "../../../components/site/component.ts";
import { Namespace } from "../../../components/site/namespace.ts";
import { Workload } from "../../../components/workload/workload.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { kindOf, type Resource } from "../../../graph/resource.ts";
import { runProgram } from "../../../graph/render/run.ts";
import { terminalTree } from "../../../preview/report/terminal/tree.ts";
import { difference } from "../../../preview/review/difference.ts";
import { shape, type ShapeDefaults } from "../../../settings/slices/shape.ts";
import { testSite } from "../../support/site.ts";
import { stack, type Loose } from "../../support/stack.ts";

const size = { cpu: "100m", memory: "64Mi" };
const api: ShapeDefaults = {
  ...{ kind: "deployment", pool: "general", user: { uid: 1000, gid: 1000 }, replicas: 3, graceSeconds: 30 },
  resources: { requests: size, limits: size },
};

/** A workload with a Service, in a namespace, with transforms of each. */
function built(transforms: { workload?: Transform; namespace?: Transform } = {}) {
  return runProgram(() => {
    const site = testSite();
    const namespace = new Namespace("shop-namespace", {
      systemName: "shop",
      ...{ setting: { name: "shop", create: true }, holdsData: true, shapes: shape({ api }, {}) },
      transform: transforms.namespace,
    });
    new Workload("shop-api", {
      ...{ site, namespace, workloadName: "api", labels: { app: "api" }, update: "surge", connectsTo: [] },
      services: [{ serviceName: "api", ports: [{ name: "http", port: 80, targetPort: 8080 }] }],
      pod: { containers: [{ name: "api", image: "example.com/api:1.0.0" }] },
      transform: transforms.workload,
    });
    return Promise.resolve({});
  }, "test");
}
const one = (resources: readonly Resource[], kind: string): Loose => resources.find((each) => kindOf(each) === kind);

describe("a transform", () => {
  const addsSidecar: Transform = {
    Deployment: ({ args }) => {
      const { spec } = args as Loose;
      const containers = [...spec.template.spec.containers, { name: "sidecar", image: "example.com/sidecar:1.0.0" }];
      return {
        args: {
          ...args,
          spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } },
        },
      };
    },
  };

  it("changes what the component makes of a kind, once, and nothing else", async () => {
    const [plain, changed] = [await built(), await built({ workload: addsSidecar })];
    const names = one(changed.resources, "Deployment").inputs.spec.template.spec.containers.map(
      ({ name }: Loose) => name,
    );
    expect(names).toEqual(["api", "sidecar"]);
    const others = (resources: readonly Resource[]) =>
      resources.filter((each) => !["Deployment", "Workload"].includes(kindOf(each)));
    expect(others(changed.resources)).toEqual(others(plain.resources));
  });

  it("changes options, too, and tells several of a kind apart by their names", async () => {
    const { resources } = await built({
      namespace: {
        Namespace: ({ opts }) => ({ opts: { ...opts, retainOnDelete: false } }),
        NetworkPolicy: ({ name, args }) =>
          name === "shop-namespace-deny-all"
            ? { args: { ...args, metadata: { ...(args as Loose).metadata, labels: { a: "b" } } } }
            : {},
      },
    });
    expect(one(resources, "Namespace")).toMatchObject({ name: "shop-namespace" });
    const namespace = resources.find(({ type }) => type === "kubernetes:core/v1:Namespace");
    expect(namespace).toMatchObject({ protect: true, retainOnDelete: false });
    const policies = resources.filter((each) => kindOf(each) === "NetworkPolicy");
    expect(policies.filter(({ inputs }: Loose) => inputs.metadata.labels?.a === "b").map(({ name }) => name)).toEqual([
      "shop-namespace-deny-all",
    ]);
  });

  it("reaches the components inside of a component", async () => {
    const { resources } = await built({
      workload: {
        ServiceAccount: ({ args }) => ({
          args: { ...args, metadata: { ...(args as Loose).metadata, annotations: { a: "b" } } },
        }),
      },
    });
    expect(one(resources, "ServiceAccount").inputs.metadata.annotations).toEqual({ a: "b" });
  });

  it("is shown: the field in the difference, and the component as transformed in the tree", async () => {
    const [plain, changed] = [await built(), await built({ workload: addsSidecar })];
    const [change, ...more] = difference(maskedResources(plain), maskedResources(changed));
    expect(more).toEqual([]);
    expect(change?.fields.map(({ path }) => path)).toEqual(["spec.template.spec.containers[sidecar]"]);
    const tree = (rendering: object) => terminalTree({ ...rendering, missing: [], notices: [] } as Loose);
    expect(tree(changed)).toContain("Deployment transformed");
    expect(tree(plain)).not.toContain("transformed");
  });
});

describe("a workload's slice of settings", () => {
  it("is shown as the fields that it changes", async () => {
    const workloads = { projector: { env: { EXTRA: "1" }, graceSeconds: 90 } };
    const [before, after] = [await stack("prod"), await stack("prod", { "doks-systems:gx": { workloads } })];
    const changes = difference(maskedResources(before.rendering), maskedResources(after.rendering));
    expect(changes.map(({ operation, resource }) => `${operation} ${resource.name}`)).toEqual(["update gx-projector"]);
    expect(changes[0]?.fields.map(({ path }) => path)).toEqual([
      expect.stringMatching(/containers\[projector\]\.env\[EXTRA\]/) as string,
      "spec.template.spec.terminationGracePeriodSeconds",
    ]);
  });
});
