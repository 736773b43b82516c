/** Which workloads need something that is away, from the connections that they declare. Pure. */
import { kindOf, metadataOf, type Resource } from "../../../graph/resource.ts";
import { systemOf } from "../../../graph/stack.ts";
import type { Pods } from "../../../graph/pods.ts";
import { awayServers } from "./databases.ts";
import { inWords } from "./seconds.ts";
import type { Effect, Happening, World } from "./world.ts";

/** Names of what people call a service by, after the component that makes it. */
const services: Readonly<Record<string, string>> = {
  PostgresDatabase: "PostgreSQL",
  RedisDatabase: "Redis",
  RabbitMq: "RabbitMQ",
  Kafka: "Kafka",
  ZooKeeper: "ZooKeeper",
  SchemaRegistry: "schema registry",
};
const engines: Readonly<Record<string, string>> = {
  pg: "PostgreSQL",
  valkey: "Valkey",
  redis: "Redis",
  kafka: "Kafka",
};

/**
 * Effects on those that connect to a workload or database that is away: one step, not on those behind them.
 *
 * @param known the worst that happens to each workload by itself
 */
export function needEffects(world: World, known: readonly Effect[], happenings: readonly Happening[]): Effect[] {
  const absent = new Map<string, Pick<Effect, "away" | "cause">>([
    ...known
      .filter(({ verdict }) => verdict === "away" || verdict === "gone")
      .map((effect) => [effect.workload, effect] as const),
    ...awayServers(happenings).map(
      ({ resource, away, cause = resource.urn }) => [resource.urn, { away, cause }] as const,
    ),
  ]);
  return world.podsAfter.flatMap((pods) =>
    needed(world, pods).flatMap((target): Effect[] => {
      const found = absent.get(target.urn);
      // What goes together is away together.
      if (found === undefined || absent.get(pods.owner.urn)?.cause === found.cause) return [];
      const { away, cause } = found;
      const time = away.worst === 0 ? "" : `, ${inWords(away)}`;
      const why = `its ${serviceName(world, target)} is away${time}`;
      return [{ workload: pods.owner.urn, verdict: "affected", away, why, cause }];
    }),
  );
}

/** The workloads and managed databases that a workload connects to. */
function needed(world: World, pods: Pods): Resource[] {
  const component = world.all.get(pods.owner.parent ?? "");
  if (component === undefined) return [];
  const system = systemOf(component, world.all);
  return component.connectsTo.flatMap(({ kind, target }) => {
    if (kind === "pods") {
      const named = world.runningAs(target);
      const own = named.find(({ owner }) => systemOf(owner, world.all) === system) ?? named[0];
      return own === undefined ? [] : [own.owner];
    }
    return kind === "managed" ? managed(world, system, target) : [];
  });
}

function managed(world: World, system: string, serverName: string): Resource[] {
  const component = world.servers(serverName).find((one) => systemOf(one, world.all) === system);
  return component === undefined ? [] : [...world.databasesIn(component.urn)];
}

/** What people call it: `PostgreSQL`; for other workloads their name. */
function serviceName(world: World, resource: Resource): string {
  const engine = engines[String(resource.inputs["engine"])];
  if (engine !== undefined) return engine;
  const parent = world.all.get(resource.parent ?? "");
  const above = [parent, world.all.get(parent?.parent ?? "")].filter((one) => one !== undefined);
  const known = above.map((one) => services[kindOf(one)]).find((name) => name !== undefined);
  return known ?? metadataOf(resource)?.name ?? resource.name;
}
