/** The section on namespaces that were there before: whose pods the stack's objects are about. Pure. */
import { actingKinds, podSelectorOf, requires, selectedText } from "../../../graph/selectors.ts";
import { kindOf, label, metadataOf } from "../../../graph/resource.ts";
import { adoptedBy } from "../../../graph/stack.ts";
import type { Review } from "../../review/review.ts";
import type { Item, Section } from "../section.ts";
import { count } from "../words.ts";

/** What the stack selects in the namespaces that it adopts; undefined for a stack that adopts none. */
export function sharedSection({ resources }: Review): Section | undefined {
  const adopted = adoptedBy(resources);
  if (adopted.size === 0) return undefined;
  const all = [...adopted].flatMap(([namespace, own]) => {
    const here = resources.filter((one) => metadataOf(one)?.namespace === namespace);
    return here.flatMap((one) => {
      const selector = podSelectorOf(one, here);
      if (selector === undefined) return [];
      return [{ one, text: selectedText(selector, namespace), isOwn: requires(selector, own) }];
    });
  });
  const wide = all.filter(({ isOwn }) => !isOwn);
  const acting = wide.filter(({ one }) => actingKinds.includes(kindOf(one)));
  const names = [...adopted.keys()].join(", ");
  return {
    ...{ id: "shared", title: "Shared namespaces" },
    verdict:
      acting.length > 0
        ? { text: `${count(acting.length, "object")} may cut off pods of others in ${names}`, tone: "bad" }
        : { text: `no policy and no budget is about pods of others in ${names}`, tone: "good" },
    note: "npm run preflight names the pods that are there",
    items: wide
      .toSorted((a, b) => Number(acting.includes(b)) - Number(acting.includes(a)))
      .map(({ one, text }): Item => {
        const does = { Service: "leads to", HorizontalPodAutoscaler: "counts" }[kindOf(one)] ?? "affects";
        return {
          tone: acting.some((other) => other.one === one) ? "bad" : "warn",
          resource: { urn: one.urn, label: label(one) },
          text: `${does} ${text}, whoever made it`,
          page: "docs/shared-ground.md",
        };
      }),
    table: {
      head: ["object", "is about"],
      rows: all.map(({ one, text }) => [{ text: label(one), urn: one.urn }, text]),
    },
    folded: true,
  };
}
