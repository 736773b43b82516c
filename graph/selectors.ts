/** Which pods an object is about: policies, budgets, Services and autoscalers select them by labels. Pure. */
import type { Labels, Selector } from "./pods.ts";
import { kindOf, metadataOf, type Resource } from "./resource.ts";

/** Kinds that do something to the pods that they select, beside leading to them or counting them. */
export const actingKinds: readonly string[] = ["NetworkPolicy", "CiliumNetworkPolicy", "PodDisruptionBudget"];

/**
 * The pods that an object is about; undefined for an object that is about none.
 *
 * @param here other objects of its namespace, among which an autoscaler finds its Deployment
 */
export function podSelectorOf(resource: Resource, here: readonly Resource[]): Selector | undefined {
  const spec = (resource.inputs["spec"] ?? {}) as Readonly<Record<string, unknown>>;
  switch (kindOf(resource)) {
    case "NetworkPolicy":
      return spec["podSelector"] ?? {};
    case "CiliumNetworkPolicy":
      return spec["endpointSelector"] ?? {};
    case "PodDisruptionBudget":
      return spec["selector"] ?? {};
    case "Service":
      return spec["selector"] === undefined ? undefined : { matchLabels: spec["selector"] as Labels };
    case "HorizontalPodAutoscaler": {
      // It counts whatever pods the selector of its Deployment finds.
      const { name } = spec["scaleTargetRef"] as { name: string };
      const scaled = here.find((one) => kindOf(one) === "Deployment" && metadataOf(one)?.name === name);
      return (scaled?.inputs["spec"] as { selector?: Selector } | undefined)?.selector;
    }
    default:
      return undefined;
  }
}

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

/** The pods that a selector selects, as a text: `every pod in kafka with app=redis`. */
export function selectedText({ matchLabels = {}, matchExpressions = [] }: Selector, namespace: string): string {
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => [key, operator, ...values].join(" ")),
  ];
  return `every pod in ${namespace}${parts.length === 0 ? "" : ` with ${parts.join(", ")}`}`;
}
