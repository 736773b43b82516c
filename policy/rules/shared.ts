/** Rules on shared ground: namespaces that the stack adopts, where others have pods too. */
import { each, type Rule } from "../rule.ts";
import { actingKinds, podSelectorOf, requires, selectedText } from "../../graph/selectors.ts";

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
          actingKinds.flatMap((kind) => stack.in(namespace, kind)),
          (resource) => {
            const selector = podSelectorOf(resource, []) ?? {};
            return !requires(selector, own) && `affects ${selectedText(selector, namespace)}, whoever made it`;
          },
        ),
      ),
  },
];
