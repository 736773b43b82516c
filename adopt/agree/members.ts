/** Servers that keep copies of data for each other: with fewer of them than there are, copies would have nobody to serve them. */
import { kindOf, metadataOf, type Resource } from "../../graph/resource.ts";
import type { ByUrn } from "../../graph/stack.ts";
import { settingsKey } from "../../preview/review/setting.ts";
import type { Agree, Suggestion } from "./suggestion.ts";

/** The setting of how many there are, below the system's, by the component that makes them. */
const counts: Readonly<Record<string, string>> = {
  "doks-systems:messaging:Kafka": "kafka.brokers",
  "doks-systems:messaging:ZooKeeper": "kafka.zookeeper.nodes",
};

/** How many members each ensemble has. */
export const members: Agree = ({ matches, all }) =>
  [...matches.found.values()].flatMap(({ resource, object }): Suggestion[] => {
    const setting = counts[maker(resource, all) ?? ""];
    const key = settingsKey(resource, all);
    if (kindOf(resource) !== "StatefulSet" || setting === undefined || key === undefined) return [];
    const [wanted, there] = [replicas(resource.inputs["spec"]), replicas(object?.["spec"])];
    if (there === undefined || there === wanted) return [];
    const name = metadataOf(resource)?.name ?? resource.name;
    return [{ path: `${key}.${setting}`, value: there, why: `${name} has ${there} members, each with its copy` }];
  });

/** The component that a workload's own component is in. */
function maker({ parent = "" }: Resource, all: ByUrn): string | undefined {
  return all.get(all.get(parent)?.parent ?? "")?.type;
}

function replicas(spec: unknown): number | undefined {
  return (spec as { readonly replicas?: number } | undefined)?.replicas;
}
