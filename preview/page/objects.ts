/** Resources in the form in which the page's script gets them. Pure. */
import { isBroken, type Finding } from "../../policy/evaluate.ts";
import {
  connectionText,
  kindOf,
  kubernetesObject,
  manifest,
  nameOf,
  providerOf,
  type Resource,
} from "../../graph/resource.ts";
import { fateOf } from "../report/words.ts";
import { marks } from "../report/tree.ts";
import { money } from "../review/cost/cost.ts";
import { type Change, isDangerous } from "../review/change.ts";
import { byUrn, systemOf } from "../../graph/stack.ts";
import type { Review } from "../review/review.ts";

/** A resource in words, with what the review says of it, as the page's script reads it: `browser/objects.js`. */
export interface ObjectView extends Pick<Resource, "urn" | "parent" | "dependsOn"> {
  readonly kind: string;
  readonly name: string;
  readonly system: string;
  /** `kubernetes` or `digitalocean`; `component` for components of this program. */
  readonly provider: string;
  /** How the resource is guarded against deletion: `protected`, `kept when removed`. */
  readonly marks: readonly string[];
  /** The manifest of a Kubernetes object in YAML, the inputs of any other resource in JSON. */
  readonly content: string;
  /** `postgres:5432` */
  readonly connectsTo: readonly string[];
  /** Each paid part, `pool general: 4 to 32 × s-4vcpu-8gb`, with its cost a month. */
  readonly costs: readonly (readonly [string, string])[];
  readonly findings: readonly {
    readonly rule: string;
    readonly message: string;
    readonly broken: boolean;
    readonly waived: string | undefined;
  }[];
  /**
   * What an update does to the resource, in a comparison with another commit. The fields that change are in the list of
   * changes on the page, from where the script takes them.
   */
  readonly change?: {
    readonly operation: Change["operation"];
    readonly dangerous: boolean;
    /** What happens to its data, as a text. */
    readonly fate: string | undefined;
  };
}

/** All resources of the stack, and those that the change deletes. */
export function objectViews(review: Review): ObjectView[] {
  const changes = new Map((review.change?.changes ?? []).map((change) => [change.resource.urn, change]));
  const resources = [...review.resources, ...deleted(review)].filter(({ type }) => type !== "pulumi:pulumi:Stack");
  const all = byUrn(resources);
  const costs = Map.groupBy(review.cost.items, ({ urn }) => urn);
  const findings = Map.groupBy(review.policy.findings, ({ urn }) => urn);
  return resources.map((resource) => ({
    ...{ urn: resource.urn, kind: kindOf(resource), name: nameOf(resource) },
    system: systemOf(resource, all),
    provider: providerOf(resource),
    parent: resource.parent?.includes("pulumi:pulumi:Stack") === true ? undefined : resource.parent,
    marks: marks(resource),
    content: contentOf(resource),
    ...{
      connectsTo: resource.connectsTo.map(connectionText),
      dependsOn: resource.dependsOn.filter((urn) => all.has(urn)),
    },
    costs: (costs.get(resource.urn) ?? []).map(({ what, monthly }) => [
      what,
      monthly ? money(monthly) : "no price known",
    ]),
    findings: (findings.get(resource.urn) ?? []).map(findingOf),
    ...changeOf(changes.get(resource.urn)),
  }));
}

/** Resources that the change deletes, with the components that disappear with them. */
function deleted({ resources, change }: Review): Resource[] {
  const before = byUrn(change?.base.resources ?? []);
  const now = byUrn(resources);
  const above = (urn: string): string[] => [
    urn,
    ...(before.get(urn)?.parent ? above(before.get(urn)?.parent ?? "") : []),
  ];
  const gone = (change?.changes ?? []).filter(({ operation }) => operation === "delete");
  const urns = new Set(gone.flatMap(({ resource }) => above(resource.urn)).filter((urn) => !now.has(urn)));
  return [...urns].flatMap((urn) => before.get(urn) ?? []);
}

function changeOf(change: Change | undefined): Pick<ObjectView, "change"> {
  if (change === undefined) return {};
  const { operation } = change;
  return { change: { operation, dangerous: isDangerous(change), fate: fateOf(change) } };
}

function findingOf(finding: Finding): ObjectView["findings"][number] {
  return { rule: finding.rule, message: finding.message, broken: isBroken(finding), waived: finding.waived };
}

function contentOf(resource: Resource): string {
  return kubernetesObject(resource) === undefined
    ? JSON.stringify(resource.inputs, null, 2)
    : manifest(resource.inputs);
}
