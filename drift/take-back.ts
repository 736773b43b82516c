/**
 * Ends what other managers have of a stack's objects, so that the next update sets the program's values again and meets no conflict. In
 * each object, by one patch: what was added is removed, and other managers no longer own what the program sets. The values
 * themselves are the update's, which shows them in its preview. The patch is of no manager, so it leaves no trace in the object, in
 * Pulumi's state or in the manifests.
 */
import { ask } from "../preflight/reach.ts";
import { at, indexOf, isMap, without, type Manager } from "../graph/managed-fields.ts";
import type { Changed } from "./objects.ts";
import { DriftError } from "./stack-state.ts";

interface Live {
  readonly metadata: { readonly resourceVersion: string; readonly managedFields?: readonly Manager[] };
  readonly [field: string]: unknown;
}

/**
 * Takes back what was changed in one object.
 *
 * @throws {DriftError} if the cluster refuses, as it does if the object changes at this moment
 */
export async function takeBack({ cluster, path, changes }: Changed): Promise<void> {
  const { status, text, error } = await ask(cluster, path, { seconds: 30 });
  if (status !== 200) throw new DriftError(`${path}: ${status === 0 ? error : `the cluster answers ${status}`}`);
  const patch = patchOf(JSON.parse(text) as Live, changes);
  const done = await ask(cluster, path, { seconds: 30, patch });
  if (done.status === 200) return;
  const { message } = JSON.parse(done.text || "{}") as { message?: string };
  throw new DriftError(`${path} could not be taken back: ${message ?? done.error}`);
}

/** The patch, in which later entries of a list are removed before earlier ones. */
export function patchOf(live: Live, changes: Changed["changes"]): object[] {
  const { resourceVersion, managedFields = [] } = live.metadata;
  const left = managedFields.flatMap((manager): Manager[] => {
    const paths = changes.filter((one) => one.manager === manager.manager).map(({ path }) => path);
    if (paths.length === 0 || manager.subresource === "status") return [manager];
    const fieldsV1 = without(manager.fieldsV1 ?? {}, paths);
    return fieldsV1 === undefined ? [] : [{ ...manager, fieldsV1 }];
  });
  const removed = changes
    .filter(({ added }) => added)
    .flatMap(({ path }) => pointer(live, path) ?? [])
    .toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return [
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    ...[...new Set(removed)].map((path) => ({ op: "remove", path })),
    { op: "replace", path: "/metadata/managedFields", value: left },
  ];
}

/** A path of managed fields as a JSON pointer (RFC 6901) into the object; undefined if nothing is there any more. */
function pointer(live: unknown, path: readonly string[]): string | undefined {
  let value = live;
  let text = "";
  for (const step of path) {
    const below = at(value, step);
    if (below === undefined) return undefined;
    const name = isMap(value) ? step.slice(2) : String(indexOf(value as readonly unknown[], step));
    text += `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    value = below;
  }
  return text;
}
