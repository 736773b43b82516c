/** The part that a system contributes to the settings: its schema, its secrets, and the facts that follow from its settings. */
import type { z } from "zod";
import type { BackupSetting, KafkaSetting, PostgresSetting, RedisSetting } from "./data-services.ts";
import type { RabbitMqSetting } from "./data-shapes/brokers.ts";
import type { Difference, Notice, SystemFacts } from "./facts.ts";
import { movingNotices, whileMoving } from "./postgres/moving.ts";
import type { NamespaceSetting, PullSecretSetting } from "./fields.ts";
import { presenceOf, retiredSetting, type RetiredSetting } from "./retired.ts";
import { shape, wantedConnections, type Shape, type ShapeDefaults } from "./shape.ts";
import type { Taken } from "./taken.ts";
import type { WorkloadSettings } from "./workload.ts";

type ExistingService = Extract<SystemFacts["services"][string], { kind: "existing" }>;

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
  readonly existingSecrets?: Readonly<Record<string, string | undefined>>;
  /** Folder of `.sql` files, relative to the project's root. */
  readonly migrations?: string;
  readonly backup?: BackupSetting | false;
}

/** The settings of a system, with what every system may say beside its own. */
type Retirable<Schema extends z.ZodType> = z.infer<Schema> & { readonly retired: RetiredSetting };

interface SliceParts<Schema extends z.ZodObject & z.ZodType<UsualSetting>, SecretSchema extends z.ZodObject> {
  /** Schema of its settings, without `retired`, which every system has. */
  readonly setting: Schema;
  /** Schema of the secrets that these settings need. */
  readonly secrets: (settings: z.infer<Schema>) => SecretSchema;
  /** Its workloads by name, before the stack's `workloads.<name>` are applied. */
  readonly shapes: (settings: z.infer<Schema>) => Readonly<Record<string, ShapeDefaults>>;
  readonly differences: readonly Difference<z.infer<Schema>>[];
  /** What a running installation, made as the system's document says, has in which Secrets. @default - nothing */
  readonly taken?: (settings: z.infer<Schema>) => readonly Taken[];
  /** Facts that only this system has, and those that replace one of the usual facts. */
  readonly facts?: (settings: z.infer<Schema>, shapes: Readonly<Record<string, Shape>>) => Partial<SystemFacts>;
}

/** Makes the entry of a system for the table in `systems/settings.ts`. */
export function systemSlice<Schema extends z.ZodObject & z.ZodType<UsualSetting>, SecretSchema extends z.ZodObject>(
  parts: SliceParts<Schema, SecretSchema>,
) {
  const { secrets, differences } = parts;
  const setting = parts.setting.safeExtend({ retired: retiredSetting }) as unknown as z.ZodType<Retirable<Schema>> &
    Pick<z.ZodObject, "shape">;
  const facts = (settings: Retirable<Schema>): SystemFacts => {
    const shapes = shape(parts.shapes(settings), settings.workloads);
    const applying = differences.filter(({ when }) => when?.(settings) ?? true);
    const all = {
      ...usualFacts(settings),
      shapes: whileMoving(settings.database, shapes),
      connections: wantedConnections(shapes),
      taken: parts.taken?.(settings) ?? [],
      notices: [
        ...movingNotices(settings.database, shapes),
        ...applying.map(({ path, text }) => ({ path, text })),
        ...othersToAdmit(settings),
        ...unseenSecrets(settings, shapes),
      ],
      ...parts.facts?.(settings, shapes),
      retired: settings.retired,
      presence: presenceOf(settings.retired),
    };
    return all.presence === "running" ? all : { ...all, ...factsOfRetired };
  };
  return { setting, secrets, facts, differences };
}

/** What a system claims while nothing of it runs: its hosts and its pool may be another's, and nothing differs in what it does. */
const factsOfRetired: Partial<SystemFacts> = { hosts: {}, served: {}, pools: {}, notices: [] };

function usualFacts(
  settings: UsualSetting,
): Omit<SystemFacts, "shapes" | "connections" | "taken" | "notices" | "retired" | "presence"> {
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
      "database.beside": settings.database?.beside,
      redis: settings.redis === false ? undefined : settings.redis,
      kafka: settings.kafka,
      rabbitmq: settings.rabbitmq,
    }),
    parameters: serverParameters(settings),
    pullSecret: images?.pullSecret ?? { kind: "none" },
    existingSecrets: given(settings.existingSecrets ?? {}),
    registry: images?.registry,
    migrations: given({ migrations }),
  };
}

/** What whoever keeps a server in the cluster must do: this program makes no policies in namespaces of others. */
function othersToAdmit(settings: UsualSetting): Notice[] {
  const { database, redis, kafka, rabbitmq, namespace } = settings;
  return Object.entries({ database, redis, kafka, rabbitmq }).flatMap(([path, service]) => {
    if (service === undefined || service === false || service.kind !== "existing") return [];
    const { where } = service;
    if (where.kind !== "pods") return [];
    const pods = Object.entries(where.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    const ports = where.ports ?? serverPorts(service);
    const text =
      `is of others: where policies of ${where.namespace ?? namespace.name} select ` +
      `${pods.length === 0 ? "its pods" : `pods with ${pods.join(", ")}`}, they must let pods of ${namespace.name} ` +
      `connect to port ${ports.join(", ")}`;
    return [{ path: `${path}.where`, text }];
  });
}

/** Secrets of others have no checksum on the pods that read them, since nobody here knows what is in them. */
function unseenSecrets(settings: UsualSetting, shapes: Readonly<Record<string, Shape>>): Notice[] {
  const deployments = Object.entries(shapes).flatMap(([name, { kind }]) => (kind === "deployment" ? [name] : []));
  const restart = `kubectl -n ${settings.namespace.name} rollout restart ${deployments.map((name) => `deployment/${name}`).join(" ")}`;
  return Object.entries(given(settings.existingSecrets ?? {})).map(([name, theirs]) => ({
    path: `existingSecrets.${name}`,
    text: `is Secret ${theirs}, which somebody else keeps; pods see a change of it at their next start: ${restart}`,
  }));
}

/** A Secret that somebody else keeps, which has what this program would have to put into it. */
export interface Held {
  /** Its name as the program would make it. */
  readonly secret: string;
  /** Path of the setting of a server or bucket, and its kind. */
  readonly path: string;
  readonly kind: string | undefined;
  /** What the Secret has of it. */
  readonly what: "password" | "key";
}

/** Refuses a Secret of others for a server or bucket that this stack makes: its password or key has no place there. */
export function heldElsewhere(
  secrets: Readonly<Record<string, string | undefined>>,
  all: readonly Held[],
): NonNullable<SystemFacts["refused"]> {
  const wrong = all.filter(
    ({ secret, kind }) => secrets[secret] !== undefined && kind !== undefined && kind !== "existing",
  );
  return Object.fromEntries(
    [...Map.groupBy(wrong, ({ secret }) => secret)].map(([secret, some]) => {
      const paths = some.map(({ path }) => path);
      const what = some.map((one) => `${one.path} is ${one.kind ?? ""}`).join(" and ");
      const problem = `is somebody else's, and ${what}: the ${some[0]?.what ?? ""} that is made has no place in it`;
      const fix = `set ${paths.join(" and ")} to {kind: existing, …}, or let this program make ${secret}`;
      return [`existingSecrets.${secret}`, { value: secrets[secret], problem, fix, others: paths }];
    }),
  );
}

/** Ports that clients of a server that exists already connect to. */
function serverPorts(service: ExistingService): number[] {
  if (!("bootstrapServers" in service)) return [service.port];
  return [...new Set(service.bootstrapServers.map((server) => Number(server.split(":")[1])))];
}

/** Parameters that the settings pass to servers in the cluster, by the path of the setting. */
function serverParameters({ database, redis, rabbitmq }: UsualSetting): SystemFacts["parameters"] {
  const beside = database?.beside;
  return given({
    "database.parameters":
      database?.kind === "in-cluster" ? { service: "database", values: database.parameters } : undefined,
    "database.beside.parameters":
      beside?.kind === "in-cluster" ? { service: "database", values: beside.parameters } : undefined,
    "redis.parameters":
      redis && redis.kind === "in-cluster" ? { service: "redis", values: redis.parameters } : undefined,
    "rabbitmq.config": rabbitmq?.kind === "in-cluster" ? { service: "rabbitmq", values: rabbitmq.config } : undefined,
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
