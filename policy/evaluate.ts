/** Rules and waivers on a stack. Pure. */
import type { Rule } from "./rule.ts";
import { rules } from "./rules/index.ts";
import { Stack } from "../graph/stack.ts";
import { label, type Resource } from "../graph/resource.ts";
import type { Waiver } from "./waivers.ts";

export interface Finding {
  readonly rule: string;
  readonly level: Rule["level"];
  readonly urn: string;
  /** `StatefulSet bow-mark/postgres` */
  readonly resource: string;
  readonly message: string;
  /** Why it is allowed, where a waiver allows it. */
  readonly waived: string | undefined;
}

/** A waiver's object that breaks the rule no more, or that there is none of. */
interface UnusedWaiver {
  readonly rule: string;
  readonly resource: string;
}

/** What is found, mandatory and not waived first; and what is waived for nothing in this stack. */
export interface Evaluation {
  readonly findings: readonly Finding[];
  readonly unused: readonly UnusedWaiver[];
}

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

/** Whether it stops an update. */
export function isBroken({ level, waived }: Finding): boolean {
  return level === "mandatory" && waived === undefined;
}

function weight(finding: Finding): number {
  return isBroken(finding) ? 0 : finding.waived === undefined ? 1 : 2;
}
