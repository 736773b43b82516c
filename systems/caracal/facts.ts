/** What the settings say that rules check, and the slice of a stack file as a whole. */
import { noticesFrom, serverParameters, usualFacts, type SystemFacts } from "../../settings/slices/facts.ts";
import { mostPods, shape } from "../../settings/slices/shape.ts";
import { caracalDifferences } from "./differences.ts";
import { caracalShapes } from "./shapes.ts";
import { caracalSecrets, caracalSetting, type CaracalSetting } from "./settings.ts";

/** What the rules of `settings/rules` check against the platform. */
function caracalFacts(settings: CaracalSetting): SystemFacts {
  const { redis, topics } = settings;
  const shapes = shape(caracalShapes(settings), settings.workloads);
  const idle = Object.entries(shapes).filter(
    ([name, one]) =>
      /-(ledger-writer|metrics-aggregator|audit-logger)$/.test(name) && mostPods(one) > topics.meteringEvents,
  );
  return {
    ...usualFacts(settings),
    hosts: { host: settings.host },
    served: settings.exposure.kind === "load-balancer" ? { host: { host: settings.host, by: "load-balancer" } } : {},
    services: { database: settings.database, redis: settings.redis, kafka: settings.kafka },
    parameters: serverParameters(settings),
    migrations: {},
    shapes,
    workloads: settings.workloads,
    within:
      redis.kind === "in-cluster"
        ? { "redis.maxMemory": { value: redis.maxMemory, workload: "caracal-redis", percent: 75 } }
        : {},
    refused: Object.fromEntries(
      idle.map(([name, one]) => [
        `workloads.${name}.replicas`,
        {
          value: mostPods(one),
          problem: `is more than topics.meteringEvents has partitions, ${topics.meteringEvents}: the others would have nothing to read`,
          fix: "use fewer, or raise topics.meteringEvents",
        },
      ]),
    ),
    notices: noticesFrom(caracalDifferences, settings),
  };
}

/** What a stack may say of the system, and what follows from it. */
export const caracalSlice = {
  setting: caracalSetting,
  secrets: caracalSecrets,
  facts: caracalFacts,
  differences: caracalDifferences,
};
