/**
 * Which fields of an object an update takes away although the program does not set them. The provider makes itself the owner of
 * what `kubectl` has set, and then applies the program's fields alone, so the others go; fields of other managers stay, unless
 * they are handed over first. Source: pulumi-kubernetes 4.34, `fixCSAFieldManagers` in `provider/pkg/await/await.go`, which
 * compares the beginning of a manager's name. Pure.
 */
import { isGroup } from "../../settings/reading/group.ts";
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

/** The part of a value that a tree of fields names: `f:` is a field, `k:` and `v:` an item of a list, `.` the value itself. */
function part(value: unknown, fields: object): unknown {
  const keys = Object.entries(fields).filter(([key]) => key !== ".");
  if (keys.length === 0) return value;
  if (Array.isArray(value)) {
    return keys.flatMap(([key, inner]) => {
      const item = itemOf(value, key);
      return item === undefined ? [] : [part(item, inner as object)];
    });
  }
  if (!isGroup(value)) return value;
  const entries = keys.flatMap(([key, inner]): [string, unknown][] => {
    const name = key.slice("f:".length);
    return key.startsWith("f:") && name in value ? [[name, part(value[name], inner as object)]] : [];
  });
  return Object.fromEntries(entries);
}

/** The item of a list that a key names: `k:{"name":"api"}` by its fields, `v:"finalizer"` by itself, `i:0` by its place. */
function itemOf(list: readonly unknown[], key: string): unknown {
  const text = key.slice("k:".length);
  if (key.startsWith("k:")) {
    const wanted = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return list.find((item) => isGroup(item) && wanted.every(([name, value]) => item[name] === value));
  }
  return key.startsWith("v:") ? list.find((item) => item === JSON.parse(text)) : list[Number(text)];
}
