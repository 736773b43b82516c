/** Which data service a resource belongs to. Pure. */
import type { Resource } from "../../../graph/resource.ts";
import type { ByUrn } from "../../../graph/stack.ts";

const services: ReadonlySet<string> = new Set(["database", "cache", "messaging"]);

/** The component of the data service that a resource belongs to: a PostgreSQL, a Redis, a Kafka. */
export function serviceOf(resource: Resource | undefined, all: ByUrn): Resource | undefined {
  const parent = all.get(resource?.parent ?? "");
  if (parent === undefined || services.has(parent.type.split(":")[1] ?? "")) return parent;
  return serviceOf(parent, all);
}
