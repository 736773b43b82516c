/** Rules on shared ground: namespaces that the stack adopts, where others have pods too. */
import { each, type Rule } from "../rule.ts";
import type { Labels, Selector } from "../../graph/pods.ts";
import { kindOf, metadataOf, type Resource } from "../../graph/resource.ts";

/** Where each kind of object says which pods it is about. */
const selectorOf: Readonly<Record<string, (spec: Readonly<Record<string, unknown>>) => Selector | undefined>> = {
  NetworkPolicy: (spec) => spec["podSelector"] as Selector,
  CiliumNetworkPolicy: (spec) => spec["endpointSelector"] as Selector,
  PodDisruptionBudget: (spec) => spec["selector"] as Selector,
};

/** Whether a selector selects only pods that have all of some labels. */
export function requires({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return Object.entries(labels).every(
    ([key, value]) =>
      matchLabels[key] === value ||
      matchExpressions.some(
        (one) => one.key === key && one.operator === "In" && one.values?.every((allowed) => allowed === value) === true,
      ),
  );
}

/** The pods that an object selects, as a text: `every pod in kafka with app=redis`. */
export function selected(resource: Resource): string {
  const { matchLabels = {}, matchExpressions = [] } = selectorIn(resource) ?? {};
  const namespace = metadataOf(resource)?.namespace ?? "default";
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => [key, operator, ...values].join(" ")),
  ];
  return `every pod in ${namespace}${parts.length === 0 ? "" : ` with ${parts.join(", ")}`}`;
}

function selectorIn(resource: Resource): Selector | undefined {
  return selectorOf[kindOf(resource)]?.((resource.inputs["spec"] ?? {}) as Readonly<Record<string, unknown>>);
}

export const sharedRules: readonly Rule[] = [
  {
    name: "others-pods-untouched",
    level: "mandatory",
    description: "In an adopted namespace, policies and disruption budgets select only pods of the stack's own.",
    why: "Pods of others may carry the same labels: a policy would cut them off, a second budget would stop every drain of their nodes.",
    example: "podSelector: { matchLabels: { app: redis, doks-systems/system: gx } }",
    check: (stack) =>
      [...stack.adopted].flatMap(([namespace, own]) =>
        each(
          Object.keys(selectorOf).flatMap((kind) => stack.in(namespace, kind)),
          (resource) => !requires(selectorIn(resource) ?? {}, own) && `affects ${selected(resource)}, whoever made it`,
        ),
      ),
  },
];
