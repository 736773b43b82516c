/**
 * The rules as a pack for the engine: `pulumi preview --policy-pack policy`. It sees what the engine sees; only retention is
 * not told to policies.
 */
import { PolicyPack, type Policies, type PolicyResource as EngineResource } from "@pulumi/policy";
import { evaluate } from "./evaluate.ts";
import { rules } from "./rules/index.ts";
import type { PolicyResource } from "./stack.ts";
import { readWaivers } from "./waivers.ts";

const waivers = readWaivers();

/**
 * What the program asks for, by URN. A stack's validation sees what providers answered instead: of an object that does not
 * exist yet nothing, of one that does also what Kubernetes added.
 */
const inputs = new Map<string, Record<string, unknown>>();

const policies: Policies = [
  {
    name: "inputs",
    description: "Notes what the program asks for, for the rules that look at the whole stack.",
    enforcementLevel: "advisory",
    validateResource: ({ urn, props }) => {
      inputs.set(urn, known(props) as Record<string, unknown>);
    },
  },
  ...rules.map((rule) => ({
    name: rule.name,
    description: `${rule.description} ${rule.why}`,
    enforcementLevel: rule.level,
    remediationSteps: rule.example,
    validateStack: ({ resources }: { resources: EngineResource[] }, report: (message: string, urn: string) => void) => {
      const { findings } = evaluate(stackOf(resources), resources.map(asRules), waivers, [rule]);
      for (const { resource, message, urn, waived } of findings) {
        if (waived === undefined) report(`${resource} ${message}`, urn);
      }
    },
  })),
];

new PolicyPack("doks-systems", { policies });

function stackOf([first]: readonly EngineResource[]): string {
  return first?.urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";
}

function asRules({ urn, type, name, props, opts, dependencies }: EngineResource): PolicyResource {
  return {
    ...{ urn, type, name, protect: opts.protect, retainOnDelete: undefined },
    inputs: inputs.get(urn) ?? (known(props) as Record<string, unknown>),
    dependsOn: dependencies.map((one) => one.urn),
  };
}

/** A copy in which a text stands for what a preview does not know yet, which throws when it is read. */
function known(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.keys(value).map((key): [string, unknown] => {
    try {
      return [key, known((value as Record<string, unknown>)[key])];
    } catch {
      return [key, "[unknown]"];
    }
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
