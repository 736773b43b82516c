/** The part that a system contributes to the settings: its schema, its secrets, and the facts that follow from its settings. */
import type { z } from "zod";
import type { BackupSetting, KafkaSetting, PostgresSetting, RabbitMqSetting, RedisSetting } from "./data-services.ts";
import type { Difference, SystemFacts } from "./facts.ts";
import type { NamespaceSetting, PullSecretSetting } from "./fields.ts";
import { shape, wantedConnections, type Shape, type ShapeDefaults } from "./shape.ts";
import type { WorkloadSettings } from "./workload.ts";

/** Settings that systems have under the same names; `systemSlice` derives facts from them for all systems alike. */
interface UsualSetting {
  readonly namespace: NamespaceSetting;
  readonly workloads: WorkloadSettings;
  readonly imageTag?: string;
  readonly images?: { readonly registry?: string | undefined; readonly pullSecret: PullSecretSetting };
  readonly pool?: string;
  readonly database?: PostgresSetting;
  readonly redis?: RedisSetting | false;
  readonly kafka?: KafkaSetting;
  readonly rabbitmq?: RabbitMqSetting;
  /** Folder of `.sql` files, relative to the project's root. */
  readonly migrations?: string;
  readonly backup?: BackupSetting | false;
}

interface SliceParts<Schema extends z.ZodType<UsualSetting>, SecretSchema extends z.ZodObject> {
  /** Schema of its settings. */
  readonly setting: Schema;
  /** Schema of the secrets that these settings need. */
  readonly secrets: (settings: z.infer<Schema>) => SecretSchema;
  /** Its workloads by name, before the stack's `workloads.<name>` are applied. */
  readonly shapes: (settings: z.infer<Schema>) => Readonly<Record<string, ShapeDefaults>>;
  readonly differences: readonly Difference<z.infer<Schema>>[];
  /** Facts that only this system has, and those that replace one of the usual facts. */
  readonly facts?: (settings: z.infer<Schema>, shapes: Readonly<Record<string, Shape>>) => Partial<SystemFacts>;
}

/** Makes the entry of a system for the table in `systems/settings.ts`. */
export function systemSlice<Schema extends z.ZodType<UsualSetting>, SecretSchema extends z.ZodObject>(
  parts: SliceParts<Schema, SecretSchema>,
) {
  const { setting, secrets, differences } = parts;
  const facts = (settings: z.infer<Schema>): SystemFacts => {
    const shapes = shape(parts.shapes(settings), settings.workloads);
    const applying = differences.filter(({ when }) => when?.(settings) ?? true);
    return {
      ...usualFacts(settings),
      shapes,
      connections: wantedConnections(shapes),
      notices: applying.map(({ path, text }) => ({ path, text })),
      ...parts.facts?.(settings, shapes),
    };
  };
  return { setting, secrets, facts, differences };
}

function usualFacts(settings: UsualSetting): Omit<SystemFacts, "shapes" | "connections" | "notices"> {
  const { namespace, workloads, imageTag, images, pool, migrations, backup } = settings;
  return {
    namespace,
    workloads,
    tags: given({ imageTag }),
    pools: given({ pool }),
    hosts: {},
    served: {},
    buckets: given({ "backup.bucket.name": backup ? backup.bucket : undefined }),
    services: given({
      database: settings.database,
      redis: settings.redis === false ? undefined : settings.redis,
      kafka: settings.kafka,
    }),
    parameters: serverParameters(settings),
    pullSecret: images?.pullSecret ?? { kind: "none" },
    registry: images?.registry,
    migrations: given({ migrations }),
  };
}

/** Parameters that the settings pass to servers in the cluster, by the path of the setting. */
function serverParameters({ database, redis, rabbitmq }: UsualSetting): SystemFacts["parameters"] {
  return given({
    "database.parameters":
      database?.kind === "in-cluster" ? { service: "database", values: database.parameters } : undefined,
    "redis.parameters":
      redis && redis.kind === "in-cluster" ? { service: "redis", values: redis.parameters } : undefined,
    "rabbitmq.config": rabbitmq && { service: "rabbitmq", values: rabbitmq.config },
  });
}

/** Facts about public hosts: their names by the path of the setting, and how clients reach them. Undefined hosts are left out. */
export function servedHosts(
  hosts: Readonly<Record<string, string | undefined>>,
  by: "edge" | "load-balancer",
): Pick<SystemFacts, "hosts" | "served"> {
  const all = given(hosts);
  return {
    hosts: all,
    served: Object.fromEntries(Object.entries(all).map(([path, host]) => [path, { host, by }])),
  };
}

/**
 * The fact that `redis.maxMemory` may be three quarters of the container's memory limit at most. Redis also needs memory for
 * copies while it saves, and for buffers of its clients.
 */
export function redisMemory(redis: RedisSetting | false, workload: string): SystemFacts["within"] {
  if (redis === false || redis.kind !== "in-cluster") return {};
  return { "redis.maxMemory": { value: redis.maxMemory, workload, percent: 75 } };
}

function given<Value>(values: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}
