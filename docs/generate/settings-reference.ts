/** Every setting explained: what it means, what it may be, what holds without it, and what a change of it does. Pure. */
import { code, formOf } from "./forms.ts";
import { entriesOf, formsOf, isOfShared, places, type Place } from "./places.ts";

/** What a change does to a running stack. */
export interface Effect {
  readonly does: "nothing" | "in place" | "adds or removes" | "restarts" | "replaces" | "refused";
  /** `rolls svc-identity, projector`; for nothing, until what: `until the next run`. */
  readonly text: string;
}

/** By group and path: `hermes.database[managed].size`. */
export type Effects = Readonly<Record<string, Effect>>;

export interface SettingRow {
  /** `platform`, a system's name, or `workloads` and `probe`, which every system shares. */
  readonly group: string;
  /** `database[managed].size`: the kind that has it stands in brackets, `*` is an entry of any name. */
  readonly path: string;
  /** A sentence. Like the other cells, Markdown of one line. */
  readonly meaning: string;
  /** `whole number, 1 to 1000, such as 3` */
  readonly form: string;
  /** A value in code, `required`, or words. */
  readonly default: string;
  readonly effect: string;
}

/** In the order of the reference. A cell that nobody has filled is empty. */
export function settingRows(effects: Effects): SettingRow[] {
  return places().map((place) => ({
    group: place.group,
    path: place.path,
    meaning: place.schema.description ?? "",
    form: formOf(place.schema),
    default: defaultOf(place),
    effect: effectOf(place, effects),
  }));
}

/** Path of a setting for effects: unique in the whole reference. */
export function idOf({ group, path }: Pick<Place, "group" | "path">): string {
  return `${group}.${path}`;
}

/** What is still to be said: `hermes.logLevel has no meaning`. */
export function holes(rows: readonly SettingRow[]): string[] {
  const cells = ["meaning", "form", "default", "effect"] as const;
  return rows.flatMap((row) => cells.filter((cell) => row[cell] === "").map((cell) => `${idOf(row)} has no ${cell}`));
}

/** Effects of settings that are there no longer, or have none of their own. */
export function unknownEffects(effects: Effects): string[] {
  const known = new Set(places().filter(hasEffect).map(idOf));
  return Object.keys(effects).filter((id) => !known.has(id));
}

function defaultOf({ schema, required, path, parts }: Place): string {
  if (path.endsWith("]")) return "–";
  if (schema.unset !== undefined) return schema.unset;
  if (schema.default !== undefined)
    return isEmpty(schema.default) && parts !== "none" ? "as below" : code(schema.default);
  return required ? "required" : "";
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Groups that are always there have the effects of their settings; a setting of kinds has those of its kinds. */
export function hasEffect({ parts, schema, required, path }: Place): boolean {
  if (isOfShared(schema)) return false;
  if (parts === "none" || path.endsWith("]") || entriesOf(schema) !== undefined) return true;
  return parts === "settings" && (formsOf(schema).length > 1 || (!required && schema.default === undefined));
}

function effectOf(place: Place, effects: Effects): string {
  const own = effects[idOf(place)];
  if (own !== undefined) return own.text;
  if (isOfShared(place.schema)) return "[as there](#workloads)";
  if (hasEffect(place)) return "";
  return place.parts === "kinds" ? "by kind" : "by setting";
}
