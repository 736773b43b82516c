/** Every place of the settings that the reference has a row for. Pure. */
import { groups, resolved, shared, type Schema } from "./schemas.ts";

/** One step from a group down to a setting: a key, the kind that a setting of several kinds has, or an entry of any name. */
export type Step =
  | { readonly key: string; readonly of: Schema }
  | { readonly kind: Schema; readonly of: Schema }
  | { readonly entry: string; readonly of: Schema };

export interface Place {
  /** `platform`, a system's name, or `workloads` and `probe`, which every system shares. */
  readonly group: string;
  /** `database[in-cluster].storage`; an entry of any name is `*`. */
  readonly path: string;
  readonly steps: readonly Step[];
  readonly schema: Schema;
  /** Whether the group that it is in must have it. */
  readonly required: boolean;
  /** Settings of its own, which have rows too. */
  readonly parts: "none" | "settings" | "kinds";
}

type Walk = Pick<Place, "group" | "path" | "steps" | "required">;

/** In the order of the schemas; what every workload takes comes last. */
export function places(): Place[] {
  const own = Object.entries(groups).flatMap(([group, schema]) => inside({ ...top, group }, schema));
  // A server beside another one takes what `database` takes, and that is written down there.
  const told = Object.entries(shared).filter(([name]) => name !== "database-beside");
  const common = told.flatMap(([name, schema]) =>
    inside({ ...top, group: name === "workload" ? "workloads" : name }, schema),
  );
  const seen = new Set<string>();
  return [...own, ...common].filter(({ group, path }) => {
    const id = `${group}.${path}`;
    // Two forms of one setting may have a key in common.
    return seen.has(id) ? false : seen.add(id);
  });
}

const top = { path: "", steps: [], required: true };

/** The forms that a setting may have, those of forms included; itself where it has one. */
export function formsOf(schema: Schema): Schema[] {
  const forms = schema.oneOf ?? schema.anyOf;
  return forms === undefined ? [schema] : forms.flatMap(formsOf);
}

/** The word by which a kind is chosen: key and value of its discriminator. A kind that needs no word is the usual form, without one. */
export function kindOf(schema: Schema): { key: string; value: string } | undefined {
  const found = Object.entries(schema.properties ?? {}).find(
    ([key, inner]) => inner.const !== undefined && schema.required?.includes(key) === true,
  );
  return found && { key: found[0], value: String(found[1].const) };
}

/** Whether it is settings by name, rather than one value. */
export function isGroupSchema({ type, $ref }: Schema): boolean {
  return type === "object" && $ref === undefined;
}

/** A group whose names are free, and what each of them holds; undefined where that may be anything. */
export function entriesOf({ additionalProperties }: Schema): Schema | undefined {
  const open = typeof additionalProperties === "object" && Object.keys(additionalProperties).length > 0;
  return open ? additionalProperties : undefined;
}

/** Whether all that a group holds is written down elsewhere, once: `workloads`. */
export function isOfShared({ properties = {} }: Schema): boolean {
  const inner = Object.values(properties);
  return inner.length > 0 && inner.every(({ $ref }) => $ref !== undefined);
}

function place(walk: Walk, schema: Schema): Place[] {
  if (isOfShared(schema)) return [{ ...walk, schema, parts: "settings" }];
  const forms = formsOf(schema);
  const kinds = forms.some((form) => kindOf(form) !== undefined);
  const below = forms.length > 1 ? forms.flatMap((form) => formInside(walk, schema, form)) : inside(walk, schema);
  const parts = below.length === 0 ? "none" : kinds ? "kinds" : "settings";
  return [{ ...walk, schema, parts }, ...below];
}

/** A kind has a row of its own; a form without a name for it only has its settings. */
function formInside(walk: Walk, of: Schema, form: Schema): Place[] {
  if (!isGroupSchema(form)) return [];
  const kind = kindOf(form);
  const steps = [...walk.steps, { kind: form, of }];
  if (kind === undefined) return inside({ ...walk, steps }, form);
  const here = { ...walk, steps, path: `${walk.path}[${kind.value}]`, required: true };
  const below = inside(here, form);
  return [{ ...here, schema: form, parts: below.length === 0 ? "none" : "settings" }, ...below];
}

function inside(walk: Walk, schema: Schema): Place[] {
  if (!isGroupSchema(schema)) return [];
  const entry = entriesOf(schema);
  if (entry !== undefined) return ofEntries(walk, schema, entry);
  return Object.entries(schema.properties ?? {})
    .filter(([, inner]) => inner.const === undefined)
    .flatMap(([key, inner]) => {
      const path = walk.path === "" ? key : `${walk.path}.${key}`;
      const required = schema.required?.includes(key) === true;
      return place({ ...walk, path, required, steps: [...walk.steps, { key, of: schema }] }, inner);
    });
}

/** Entries that are values are told by the row of their group. */
function ofEntries(walk: Walk, schema: Schema, entry: Schema): Place[] {
  const [name = "name"] = Object.keys(schema.examples?.[0] ?? {});
  const next = { ...walk, path: `${walk.path}.*`, steps: [...walk.steps, { entry: name, of: schema }], required: true };
  const [own, ...below] = place(next, resolved(entry));
  return own?.parts === "kinds" ? [own, ...below] : below;
}
