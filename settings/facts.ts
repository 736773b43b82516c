import type { BackupSetting, BucketSetting, PostgresSetting, RedisSetting, KafkaSetting } from "./data-services.ts";
import type { ImagesSetting, NamespaceSetting, Resources } from "./fields.ts";

/** What a system's settings say that must agree with the platform's, each with its path below the system's key. */
export interface SystemFacts {
  readonly namespace: string;
  /** Image tags by path. */
  readonly tags: Record<string, string>;
  /** Node pools by path. */
  readonly pools: Record<string, string>;
  /** Public host names by path. */
  readonly hosts: Record<string, string>;
  /** Buckets by path. */
  readonly buckets: Record<string, BucketSetting>;
  /** Data services by path, whatever they are. */
  readonly services: Record<string, PostgresSetting | RedisSetting | KafkaSetting>;
  readonly pullSecret: ImagesSetting["pullSecret"];
  /** Registry of the system's own images, where its settings name one. */
  readonly registry: string | undefined;
  /** Folders that must hold `.sql` files, by path. */
  readonly migrations: Record<string, string>;
  /** Workloads that an autoscaler scales, by path: the most pods it may ask for, and what each requests. */
  readonly autoscaled?: Record<
    string,
    { readonly pool: string; readonly max: number; readonly requests: Resources["requests"] }
  >;
  /** Path of the setting that scales by the pods' own metrics, where one does. */
  readonly customMetrics?: string | undefined;
  /** Path of the setting that asks for a service mesh, where one does. */
  readonly mesh?: string | undefined;
  /** Values that production refuses, by path. */
  readonly notInProduction?: Record<
    string,
    { readonly value: unknown; readonly problem: string; readonly fix: string }
  >;
}

/** The facts of a system that has images of its own under one tag, one pool, and backups. */
export function usualFacts(settings: {
  readonly namespace: NamespaceSetting;
  readonly imageTag: string;
  readonly images: ImagesSetting;
  readonly pool: string;
  readonly backup: BackupSetting | false;
}): Pick<SystemFacts, "namespace" | "tags" | "pools" | "buckets" | "pullSecret" | "registry"> {
  const { namespace, imageTag, images, pool, backup } = settings;
  return {
    namespace: namespace.name,
    tags: { imageTag },
    pools: { pool },
    buckets: backup === false ? {} : { "backup.bucket.name": backup.bucket },
    pullSecret: images.pullSecret,
    registry: images.registry,
  };
}
