/**
 * Who set which field of a Kubernetes object: `metadata.managedFields`, read. Pure. Source: sigs.k8s.io/structured-merge-diff,
 * fieldpath/serialize-pe.go: `f:name` is a field, `k:{…}` the entry of a list with these keys, `v:…` an entry that is a value,
 * `i:…` one by its place, `.` the thing itself.
 */

/** One entry of `metadata.managedFields`. */
export interface Manager {
  readonly manager: string;
  /** When it last changed a field, in ISO 8601. */
  readonly time?: string;
  /** `status`, `scale`; none for the object itself. */
  readonly subresource?: string;
  readonly fieldsV1?: Fields;
  readonly [other: string]: unknown;
}
export interface Fields {
  readonly [step: string]: Fields;
}

/** The value in an object at one step of a path; undefined if it has none. */
export function at(value: unknown, step: string): unknown {
  const [kind, rest] = [step.slice(0, 2), step.slice(2)];
  if (kind === "f:") return isMap(value) ? value[rest] : undefined;
  if (!Array.isArray(value)) return undefined;
  const place = indexOf(value, step);
  return place < 0 ? undefined : (value[place] as unknown);
}

/** Place of an entry in a list; -1 if it is not there. A key that an entry does not say, such as a port's protocol, has its default. */
export function indexOf(list: readonly unknown[], step: string): number {
  const [kind, rest] = [step.slice(0, 2), step.slice(2)];
  const wanted: unknown = JSON.parse(rest);
  if (kind === "i:") return Number(rest) < list.length ? Number(rest) : -1;
  if (kind === "v:") return list.findIndex((one) => JSON.stringify(one) === JSON.stringify(wanted));
  const keys = Object.entries(wanted as Readonly<Record<string, unknown>>);
  return list.findIndex(
    (one) =>
      isMap(one) && keys.every(([key, value]) => one[key] === value || (one[key] === undefined && keys.length > 1)),
  );
}

/** A path as people write it: `spec.template.spec.containers[projector].env[LOG_LEVEL].value`. */
export function written(path: readonly string[]): string {
  return path.map(writtenStep).join("").replace(/^\./, "");
}

function writtenStep(step: string): string {
  const [kind, rest] = [step.slice(0, 2), step.slice(2)];
  if (kind === "f:") return /^[\w-]+$/.test(rest) ? `.${rest}` : `[${rest}]`;
  const value: unknown = JSON.parse(rest);
  return `[${isMap(value) ? Object.values(value).join("/") : String(value)}]`;
}

/** The fields without some paths; undefined if none are left. */
export function without(fields: Fields, paths: readonly (readonly string[])[]): Fields | undefined {
  const left = Object.entries(fields).flatMap(([step, below]): [string, Fields][] => {
    const inside = paths.filter(([first]) => first === step).map((path) => path.slice(1));
    if (inside.length === 0) return [[step, below]];
    if (inside.some((path) => path.length === 0)) return [];
    const rest = without(below, inside);
    return rest === undefined ? [] : [[step, rest]];
  });
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
