/** The phases of a first update: what each makes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resourceOf, label, type Resource } from "../../../graph/resource.ts";
import { pinnedImages } from "../../../components/site/images.ts";
import { phaseOptions } from "../../../phases/options.ts";
import { needs, targetsOf } from "../../../phases/phases.ts";
import { stack } from "../../support/stack.ts";

const pinned = new Set(["pinned:1"]);

/** Resources that stand for a stack: each may belong to, come from or wait for any that is before it. */
const graphs = fc
  .array(
    fc.record({
      kind: fc.constantFrom("component", "workload", "deployment", "stateful", "other"),
      own: fc.boolean(),
      parent: fc.nat(),
      waits: fc.array(fc.nat(), { maxLength: 3 }),
      provider: fc.option(fc.nat(), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((all) => {
    const made: Resource[] = [
      resourceOf({ urn: "stack", type: "pulumi:pulumi:Stack", name: "stack" }),
      resourceOf({ urn: "platform", type: "doks-systems:platform:Platform", name: "platform", parent: "stack" }),
    ];
    for (const [i, { kind, own, parent, waits, provider }] of all.entries()) {
      const before = (place: number) => made[place % made.length]?.urn ?? "";
      const components = made.filter(({ custom }) => !custom);
      const spec = { template: { spec: { containers: [{ name: "one", image: own ? "team/app:1" : "pinned:1" }] } } };
      made.push(
        resourceOf({
          urn: `urn-${i}`,
          name: `${kind}-${i}`,
          type: {
            component: "doks-systems:some:Component",
            workload: "doks-systems:workload:Workload",
            deployment: "kubernetes:apps/v1:Deployment",
            stateful: "kubernetes:apps/v1:StatefulSet",
            other: "kubernetes:core/v1:Service",
          }[kind],
          parent: components[parent % components.length]?.urn,
          dependsOn: waits.map(before),
          provider: provider === undefined ? undefined : before(provider),
          inputs: ["deployment", "stateful"].includes(kind) ? { spec } : {},
        }),
      );
    }
    return made;
  });

function expectClosed(targets: readonly string[], resources: readonly Resource[]): void {
  const chosen = new Set(targets);
  for (const one of resources.filter(({ urn }) => chosen.has(urn)))
    expect([...chosen]).toEqual(expect.arrayContaining(needs(one)));
}

describe("a phase", () => {
  it("of any stack has all that its resources need, and all of the phase before", () => {
    fc.assert(
      fc.property(graphs, (resources) => {
        const platform = targetsOf("platform", resources, pinned) ?? [];
        const data = targetsOf("data", resources, pinned) ?? [];
        expectClosed(platform, resources);
        expectClosed(data, resources);
        expect(data).toEqual(expect.arrayContaining(platform));
        expect(targetsOf("systems", resources, pinned)).toBeUndefined();
      }),
    );
  });

  it("before the last one runs none of the team's own images, unless the platform itself needs it", () => {
    fc.assert(
      fc.property(graphs, (resources) => {
        const platform = new Set(targetsOf("platform", resources, pinned));
        const data = new Set(targetsOf("data", resources, pinned));
        const own = resources.filter(
          ({ type, inputs }) => type.endsWith(":Deployment") && JSON.stringify(inputs).includes("team/app"),
        );
        expect(own.filter(({ urn }) => data.has(urn) && !platform.has(urn))).toEqual([]);
      }),
    );
  });

  it.each(["prod", "staging", "local"])("of %s is closed, and the last one is the rest", async (name) => {
    const { rendering } = await stack(name);
    const known = pinnedImages(rendering.platform.images);
    for (const phase of ["platform", "data"] as const) {
      const targets = targetsOf(phase, rendering.resources, known) ?? [];
      expectClosed(targets, rendering.resources);
      expect(rendering.resources.filter(({ urn }) => targets.includes(urn))).toHaveLength(targets.length);
    }
  });

  it("takes all that is in a chart whose objects are resources of their own", async () => {
    const { rendering } = await stack("prod");
    const charts = rendering.resources.filter(({ type }) => type === "kubernetes:helm.sh/v4:Chart");
    expect(charts.map(({ name }) => name)).toEqual(["platform-addons-gateway-kinds"]);
    // Source: Pulumi's documentation of `pulumi up`, "--target": `**` stands for any text.
    expect(phaseOptions("platform", rendering)).toEqual(
      expect.arrayContaining(charts.map(({ urn, name }) => urn.replace(`::${name}`, "$**"))),
    );
  });

  it("of prod: the registry and the cluster first, then what holds data, and images of the team's own last", async () => {
    const { rendering } = await stack("prod");
    const known = pinnedImages(rendering.platform.images);
    const labels = (phase: "platform" | "data") => {
      const targets = new Set(targetsOf(phase, rendering.resources, known));
      return rendering.resources.filter(({ urn, custom }) => custom && targets.has(urn)).map(label);
    };
    const platform = labels("platform");
    const data = labels("data").filter((one) => !platform.includes(one));
    const systems = rendering.resources
      .filter(({ custom }) => custom)
      .map(label)
      .filter((one) => ![...platform, ...data].includes(one));
    expect(platform).toEqual(
      expect.arrayContaining(["ContainerRegistry geo", "KubernetesCluster doks-prod", "KubernetesNodePool general"]),
    );
    expect(platform.filter((one) => /gx|bow-mark|caracal|dotdo|hermes/.test(one))).toEqual([]);
    expect(data).toEqual(
      expect.arrayContaining([
        "Namespace bow-mark",
        "StatefulSet bow-mark/postgres",
        "StatefulSet bow-mark/rabbitmq",
        "DatabaseCluster gx-postgres-prod",
        "SpacesBucket bow-mark-files",
        "StatefulSet caracal/caracal-kafka",
      ]),
    );
    const kinds = (all: readonly string[], kind: string) => all.filter((one) => one.startsWith(`${kind} `));
    // Confluent's image, which is pinned, serves the schemas; every other Deployment is an application.
    expect(kinds(data, "Deployment")).toEqual(["Deployment caracal/caracal-schema-registry"]);
    expect(kinds(systems, "StatefulSet")).toEqual([]);
    expect(kinds(systems, "SpacesBucket")).toEqual([]);
    expect(kinds(systems, "DatabaseCluster")).toEqual([]);
  });
});
