/** What all rules have in common. A rule looks at the settings of the whole stack, returns problems, and never throws. */
import { shown, type Problem } from "../reading/error.ts";
import type { SystemFacts } from "../slices/facts.ts";
import type { PlatformSetting } from "../platform.ts";

/** The settings of a stack, as their schemas returned them. */
export interface Stack {
  readonly name: string;
  /** Key of the platform's settings, `doks-systems:platform`, with which their paths begin. */
  readonly key: string;
  readonly platform: PlatformSetting;
  /** Facts of each system that is on, by the key of its settings, such as `doks-systems:bowmark`. */
  readonly systems: FactsByKey;
}
export type FactsByKey = Readonly<Record<string, SystemFacts>>;

export type Rule = (stack: Stack) => Problem[];

/** A rule that checks each system by itself. */
export function forEachSystem(check: (key: string, facts: SystemFacts, stack: Stack) => Problem[]): Rule {
  return (stack) => Object.entries(stack.systems).flatMap(([key, facts]) => check(key, facts, stack));
}

/**
 * A problem with the value of a setting.
 *
 * @param others paths of the settings that the value contradicts; the problem is left out if one of them is wrong by itself
 */
export function wrong(path: string, value: unknown, problem: string, fix: string, ...others: string[]): Problem {
  return { path, value: shown(value), problem, fix, ...(others.length > 0 && { others }) };
}

/** Whether the stack's cluster is on DOKS, whoever made it. */
export function onDoks({ platform }: Stack): boolean {
  return platform.cluster.source !== "kubeconfig";
}

/** Whether `platform.pools` names every pool that pods of this stack may ask for. */
export function knowsPools({ platform: { cluster } }: Stack): boolean {
  if (cluster.source === "kubeconfig") return cluster.nodeSelectors !== false;
  return cluster.source === "create" || cluster.source === "existing";
}

/** Fix for a pool that `platform.pools` does not name. */
export function nameThePool({ key, platform: { cluster, pools } }: Stack): string {
  const names = Object.keys(pools).join(", ") || "them once added";
  const how = cluster.source === "create" ? "" : ", with kind: existing if the cluster has it";
  return `add it to ${key}.pools${how}, or use one of ${names}`;
}
