/** Values before and after a change, with what differs in them. Pure. */
import { stringify } from "yaml";
import type { FieldChange } from "../../review/change.ts";
import { html, type Html } from "../html.ts";

/** Characters that are shown on each side of what differs. */
const context = 48;
/** Fewest equal characters that are worth an emphasis of the others. */
const worthwhile = 6;
/** Most characters of a group or list on one line. */
const longestLine = 40;
/** Most characters of a value; the object's page has it whole. */
const longest = 1500;

/** The old and the new value of a field. */
export function valuesOf(field: FieldChange): { readonly before: Html; readonly after: Html } {
  const [before, after] = [textOf(field, "before"), textOf(field, "after")];
  if (before === undefined || after === undefined) return { before: plain(before), after: plain(after) };
  const shared = sharedEnds(before, after);
  if (shared.start + shared.end < worthwhile) return { before: plain(before), after: plain(after) };
  return { before: emphasised(before, shared, "del"), after: emphasised(after, shared, "ins") };
}

/** A text as it is, if it has several lines; a group as YAML; else JSON, so that `"5"` is not taken for `5`. */
function textOf(field: FieldChange, side: "before" | "after"): string | undefined {
  if (!(side in field)) return undefined;
  const value = field[side];
  if (typeof value === "string" && value.includes("\n")) return value;
  const short = JSON.stringify(value);
  return short.length <= longestLine || typeof value !== "object" ? short : stringify(value).trimEnd();
}

function plain(text: string | undefined): Html {
  return text === undefined ? html`<i class="absent">absent</i>` : html`<code>${cut(text)}</code>`;
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)} … ${text.length - longest} more characters`;
}

interface Shared {
  /** Number of equal characters at the start. */
  readonly start: number;
  /** Number of equal characters at the end. */
  readonly end: number;
}

function sharedEnds(a: string, b: string): Shared {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return { start, end };
}

function emphasised(text: string, { start, end }: Shared, tag: "del" | "ins"): Html {
  const [before, middle, after] = [
    text.slice(0, start),
    text.slice(start, text.length - end),
    text.slice(text.length - end),
  ];
  const head = before.length <= 2 * context ? before : `…${before.slice(-context)}`;
  const tail = after.length <= 2 * context ? after : `${after.slice(0, context)}…`;
  const changed =
    middle === "" ? "" : tag === "del" ? html`<del>${cut(middle)}</del>` : html`<ins>${cut(middle)}</ins>`;
  return html`<code>${head}${changed}${tail}</code>`;
}
