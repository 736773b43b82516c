import type { BucketSetting, PostgresSetting } from "./data-services.ts";
import type { PullSecretSetting } from "./fields.ts";

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
  /** Databases by path. */
  readonly databases: Record<string, PostgresSetting>;
  readonly pullSecret: PullSecretSetting;
  /** Folders that must hold `.sql` files, by path. */
  readonly migrations: Record<string, string>;
}
