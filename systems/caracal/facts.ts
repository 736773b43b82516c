/** What Caracal contributes to the settings, with the facts that only this system has. */
import type { SystemFacts } from "../../settings/slices/facts.ts";
import { mostPods } from "../../settings/slices/shape.ts";
import { heldElsewhere, redisMemory, systemSlice } from "../../settings/slices/system.ts";
import { caracalDifferences } from "./differences.ts";
import { caracalShapes } from "./shapes.ts";
import { caracalSecrets, caracalSetting, type CaracalSetting } from "./settings.ts";
import { caracalTaken } from "./taken.ts";

export const caracalSlice = systemSlice({
  setting: caracalSetting,
  secrets: caracalSecrets,
  shapes: caracalShapes,
  differences: caracalDifferences,
  taken: caracalTaken,
  facts: ({ host, exposure, redis, database, topics, existingSecrets }, shapes): Partial<SystemFacts> => ({
    hosts: { host },
    served: exposure.kind === "load-balancer" ? { host: { host, by: "load-balancer" } } : {},
    within: redisMemory(redis, "caracal-redis"),
    refused: {
      ...idleRefused(topics, shapes),
      ...heldElsewhere(existingSecrets, [
        { secret: "caracal-secrets", path: "database", kind: database.kind, what: "password" },
        { secret: "caracal-secrets", path: "redis", kind: redis.kind, what: "password" },
      ]),
    },
  }),
});

/** Refuses more consumers than partitions, because only one consumer of a group reads a partition. */
function idleRefused(topics: CaracalSetting["topics"], shapes: SystemFacts["shapes"]): SystemFacts["refused"] {
  const idle = Object.entries(shapes).filter(
    ([name, one]) =>
      /-(ledger-writer|metrics-aggregator|audit-logger)$/.test(name) && mostPods(one) > topics.meteringEvents,
  );
  return Object.fromEntries(
    idle.map(([name, one]) => [
      `workloads.${name}.replicas`,
      {
        value: mostPods(one),
        problem: `is more than topics.meteringEvents has partitions, ${topics.meteringEvents}: the others would have nothing to read`,
        fix: "use fewer, or raise topics.meteringEvents",
      },
    ]),
  );
}
