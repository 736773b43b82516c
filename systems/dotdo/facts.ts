/** What dotdo contributes to the settings, with the facts that only this system has. */
import type { SystemFacts } from "../../settings/slices/facts.ts";
import { heldElsewhere, redisMemory, servedHosts, systemSlice } from "../../settings/slices/system.ts";
import { dotdoDifferences } from "./differences.ts";
import { dotdoShapes } from "./shapes.ts";
import { shapeOf } from "./profiles.ts";
import { dotdoSecrets, dotdoSetting, type DotdoSetting } from "./settings.ts";
import { dotdoTaken } from "./taken.ts";

export const dotdoSlice = systemSlice({
  setting: dotdoSetting,
  secrets: dotdoSecrets,
  shapes: dotdoShapes,
  differences: dotdoDifferences,
  taken: dotdoTaken,
  facts: (settings, shapes): Partial<SystemFacts> => {
    const { image, storage, redis } = settings;
    const { linkerd, route, repository } = shapeOf(settings);
    return {
      tags: { "image.tag": image.tag },
      ...servedHosts({ "ingress.host": route?.host }, "edge"),
      buckets: storage.kind === "spaces" ? { "storage.bucket.name": storage.bucket } : {},
      pullSecret: image.pullSecret,
      registry: repository,
      within: redisMemory(redis, "dotdo-redis"),
      mesh: linkerd ? "linkerd" : undefined,
      refused: {
        ...budgetRefused(settings, shapes),
        ...heldElsewhere(settings.existingSecrets, [
          { secret: "dotdo-secrets", path: "redis", kind: redis === false ? undefined : redis.kind, what: "password" },
          { secret: "dotdo-secrets", path: "storage.bucket", kind: madeBucket(storage), what: "key" },
        ]),
      },
      outside: {
        tursoUrl: { what: `Turso at ${settings.tursoUrl}`, needs: "a database with its token" },
        ...(storage.kind === "r2" && {
          "storage.endpoint": { what: `R2 at ${storage.endpoint}`, needs: `bucket ${storage.bucket} with its key` },
        }),
      },
    };
  },
});

/** Refuses a budget that lets no pod be evicted: no node could be drained, and DOKS could not upgrade the cluster. */
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

/** Whether the bucket's key is known here alone: a Secret of others has that of R2 only. */
function madeBucket(storage: DotdoSetting["storage"]): string | undefined {
  return storage.kind === "spaces" ? storage.bucket.kind : undefined;
}
