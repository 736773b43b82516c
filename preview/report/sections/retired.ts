/** The section on systems that are taken away: what goes, what stays, what that costs, and how they come back. Pure. */
import { kindOf, isMade, type Resource } from "../../../graph/resource.ts";
import { byUrn, retirementOf, systemOf } from "../../../graph/stack.ts";
import { sumOf } from "../../review/cost/cost.ts";
import type { Review } from "../../review/review.ts";
import { settingsKey } from "../../review/setting.ts";
import { count } from "../words.ts";
import type { Item, Section } from "../section.ts";

const page = "docs/runbooks/retire.md";

/** The section; undefined if no system of the stack is retired. */
export function retiredSection(review: Pick<Review, "resources" | "change" | "cost" | "data">): Section | undefined {
  const all = byUrn(review.resources);
  const components = review.resources.filter((one) => one.inputs["retired"] !== undefined && retirementOf(one, all));
  if (components.length === 0) return undefined;
  const given = components.filter((one) => one.inputs["retired"] === "given-up");
  const parts = [
    ...(components.length > given.length
      ? [`${count(components.length - given.length, "system")} taken away, and the data stays`]
      : []),
    ...(given.length > 0 ? [`${count(given.length, "system")} of which the data is given up`] : []),
  ];
  return {
    ...{ id: "retired", title: "Retired" },
    verdict: { text: parts.join(", "), tone: given.length > 0 ? "bad" : "warn" },
    items: components.flatMap((component) => itemsOf(component, review)),
  };
}

function itemsOf(component: Resource, { resources, change, cost, data }: Parameters<typeof retiredSection>[0]): Item[] {
  const all = byUrn(resources);
  const { name: system, inputs } = component;
  const key = settingsKey(component, all) ?? system;
  const resource = { urn: component.urn, label: system };
  const before = byUrn(change?.base.resources ?? []);
  const gone = (change?.changes ?? []).filter(
    (one) => one.operation === "delete" && systemOf(one.resource, before) === system,
  );
  const places = data.filter(({ place, fate }) => place.system === system && fate !== "lost");
  const items = cost.items.filter((one) => one.system === system);
  const isGiven = inputs["retired"] === "given-up";
  const inState = resources.filter((one) => isMade(one) && systemOf(one, all) === system).length;
  return [
    ...(gone.length === 0
      ? []
      : [
          { tone: "plain", what: "goes", resource, text: `loses ${kindsIn(gone.map((one) => one.resource))}` } as const,
        ]),
    {
      ...{ tone: isGiven ? "bad" : "good", what: isGiven ? "given up" : "stays", resource, page },
      text: isGiven
        ? `is deleted with its key, all ${inState} objects of it but the bucket of its backups: ${listed(places)}`
        : `keeps ${listed(places)}; ${inState} objects in all`,
    },
    {
      ...{ tone: items.length === 0 ? "faint" : "warn", what: "costs", resource },
      text:
        items.length === 0
          ? "costs nothing of its own any more; Spaces is paid once for all buckets"
          : `costs ${sumOf(items)} a month still: ${items.map(({ what }) => what).join("; ")}`,
    },
    isGiven
      ? {
          tone: "plain",
          what: "back",
          resource,
          text: `keeps its data with ${key}.retired: true`,
          setting: `${key}.retired`,
        }
      : {
          ...{ tone: "plain", what: "back", resource, setting: `${key}.retired` },
          text: `is back with its data once ${key}.retired is removed; its data is given up by {dataGoes: ${key}}, after a last dump`,
        },
  ];
}

function listed(places: Review["data"]): string {
  return places.map(({ place }) => place.what).join("; ") || "no data";
}

/** `3 Deployments, 12 NetworkPolicies`: most first. */
function kindsIn(resources: readonly Resource[]): string {
  const kinds = [...Map.groupBy(resources, kindOf)].toSorted(([, a], [, b]) => b.length - a.length);
  return kinds.map(([kind, { length }]) => `${length} ${kind}`).join(", ");
}
