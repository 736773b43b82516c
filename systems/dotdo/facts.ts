/** What the settings say that rules check, and the slice of a stack file as a whole. */
import { noticesFrom, serverParameters, type SystemFacts } from "../../settings/slices/facts.ts";
import { shape } from "../../settings/slices/shape.ts";
import { dotdoDifferences } from "./differences.ts";
import { dotdoShapes } from "./shapes.ts";
import { shapeOf } from "./profiles.ts";
import { dotdoSecrets, dotdoSetting, type DotdoSetting } from "./settings.ts";

/** What the rules of `settings/rules` check against the platform. */
function dotdoFacts(settings: DotdoSetting): SystemFacts {
  const { storage, redis, pool } = settings;
  const shapes = shape(dotdoShapes(settings), settings.workloads);
  const { linkerd, route, repository } = shapeOf(settings);
  return {
    namespace: settings.namespace,
    tags: { "image.tag": settings.image.tag },
    pools: { pool },
    hosts: route === undefined ? {} : { "ingress.host": route.host },
    served: route === undefined ? {} : { "ingress.host": { host: route.host, by: "edge" } },
    buckets: storage.kind === "spaces" ? { "storage.bucket.name": storage.bucket } : {},
    services: redis === false ? {} : { redis },
    parameters: serverParameters(settings),
    pullSecret: settings.image.pullSecret,
    registry: repository,
    migrations: {},
    shapes,
    workloads: settings.workloads,
    within:
      redis !== false && redis.kind === "in-cluster"
        ? { "redis.maxMemory": { value: redis.maxMemory, workload: "dotdo-redis", percent: 75 } }
        : {},
    mesh: linkerd ? "linkerd" : undefined,
    refused: budgetRefused(settings, shapes),
    notices: noticesFrom(dotdoDifferences, settings),
  };
}

/** A budget that lets no pod go stops every drain, and with it DOKS' upgrades. */
function budgetRefused(settings: DotdoSetting, shapes: SystemFacts["shapes"]): SystemFacts["refused"] {
  const { budget } = shapeOf(settings);
  const replicas = shapes["dotdo"]?.replicas ?? 1;
  const least = typeof replicas === "number" ? replicas : replicas.min;
  if (budget === "none" || least < 2) return {};
  const [field, value] = Object.entries(budget)[0] as [string, number | string];
  const pods = typeof value === "number" ? value : Math.ceil((Number(value.slice(0, -1)) * least) / 100);
  if (field === "minAvailable" ? pods < least : pods > 0) return {};
  const problem = `lets none of ${least} pods go, so no node with one could be drained`;
  const fix = "keep one pod fewer than there are at least, or use maxUnavailable: 1";
  return { [`podDisruptionBudget.${field}`]: { value, problem, fix } };
}

/** What a stack may say of the system, and what follows from it. */
export const dotdoSlice = {
  setting: dotdoSetting,
  secrets: dotdoSecrets,
  facts: dotdoFacts,
  differences: dotdoDifferences,
};
