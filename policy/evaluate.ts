/** Checks a stack against the rules, and applies the waivers. Pure. */
import type { Rule } from "./rule.ts";
import { rules } from "./rules/index.ts";
import { Stack } from "../graph/stack.ts";
import { label, type Resource } from "../graph/resource.ts";
import type { Waiver } from "./waivers.ts";

/** A resource that breaks a rule. */
export interface Finding {
  readonly rule: string;
  readonly level: Rule["level"];
  readonly urn: string;
  /** Kind and name: `StatefulSet bow-mark/postgres`. */
  readonly resource: string;
  /** What is wrong, as the rest of a sentence that begins with the resource: `is not protected`. */
  readonly message: string;
  /** Reason of the waiver that allows it; undefined if none does. */
  readonly waived: string | undefined;
}

/** A resource in a waiver that does not break the rule, or does not exist: the waiver can go. */
interface UnusedWaiver {
  readonly rule: string;
  readonly resource: string;
}

/** The result of all rules on a stack. */
export interface Evaluation {
  /** Broken mandatory rules first, then advisory ones, then waived findings. */
  readonly findings: readonly Finding[];
  /** Resources that this stack's waivers name without need. */
  readonly unused: readonly UnusedWaiver[];
}

/**
 * Checks the resources of a stack against rules.
 *
 * @param applied the rules to check @default all rules
 */
export function evaluate(
  stackName: string,
  resources: readonly Resource[],
  waivers: readonly Waiver[],
  applied: readonly Rule[] = rules,
): Evaluation {
  const stack = new Stack(resources);
  const here = waivers.filter((waiver) => waiver.stacks.includes(stackName));
  const findings = applied.flatMap((rule) =>
    rule.check(stack).map(({ resource, message }): Finding => {
      const name = label(resource);
      const waiver = here.find((one) => one.rule === rule.name && one.resources.includes(name));
      return { rule: rule.name, level: rule.level, urn: resource.urn, resource: name, message, waived: waiver?.reason };
    }),
  );
  const ran = new Set(applied.map(({ name }) => name));
  const found = new Set(findings.map(({ rule, resource }) => `${rule} ${resource}`));
  const waived = here.flatMap(({ rule, resources: names }) => names.map((resource) => ({ rule, resource })));
  return {
    findings: findings.toSorted((a, b) => weight(a) - weight(b) || (a.urn < b.urn ? -1 : 1)),
    unused: waived.filter(({ rule, resource }) => ran.has(rule) && !found.has(`${rule} ${resource}`)),
  };
}

/** Whether a finding stops an update: its rule is mandatory, and no waiver allows it. */
export function isBroken({ level, waived }: Finding): boolean {
  return level === "mandatory" && waived === undefined;
}

function weight(finding: Finding): number {
  return isBroken(finding) ? 0 : finding.waived === undefined ? 1 : 2;
}
