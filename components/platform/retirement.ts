/**
 * What is left of a system that its settings retire (`retired`): what holds data, and what is needed to read it again.
 *
 * Components ask the system's namespace whether their pods run (`Namespace.runs`). What is left keeps its URN, its protection
 * and its passwords, so that the system is back with one update, and finds its data.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { LastDump } from "../database/postgres-backup.ts";
import type { Presence } from "../../settings/slices/retired.ts";

/** How an update leaves a system. */
export interface Standing {
  /** How far it is taken away. */
  readonly presence: Presence;
  /** Whether the engine refuses to delete something of it. */
  readonly protected: boolean;
  /** Its last dump, once that is complete; undefined unless it is made. */
  readonly lastDump: pulumi.Input<LastDump> | undefined;
}

/** Outputs that say where something runs or can be reached. */
const leadingNowhere: ReadonlySet<string> = new Set([
  ...["url", "urls", "gatewayAddress", "services", "deployment", "pools"],
]);

/** Outputs of a retired system: without those that lead to what is gone. */
export function leadingSomewhere(outputs: object): object {
  const left = Object.entries(outputs).filter(([name]) => !leadingNowhere.has(name));
  return Object.fromEntries([["retired", true], ...left]);
}

/** Transformation that changes nothing, and notices what is protected. */
export function noticing(found: { isProtected: boolean }): pulumi.ResourceTransformation {
  return ({ opts }) => {
    if (opts.protect === true) found.isProtected = true;
    return undefined;
  };
}

/**
 * Transformation of a system whose data is given up: the engine may delete everything of it, buckets with what is in them.
 * The bucket of its backups leaves the program and stays at DigitalOcean, with the last dump.
 *
 * @param backupBucket Pulumi's name of that bucket
 */
export function withoutProtection(backupBucket: string): pulumi.ResourceTransformation {
  return ({ type, name, props, opts }) => {
    const isBucket = type === "digitalocean:index/spacesBucket:SpacesBucket";
    const stays = isBucket && name === backupBucket;
    return {
      props: isBucket && !stays ? { ...props, forceDestroy: true } : props,
      opts: { ...opts, protect: false, retainOnDelete: stays },
    };
  };
}
