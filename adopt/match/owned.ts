/**
 * Which fields of an object an update takes away although the program does not set them. The provider makes itself the owner of
 * what `kubectl` has set, and then applies the program's fields alone, so the others go; fields of other managers stay, unless
 * they are handed over first. Source: pulumi-kubernetes 4.34, `fixCSAFieldManagers` in `provider/pkg/await/await.go`, which
 * compares the beginning of a manager's name. Pure.
 */
import { isGroup } from "../../settings/reading/group.ts";
import { at, type Fields } from "../../graph/managed-fields.ts";
import type { LiveObject, ManagedFields } from "../ground/cluster.ts";
import { union } from "./values.ts";

/** What the names of the managers begin with whose fields the provider makes its own. */
const takenOver: readonly string[] = [
  "kubectl",
  "before-first-apply",
  "pulumi-kubernetes",
  "pulumi-resource-kubernetes",
];

/** What the names of the managers begin with that deploy as this program does, and that must let go before it. */
const deployers: readonly string[] = [
  ...["helm", "Helm", "argocd", "kustomize-controller", "flux", "terraform", "Terraform", "tofu", "OpenTofu"],
  ...["ansible", "OpenAPI-Generator", "Python-urllib", "dashboard", "Lens", "k9s", "node-fetch", "okhttp"],
];

const isOneOf = (names: readonly string[], { manager = "", subresource = "" }: ManagedFields) =>
  subresource === "" && names.some((one) => manager.startsWith(one));

/** The managers of an object whose fields stay unless they are handed over, by their place in `metadata.managedFields`. */
export function toHandOver({ metadata }: LiveObject): { readonly manager: string; readonly place: number }[] {
  return (metadata.managedFields ?? []).flatMap((one, place) =>
    isOneOf(deployers, one) ? [{ manager: one.manager ?? "", place }] : [],
  );
}

/** The fields of an object that are the provider's after the update, which are `kubectl`'s and those handed over; `{}` for none. */
export function ownedFields(live: LiveObject): Record<string, unknown> {
  return (live.metadata.managedFields ?? [])
    .filter((one) => isOneOf(takenOver, one) || isOneOf(deployers, one))
    .map(({ fieldsV1 }) => part(live, fieldsV1 ?? {}))
    .filter(isGroup)
    .reduce((all, one) => union(all, one) as Record<string, unknown>, {});
}

/** The part of a value that a tree of fields names. */
function part(value: unknown, fields: Fields): unknown {
  const steps = Object.entries(fields).filter(([step]) => step !== ".");
  if (steps.length === 0 || typeof value !== "object") return value;
  const named = steps.flatMap(([step, below]): [string, unknown][] => {
    const inner = at(value, step);
    return inner === undefined ? [] : [[step.slice("f:".length), part(inner, below)]];
  });
  return Array.isArray(value) ? named.map(([, item]) => item) : Object.fromEntries(named);
}
