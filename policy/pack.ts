/**
 * The rules as a CrossGuard policy pack: `pulumi preview --policy-pack policy`. The engine does not tell policies about
 * `retainOnDelete`, nor which values are secret, so the rules on these two find less here than in the offline preview.
 */
import { PolicyPack, type Policies, type PolicyResource as EngineResource } from "@pulumi/policy";
import { evaluate } from "./evaluate.ts";
import { rules } from "./rules/index.ts";
import { resourceOf, type Resource } from "../graph/resource.ts";
import { readWaivers } from "./waivers.ts";

const waivers = readWaivers();

/**
 * Inputs of each resource by URN, collected for the validation of the stack. There the engine gives a resource's outputs
 * instead: nothing for an object that does not exist yet, and fields that Kubernetes added for one that does.
 */
const inputs = new Map<string, KnownInputs>();

const policies: Policies = [
  {
    name: "inputs",
    description: "Notes what the program asks for, for the rules that look at the whole stack.",
    enforcementLevel: "advisory",
    validateResource: ({ urn, props }) => {
      inputs.set(urn, knownInputs(props));
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

function asRules({ urn, type, name, props, opts, dependencies }: EngineResource): Resource {
  return resourceOf({
    ...{ urn, type, name, protect: opts.protect, retainOnDelete: undefined },
    ...(inputs.get(urn) ?? knownInputs(props)),
    dependsOn: dependencies.map((one) => one.urn),
  });
}

interface KnownInputs {
  readonly inputs: Record<string, unknown>;
  /** Names of the inputs whose values are not known at all yet. */
  readonly unknown: string[];
}

function knownInputs(props: Record<string, unknown>): KnownInputs {
  const given = withoutUnknown(props) as Record<string, unknown>;
  return { inputs: given, unknown: Object.keys(props).filter((key) => !(key in given)) };
}

/** A copy without the values that a preview does not know yet. Reading such a value throws. */
function withoutUnknown(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.keys(value).flatMap((key): [string, unknown][] => {
    try {
      return [[key, withoutUnknown((value as Record<string, unknown>)[key])]];
    } catch {
      return [];
    }
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
