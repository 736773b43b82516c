/** Which runbook helps where data is at stake, and which setting takes the data along. Pure. */
import { claimTemplates } from "../../../graph/data.ts";
import { kindOf, type Resource } from "../../../graph/resource.ts";
import type { ByUrn } from "../../../graph/stack.ts";
import { settingsKey } from "../setting.ts";
import type { Fate } from "./fate.ts";
import { serviceOf } from "./service.ts";
import type { DataPlace } from "./places.ts";

/** What helps with one place: a page of the documentation, and what to set instead or first. */
export interface Help {
  readonly page?: string;
  readonly fix?: string;
}

/** What is known of the resource that holds the data, and of the one that has or gets its part. */
export interface Heir {
  readonly from: Resource;
  /** What the change makes of the same service, or what is there beside it; undefined if there is neither. */
  readonly to: Resource | undefined;
  /** Whether `to` is made by this change. */
  readonly isNew: boolean;
  /** Fields of `from` that the change replaces it for. */
  readonly because: readonly string[];
  /** Whether the whole cluster goes. */
  readonly withCluster: boolean;
}

const runbook = (name: string) => `docs/runbooks/${name}.md`;
const moving = (name: string) => runbook(`moving/${name}`);

/** The help for a place and its fate; empty if there is none. */
export function helpFor(place: DataPlace, fate: Fate, all: ByUrn, heir: Heir): Help {
  if (place.kind === "key") return { page: runbook("certificates") };
  const service = kindOf(serviceOf(all.get(place.urn), all) ?? { type: "" });
  if (heir.withCluster)
    return { page: moving("region"), fix: "make the new one as a stack of its own, and move into it" };
  if (place.kind === "bucket" && fate === "starts empty") return { page: moving("region") };
  if (service === "PostgresDatabase") {
    const help = postgres(heir, all);
    if (help !== undefined) return help;
  }
  const { because } = heir;
  if (because.some((field) => field.endsWith("storageClassName"))) return { page: moving("storage-class") };
  if (fate === "comes back") return { page: runbook("volumes") };
  if (because.some((field) => field.endsWith("requests.storage"))) return { page: runbook("volumes") };
  if (["Kafka", "ZooKeeper"].includes(service)) return { page: runbook("kafka") };
  if (service === "RedisDatabase" && heir.to !== undefined) return { page: moving(pageOf(heir.from, heir.to)) };
  if (fate === "stays unmanaged" || fate === "refused") return { page: runbook("teardown") };
  return service === "PostgresDatabase" ? { page: runbook("restore") } : {};
}

function postgres({ from, to, isNew }: Heir, all: ByUrn): Help | undefined {
  if (to === undefined) return undefined;
  const page = moving(pageOf(from, to));
  const database = `${settingsKey(from, all) ?? "the system"}.database`;
  if (!isNew) return { page, fix: `set ${database}.beside.step to release first, in an update of its own` };
  const fix =
    `leave ${database} as it is and write the new one as ${database}.beside, with the next generation and step: copy; ` +
    "everything is then copied into it before it serves";
  return { page, fix };
}

/** The page about a move from one server to another. */
function pageOf(from: Resource, to: Resource): string {
  const isSet = (one: Resource) => kindOf(one) === "StatefulSet";
  if (isSet(from) !== isSet(to)) return isSet(from) ? "to-managed" : "to-cluster";
  if (majorOf(from) !== majorOf(to)) return "postgres-version";
  return isSet(from) && classOf(from) !== classOf(to) ? "storage-class" : isSet(from) ? "postgres-version" : "region";
}

/** Major version of PostgreSQL that a StatefulSet or a managed server has. */
export function majorOf(server: Resource): string | undefined {
  if (kindOf(server) === "DatabaseCluster") return String(server.inputs["version"]);
  const spec = server.inputs["spec"] as
    { template?: { spec?: { containers?: readonly { image?: unknown }[] } } } | undefined;
  const image = spec?.template?.spec?.containers?.[0]?.image;
  return typeof image === "string" ? /\bpostgres:(\d+)/.exec(image)?.[1] : undefined;
}

function classOf(set: Resource): string | undefined {
  return claimTemplates(set)[0]?.spec.storageClassName;
}
