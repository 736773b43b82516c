/** What every rule is: a look at the whole stack that returns problems, and never throws. */
import { shown, type Problem } from "../reading/error.ts";
import type { SystemFacts } from "../slices/facts.ts";
import type { PlatformSetting } from "../platform.ts";

/** A stack whose settings have the right form. */
export interface Stack {
  readonly name: string;
  /** `doks-systems:platform` */
  readonly key: string;
  readonly platform: PlatformSetting;
  /** Every on-switched system's facts by the key of its settings, such as `doks-systems:bowmark`. */
  readonly systems: FactsByKey;
}
export type FactsByKey = Readonly<Record<string, SystemFacts>>;

export type Rule = (stack: Stack) => Problem[];

/** A rule about each system by itself. */
export function forEachSystem(check: (key: string, facts: SystemFacts, stack: Stack) => Problem[]): Rule {
  return (stack) => Object.entries(stack.systems).flatMap(([key, facts]) => check(key, facts, stack));
}

/**
 * A problem with a value.
 *
 * @param others paths of what it does not agree with: where one of them is wrong by itself, this says nothing
 */
export function wrong(path: string, value: unknown, problem: string, fix: string, ...others: string[]): Problem {
  return { path, value: shown(value), problem, fix, ...(others.length > 0 && { others }) };
}

/** Whether the stack's cluster is DOKS, made here or by another stack. */
export function onDoks({ platform }: Stack): boolean {
  return platform.cluster.source !== "kubeconfig";
}
