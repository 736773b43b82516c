import type { BucketSetting, PostgresSetting, RedisSetting, KafkaSetting } from "./data-services.ts";
import type { ImagesSetting, NamespaceSetting } from "./fields.ts";
import type { Shape } from "./shape.ts";
import type { WorkloadSettings } from "./workload.ts";

/** A remark about a setting. */
export interface Notice {
  readonly path: string;
  readonly text: string;
}

/** What a system's settings say that must agree with the platform's, each with its path below the system's key. */
export interface SystemFacts {
  readonly namespace: NamespaceSetting;
  /** Image tags by path. */
  readonly tags: Record<string, string>;
  /** Node pools by path. */
  readonly pools: Record<string, string>;
  /** Public host names by path. */
  readonly hosts: Record<string, string>;
  /** Those that somebody is to reach, by path: through the stack's edge, or a load balancer of the system's own. */
  readonly served: Record<string, { readonly host: string; readonly by: "edge" | "load-balancer" }>;
  /** Buckets by path. */
  readonly buckets: Record<string, BucketSetting>;
  /** Data services by path, whatever they are. */
  readonly services: Record<string, PostgresSetting | RedisSetting | KafkaSetting>;
  readonly pullSecret: ImagesSetting["pullSecret"];
  /** Registry of the system's own images, where its settings name one. */
  readonly registry: string | undefined;
  /** Folders that must hold `.sql` files, by path. */
  readonly migrations: Record<string, string>;
  /** Every workload, as it is in the end, and what the stack says of it. */
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly workloads: WorkloadSettings;
  /** Connections to the system's PostgreSQL that its pods may hold at once, all together. */
  readonly connections: number;
  /** Lines of servers' own files by path, such as `database.parameters`. */
  readonly parameters?: Record<string, ServerParameters>;
  /** Memory that must fit into a workload's limit, by path. */
  readonly within?: Record<string, { readonly value: string; readonly workload: string; readonly percent: number }>;
  /** Path of the setting that asks for a service mesh, where one does. */
  readonly mesh?: string | undefined;
  /** Values that are refused because of another one, by path. */
  readonly refused?: Record<string, Refusal>;
  /** Values that production refuses, by path. */
  readonly notInProduction?: Record<string, Refusal>;
  /** What production needs before its first update, by path; a preview goes on without it. */
  readonly neededInProduction?: Record<string, string>;
  /** What is allowed and yet worth a word. */
  readonly notices: readonly Notice[];
}

interface ServerParameters {
  readonly service: "database" | "redis" | "rabbitmq";
  readonly values: Readonly<Record<string, string>>;
}

/** Why a value cannot be, and what to do. */
interface Refusal {
  readonly value: unknown;
  readonly problem: string;
  readonly fix: string;
  /** Paths of what it does not agree with. */
  readonly others?: readonly string[];
}

/**
 * Where the program does something else than a system's document says, because the published image needs it; or what an
 * image must have. Shown by the preview where it applies, and always in the reference.
 */
export interface Difference<Setting> {
  /** Below the system's key. */
  readonly path: string;
  readonly text: string;
  /** @default always */
  readonly when?: (setting: Setting) => boolean;
}
