import type * as pulumi from "@pulumi/pulumi";
import type { Neighbours } from "../../settings/fields.ts";
import { networkPolicy, planVisit, type Destination } from "./connections.ts";

/** Lets pods that are not this program's reach some that are. */
export function admitNeighbours(name: string, neighbours: Neighbours, to: Destination, parent: pulumi.Resource): void {
  if (to.kind !== "pods") return;
  for (const [neighbour, { namespace, labels }] of Object.entries(neighbours)) {
    const visitor = { name: neighbour, from: namespace ?? to.namespace.namespaceName, labels };
    networkPolicy(`${name}-${neighbour}`, planVisit(visitor, to), parent);
  }
}
