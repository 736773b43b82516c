/** Which runbook helps where data is at stake. Pure. */
import { kindOf } from "../../../graph/resource.ts";
import type { ByUrn } from "../../../graph/stack.ts";
import type { Fate } from "./fate.ts";
import { serviceOf } from "./service.ts";
import type { DataPlace } from "./places.ts";

const runbook = (name: string) => `docs/runbooks/${name}.md`;

/** The runbook for a place and its fate; undefined if there is none. */
export function pageFor({ kind, urn }: DataPlace, fate: Fate, all: ByUrn): string | undefined {
  if (kind === "key") return runbook("certificates");
  const service = kindOf(serviceOf(all.get(urn), all) ?? { type: "" });
  if (fate === "comes back") return runbook("volumes");
  if (["Kafka", "ZooKeeper"].includes(service)) return runbook("kafka");
  if (fate === "stays unmanaged" || fate === "refused") return runbook("teardown");
  return service === "PostgresDatabase" ? runbook("restore") : undefined;
}
