/** A namespace that was there before: what is ours in it is ours alone, and what is not ours is left in peace. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { selects, type Labels, type Selector } from "../../../graph/pods.ts";
import { evaluate } from "../../../policy/evaluate.ts";
import { sharedRules } from "../../../policy/rules/shared.ts";
import { allows, reachable } from "../../../policy/reachability.ts";
import { readWaivers } from "../../../policy/waivers.ts";
import { sectionsOf } from "../../../preview/report/sections/index.ts";
import { review } from "../../../preview/review/review.ts";
import { stack, type Loose, type RenderedStack } from "../../support/stack.ts";
import { adopted, podsOf, policiesOf } from "./support.ts";

const label = "doks-systems/system";

/** Labels of pods as the five documents have them running: those of every workload, without what tells ours apart. */
function documents(rendered: RenderedStack): Labels[] {
  return podsOf(rendered).map(({ labels }) =>
    Object.fromEntries(Object.entries(labels).filter(([key]) => key !== label)),
  );
}

/** Labels of somebody else's pods: those of a document, or any of their keys with any of their values, and more. */
function foreign(known: readonly Labels[]): fc.Arbitrary<Labels> {
  const pairs = known.flatMap((one) => Object.entries(one));
  const mixed = fc
    .array(fc.oneof(fc.constantFrom(...pairs), fc.tuple(fc.constantFrom("app", "tier", label), fc.string())))
    .map((some) => Object.fromEntries(some));
  return fc.oneof(fc.constantFrom(...known), mixed);
}

describe.each(["prod", "local"])("%s in namespaces that were there before", (name) => {
  let shared: RenderedStack;
  let own: RenderedStack;
  beforeAll(async () => {
    [shared, own] = [await adopted(name), await stack(name)];
  });

  it("makes no namespace, and denies nothing for a whole one", () => {
    expect(
      shared
        .all("Namespace")
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ name: one }) => one),
    ).toEqual(
      own
        .all("Namespace")
        .filter(({ type, urn }) => type.startsWith("kubernetes:") && !urn.includes("workload:Namespace"))
        .map(({ name: one }) => one),
    );
    expect(shared.names("NetworkPolicy")).not.toContain("deny-all");
    expect(policiesOf(shared).filter(({ spec }) => Object.keys(spec.podSelector).length === 0)).toEqual([]);
  });

  it("whatever labels others' pods have, no policy, no budget and no Service of a Deployment selects them", () => {
    const deployments = new Set(shared.all("Deployment").map(({ parent }) => parent));
    const selectors = shared.rendering.resources.flatMap((one): [string, string, Selector][] => {
      const { kind, metadata, spec } = one.inputs as Loose;
      const selector = {
        NetworkPolicy: spec?.podSelector,
        CiliumNetworkPolicy: spec?.endpointSelector,
        PodDisruptionBudget: spec?.selector,
        Service: deployments.has(one.parent) ? { matchLabels: spec?.selector } : undefined,
      }[kind as string];
      return selector === undefined ? [] : [[`${kind} ${metadata.name}`, metadata.namespace, selector]];
    });
    expect(selectors.length).toBeGreaterThan(30);
    fc.assert(
      fc.property(foreign(documents(shared)), (labels) => {
        const systems = new Set(podsOf(shared).map(({ labels: ours }) => ours[label]));
        fc.pre(!systems.has(labels[label]));
        expect(selectors.filter(([, , selector]) => selects(selector, labels)).map(([object]) => object)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("others' pods with our labels may still talk to everybody, and be talked to", () => {
    const policies = policiesOf(shared);
    for (const labels of documents(shared)) {
      for (const { namespace } of podsOf(shared)) {
        const theirs = { name: "theirs", namespace, labels };
        const anybody = { name: "anybody", namespace: "elsewhere", labels: {} };
        expect(allows(policies, "Ingress", theirs, anybody, 80)).toBe(true);
        expect(allows(policies, "Egress", theirs, anybody, 80)).toBe(true);
      }
    }
  });

  it("our own pods reach each other as in a namespace of their own, and nobody else", () => {
    const stranger = { name: "stranger", namespace: "elsewhere", labels: { app: "postgres" }, ports: [80] };
    expect(reachable(policiesOf(shared), [...podsOf(shared), stranger])).toEqual(
      reachable(policiesOf(own), [...podsOf(own), stranger]),
    );
  });

  it("the preview says which pods each object is about, and which of them may be others'", () => {
    const section = sectionsOf(review(shared.rendering, readWaivers())).find(({ id }) => id === "shared");
    expect(section?.verdict.tone).toBe("good");
    const lines = section?.items.map(({ resource, text }) => `${resource?.label ?? ""} ${text}`) ?? [];
    // Members of an ensemble find each other by the labels that they run with; an autoscaler counts by its Deployment's.
    expect(lines).toContain(
      "Service kafka/ipfs-cache-postgres leads to every pod in kafka with app=ipfs-cache-postgres, whoever made it",
    );
    expect(lines.filter((line) => !/^(Service|HorizontalPodAutoscaler) /.test(line))).toEqual([]);
    expect(
      section?.table?.rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : cell.text))),
    ).toContainEqual([
      "NetworkPolicy kafka/hermes-ipfs-cache",
      "every pod in kafka with app=hermes-ipfs-cache, doks-systems/system=hermes",
    ]);
    expect(sectionsOf(review(own.rendering, readWaivers())).map(({ id }) => id)).not.toContain("shared");
  });

  it("keeps the rule that says so; a change that broke it would be found", () => {
    const { resources } = shared.rendering;
    expect(evaluate(name, resources, [], sharedRules).findings).toEqual([]);
    const wide = shared.one("NetworkPolicy", "ipfs-cache-postgres");
    const changed = { ...wide, inputs: { ...wide.inputs, spec: { ...wide.inputs.spec, podSelector: {} } } };
    const broken = resources.map((one) => (one === wide ? changed : one));
    expect(evaluate(name, broken, [], sharedRules).findings.map(({ message }) => message)).toEqual([
      "affects every pod in kafka, whoever made it",
    ]);
  });

  it("changes no selector of a Deployment or StatefulSet: those that run are updated, not replaced", () => {
    const sets = ({ rendering }: RenderedStack) =>
      rendering.resources
        .filter(({ type }) => /:(Deployment|StatefulSet)$/.test(type))
        .map(({ urn, inputs }) => [urn, (inputs as Loose).spec.selector]);
    expect(sets(own)).not.toEqual([]);
    expect(sets(shared)).toEqual(sets(own));
  });

  it("a Service changes only after the Deployment whose pods it is to find", () => {
    for (const { urn, parent } of shared.all("Deployment")) {
      const services = shared.all("Service").filter((one) => one.parent === parent);
      for (const service of services) expect(service.dependsOn, service.name).toContain(urn);
    }
  });
});

it("what a system does to a whole namespace, it does to its own part of one that it adopts", async () => {
  const snapshots = { "doks-systems:caracal": { snapshots: {} } };
  const [before, after] = [await stack("prod", snapshots), await adopted("prod", snapshots)];
  const selector = (one: RenderedStack) =>
    one.containers("CronJob", "volume-snapshots")[0].env.find((variable: Loose) => variable.name === "SELECTOR")?.value;
  // Claims carry the labels that select the pods of their StatefulSet.
  expect(selector(after)).toBe("app.kubernetes.io/name=caracal");
  expect(selector(before)).toBeUndefined();
  // Others' challenges for certificates are not kept from their own edge.
  const challenges = (one: RenderedStack) => one.names("NetworkPolicy").filter((policy) => /challenges/.test(policy));
  expect(challenges(before)).toContain("edge-to-ingress-service-challenges");
  expect(challenges(after)).toEqual([]);
});
