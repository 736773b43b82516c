/** What the systems of a stack do to each other: nothing. And in which order they come. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Resource } from "../../graph/resource.ts";
import { hides } from "../support/servers/routes.ts";
import { alone, stack, systemKeys, type Loose, type RenderedStack, type SystemKey } from "../support/stack.ts";

/** Resource name of a system's component, which those of its resources begin with, where it is not its key. */
const components: Partial<Record<SystemKey, string>> = { bowmark: "bow-mark" };
const belongsTo = (system: SystemKey) => (resource: Resource) =>
  `${resource.name}-`.startsWith(`${components[system] ?? system}-`);

/** What the engine would compare, by URN. */
function registered(rendered: RenderedStack, which: (resource: Resource) => boolean): Record<string, unknown> {
  const found = rendered.rendering.resources
    .filter((resource) => resource.type !== "pulumi:pulumi:Stack")
    .filter(which);
  return Object.fromEntries(found.map(({ urn, ...rest }) => [urn, rest]));
}

describe.each(["prod", "staging", "local"])("%s", (name) => {
  let all: RenderedStack;
  beforeAll(async () => {
    all = await stack(name);
  });

  it.each(systemKeys)("without %s, everything else is as it was", async (system) => {
    const without = await stack(name, { [`doks-systems:${system}`]: null });
    const others = (resource: Resource) => !belongsTo(system)(resource);
    expect(registered(without, belongsTo(system))).toEqual({});
    expect(registered(without, others)).toEqual(registered(all, others));
  });

  it.each(systemKeys)("%s alone is as it is beside the others", async (system) => {
    const only = await alone(system)(name);
    const own = registered(only, belongsTo(system));
    expect(Object.keys(own).length).toBeGreaterThan(10);
    expect(own).toEqual(registered(all, belongsTo(system)));
  });

  it("no system waits for another", () => {
    for (const system of systemKeys) {
      for (const resource of all.rendering.resources.filter(belongsTo(system))) {
        const owners = all.waitsFor(resource).map((before) => systemKeys.find((key) => belongsTo(key)(before)));
        expect(
          owners.filter((owner) => owner !== undefined && owner !== system),
          resource.urn,
        ).toEqual([]);
      }
    }
  });

  it("what is public is not scraped, or hides the path", async () => {
    // With an image of dotdo's that has metrics: the published one is not scraped.
    const watched = await stack(name, { "doks-systems:dotdo": { prometheus: {} } });
    const scraped = watched.all("ServiceMonitor").map(({ inputs }: Loose) => ({
      namespace: inputs.metadata.namespace as string,
      port: inputs.spec.endpoints[0].port as string,
      service: Object.values(inputs.spec.selector.matchLabels)[0] as string,
    }));
    const services = watched.objects().filter(({ kind }) => kind === "Service") as Loose[];
    /** Target ports of a pod that Prometheus reads, of the pods that a Service leads to. */
    const readable = (service: Loose) =>
      services
        .filter(({ metadata, spec }) => metadata.namespace === service.metadata.namespace && same(spec, service.spec))
        .flatMap(({ metadata, spec }) =>
          scraped
            .filter((one) => one.namespace === metadata.namespace && one.service === metadata.name)
            .flatMap(({ port }) => spec.ports.find((one: Loose) => one.name === port)?.targetPort),
        );
    const targets = (service: Loose) => service.spec.ports.map(({ targetPort }: Loose) => targetPort);

    for (const service of services.filter(({ spec }) => ["LoadBalancer", "NodePort"].includes(spec.type))) {
      for (const port of targets(service)) expect(readable(service), service.metadata.name).not.toContain(port);
    }
    const hidden: string[] = [];
    for (const { inputs } of watched.all("HTTPRoute") as Loose[]) {
      const hidesMetrics = ["/metrics", "/METRICS", "//metrics", "/metrics/"].every((path) => hides(inputs, path));
      for (const { backendRefs = [] } of inputs.spec.rules) {
        for (const { name: backend } of backendRefs) {
          const service = services.find(
            ({ metadata }) => metadata.name === backend && metadata.namespace === inputs.metadata.namespace,
          );
          const shown = targets(service).some((port: Loose) => readable(service).includes(port));
          expect(shown && !hidesMetrics, `${inputs.metadata.name} → ${backend}`).toBe(false);
          if (shown) hidden.push(backend);
        }
      }
    }
    // Where Prometheus reads, there is something to hide.
    expect(new Set(hidden)).toEqual(new Set(scraped.length > 0 ? ["svc-identity", "dotdo"] : []));
  });
});

const same = (a: Loose, b: Loose) => JSON.stringify(a.selector) === JSON.stringify(b.selector);

describe("the longest chain", () => {
  let rendered: RenderedStack;
  beforeAll(async () => {
    rendered = await stack("prod");
  });

  it.each(systemKeys)("of %s in prod is what its dependencies need, and no longer", (system) => {
    const chain = longestChain(rendered, belongsTo(system));
    console.info(`${system}: ${chain.join(" → ")}`);
    expect(chain).toMatchSnapshot();
  });
});

/** The most resources in a row of which each waits for the one before; those that take the engine no time are left out. */
function longestChain(rendered: RenderedStack, which: (resource: Resource) => boolean): string[] {
  const byUrn = new Map(rendered.rendering.resources.map((resource) => [resource.urn, resource]));
  const known = new Map<string, string[]>();
  const chain = (urn: string): string[] => {
    const found = known.get(urn);
    if (found !== undefined) return found;
    const resource = byUrn.get(urn);
    if (resource === undefined) return [];
    const before = resource.dependsOn.map(chain).reduce((a, b) => (b.length > a.length ? b : a), []);
    const own = [...before, ...(resource.custom && takesTime(resource) ? [resource.name] : [])];
    known.set(urn, own);
    return own;
  };
  const chains = rendered.rendering.resources.filter(which).map(({ urn }) => chain(urn));
  return chains.reduce((a, b) => (b.length > a.length ? b : a), []);
}

/** Kinds that the engine waits for. */
function takesTime({ type }: Resource): boolean {
  return (
    type.startsWith("digitalocean:") ||
    /:(Release|StatefulSet|Deployment|Job|Service|Namespace|Gateway|Certificate)$/.test(type)
  );
}
