/**
 * What a change does to managed databases and brokers. Sources: DigitalOcean, "High Availability of Database Clusters" and
 * "How to Add Standby Nodes"; terraform-provider-digitalocean 2.99, `resource_database_cluster.go`. Pure.
 */
import { kindOf, type Resource } from "../../../graph/resource.ts";
import type { Change, FieldChange } from "../change.ts";
import { noTime, row, sum, type Seconds } from "./seconds.ts";
import { deletedFirst, reasonOf, type Happening, type World } from "./world.ts";

/** What happens to each managed database that changes. */
export function onDatabases(world: World): Happening[] {
  return [
    ...world.of("DatabaseCluster").flatMap((change) => cluster(world, change)),
    ...world.of("DatabaseUser").flatMap(user),
    ...world.of("DatabaseConnectionPool").flatMap((change) => pool(world, change)),
    ...world.of("DatabaseFirewall").flatMap(firewall),
  ];
}

function cluster(world: World, change: Change): Happening[] {
  const { resource, operation, fields } = change;
  const about = { kind: "database", resource } as const;
  if (operation === "delete")
    return resource.retainOnDelete === true
      ? [{ ...about, verdict: "none", away: noTime, text: "leaves the stack, and stays at DigitalOcean as it is" }]
      : [{ ...about, verdict: "away", away: noTime, text: "is deleted" }];
  if (operation === "replace") {
    const away = row(world.durations, "DatabaseCluster create");
    const text = `is made anew${deletedFirst(change) ? " after the old one is deleted" : ""}: it starts empty, with another address`;
    return [{ ...about, verdict: "away", away, text, reason: reasonOf(change), page: "docs/runbooks/restore.md" }];
  }
  if (operation !== "update") return [];
  const standby = standbyOf(world, resource);
  return fields.flatMap((field) => {
    const found = changeOf(world, field, standby);
    return found === undefined ? [] : [{ ...about, ...found, reason: reasonOf(change, (one) => one === field) }];
  });
}

/** Whether another node can take over: there is one before the change. */
function standbyOf(world: World, { urn }: Resource): boolean {
  const before = world.earlier(urn);
  return Number(before?.inputs["nodeCount"] ?? 1) > 1;
}

type Found = Pick<Happening, "verdict" | "away" | "text">;

function changeOf({ durations }: World, { path, before, after }: FieldChange, standby: boolean): Found | undefined {
  const failover = row(durations, `DatabaseCluster failover ${standby ? "with" : "without"} a standby`);
  const takesOver = standby
    ? "the standby takes over: connections break once"
    : "a new node takes over: connections break, and there is no standby to wait less";
  const verdict = standby ? "brief" : "away";
  switch (path) {
    case "size":
    case "storageSizeMib":
      return { verdict, away: failover, text: `is resized; ${takesOver}` };
    case "region":
      return { verdict, away: failover, text: "moves to another region while it works; then connections break once" };
    case "nodeCount":
      return Number(after) > Number(before)
        ? { verdict: "none", away: noTime, text: "gets a standby more, while it works" }
        : { verdict: "none", away: noTime, text: "loses a standby; it works on" };
    case "version": {
      const away = row(durations, "DatabaseCluster upgrade");
      const text =
        "is upgraded in place, and does not answer meanwhile; DigitalOcean goes on after the update has ended";
      return { verdict: "away", away, text };
    }
    default:
      return path.startsWith("maintenanceWindows")
        ? { verdict: "none", away: noTime, text: "gets its patches at another time" }
        : undefined;
  }
}

function user(change: Change): Happening[] {
  const { resource, operation, fields } = change;
  const about = { kind: "database", resource } as const;
  if (operation === "delete")
    return [{ ...about, verdict: "none", away: noTime, text: "is deleted: who still has its password is refused" }];
  const anew = operation === "replace" || fields.some(({ path }) => /password|mysqlAuthPlugin/.test(path));
  if (!anew) return [];
  const text = "gets another password: pods with the old one are refused new connections until they have rolled";
  return [{ ...about, verdict: "brief", away: noTime, text, reason: reasonOf(change) }];
}

function pool(world: World, change: Change): Happening[] {
  const { resource, operation } = change;
  const about = { kind: "database", resource } as const;
  if (operation === "delete")
    return [{ ...about, verdict: "away", away: noTime, text: "is deleted: its port is closed" }];
  if (operation !== "replace") return [];
  const away: Seconds = sum(row(world.durations, "digitalocean delete"), row(world.durations, "digitalocean create"));
  return [{ ...about, verdict: "brief", away, text: "is made anew: its connections break", reason: reasonOf(change) }];
}

function firewall({ resource, operation }: Change): Happening[] {
  if (operation !== "replace") return [];
  const text = "is made anew: for a moment the database takes connections from everywhere, or from nowhere";
  return [{ kind: "database", resource, verdict: "none", away: noTime, text }];
}

/** The managed servers that are away in the change. */
export function awayServers(happenings: readonly Happening[]): Happening[] {
  return happenings.filter(
    ({ kind, resource, verdict }) =>
      kind === "database" && verdict !== "none" && kindOf(resource) === "DatabaseCluster",
  );
}
