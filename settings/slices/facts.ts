import type { BucketSetting, KafkaSetting, RedisSetting } from "./data-services.ts";
import type { RabbitMqSetting } from "./data-shapes/brokers.ts";
import type { ImagesSetting, NamespaceSetting } from "./fields.ts";
import type { PostgresServerSetting } from "./postgres/servers.ts";
import type { Presence, RetiredSetting } from "./retired.ts";
import type { Shape } from "./shape.ts";
import type { Taken } from "./taken.ts";
import type { WorkloadSettings } from "./workload.ts";

/** A remark about a setting that is allowed. */
export interface Notice {
  readonly path: string;
  readonly text: string;
}

/**
 * What follows from the settings of a system, in a form that rules can compare with other systems and the platform. "By path"
 * means by the path of the setting below the system's key.
 */
export interface SystemFacts {
  /** What the settings say of its being taken away. */
  readonly retired: RetiredSetting;
  /** What there is of it then. */
  readonly presence: Presence;
  readonly namespace: NamespaceSetting;
  /** Image tags by path. */
  readonly tags: Record<string, string>;
  /** Node pools by path. */
  readonly pools: Record<string, string>;
  /** Public host names by path; no two settings may have the same one. */
  readonly hosts: Record<string, string>;
  /** The hosts that need a DNS record, by path: they are reached through the stack's edge or the system's own load balancer. */
  readonly served: Record<string, { readonly host: string; readonly by: "edge" | "load-balancer" }>;
  /** Buckets by path. */
  readonly buckets: Record<string, BucketSetting>;
  /** Settings of PostgreSQL, Redis, Kafka and RabbitMQ by path. */
  readonly services: Record<string, PostgresServerSetting | RedisSetting | KafkaSetting | RabbitMqSetting>;
  readonly pullSecret: ImagesSetting["pullSecret"];
  /** Names of the Secrets that somebody else keeps, by the names under which the program would make them. */
  readonly existingSecrets: Readonly<Record<string, string>>;
  /** Registry of the images that the system builds itself; undefined means the platform's. */
  readonly registry: string | undefined;
  /** Folders that must hold `.sql` files, by path. */
  readonly migrations: Record<string, string>;
  /** Every workload by name, with the stack's settings applied. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** The stack's settings of workloads alone, by name. */
  readonly workloads: WorkloadSettings;
  /** Connections to the system's PostgreSQL that its pods may hold at once, all together. */
  readonly connections: number;
  /** What a running installation, made as the system's document says, has in which Secrets. */
  readonly taken: readonly Taken[];
  /** Parameters that the stack passes to servers in the cluster, by path, such as `database.parameters`. */
  readonly parameters?: Record<string, ServerParameters>;
  /** Amounts of memory that may be at most some percent of a workload's limit, by path. */
  readonly within?: Record<string, { readonly value: string; readonly workload: string; readonly percent: number }>;
  /** Path of the setting that asks for a service mesh; undefined if none does. */
  readonly mesh?: string | undefined;
  /** Values that another setting of the system rules out, by path. */
  readonly refused?: Record<string, Refusal>;
  /** Values that are refused in production only, by path. */
  readonly notInProduction?: Record<string, Refusal>;
  /** What to do before production can be updated, by path; a preview works without it. */
  readonly neededInProduction?: Record<string, string>;
  /** What is outside of the stack and must be there before the system can work, by the path of the setting that names it. */
  readonly outside?: Record<string, OutsidePart>;
  /** Remarks that preview and engine show. */
  readonly notices: readonly Notice[];
}

/** Something that a system needs and that no stack of this program makes. */
interface OutsidePart {
  /** What it is, with its address: `Fabric peer peer0.example.com:7051`. */
  readonly what: string;
  /** What must be done there. */
  readonly needs: string;
  /** Whether it must admit the addresses that the cluster's requests come from. @default false */
  readonly admits?: boolean;
}

interface ServerParameters {
  readonly service: "database" | "redis" | "rabbitmq";
  readonly values: Readonly<Record<string, string>>;
}

/** Why a value is refused, and what to do about it. */
interface Refusal {
  readonly value: unknown;
  readonly problem: string;
  readonly fix: string;
  /** Paths of the other settings that the value contradicts. */
  readonly others?: readonly string[];
}

/**
 * A point in which the program differs from a system's document because the published image needs it, or something that an
 * image must have. The preview shows it where it applies; the reference lists all of them.
 */
export interface Difference<Setting> {
  /** Path of the setting that it is about, below the system's key. */
  readonly path: string;
  /** The rest of a sentence that begins with the path. */
  readonly text: string;
  /** Whether it applies to these settings. @default - it always applies */
  readonly when?: (setting: Setting) => boolean;
}
