/** The changes of a stack, by system, with every field before and after, and a filter. */
import { kindOf, nameOf } from "../../../graph/resource.ts";
import { signs } from "../../picture/drawing.ts";
import { differenceHeadline, fateOf } from "../../report/words.ts";
import { isDangerous, type Change, type FieldChange } from "../../review/change.ts";
import type { Review } from "../../review/review.ts";
import { html, join, table, type Html } from "../html.ts";
import { Anchors, objectLink, pathCode } from "../links.ts";
import { valuesOf } from "./values.ts";

/** Most fields of an object, and most objects of a system, that are shown unfolded. */
const mostFields = 4;
const mostObjects = 40;

const operations = ["delete", "replace", "update", "options", "create"] as const;

/** The list of changes, or the words that there is none. */
export function changeList({ base, changes }: NonNullable<Review["change"]>, systemOf: (urn: string) => string): Html {
  if (changes.length === 0) return html`<p class="empty">Nothing changes against ${base.reference}.</p>`;
  const anchors = new Anchors();
  const systems = [...Map.groupBy(changes, ({ resource }) => systemOf(resource.urn))].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return html`<p>${differenceHeadline(changes)}.</p>
    ${filter(changes)}
    <div id="change-list">${join(systems.map(([system, own]) => group(system, own, anchors)))}</div>
    <p id="no-change" hidden>No change fits the filter.</p>`;
}

function filter(changes: readonly Change[]): Html {
  const counts = Map.groupBy(changes, ({ operation }) => operation);
  const kinds = operations.filter((operation) => counts.has(operation));
  const dangerous = changes.filter(isInDanger).length;
  return html`<form id="filter" aria-label="Filter of changes">
    ${join(
      kinds.map(
        (operation) =>
          html`<label class="chip op ${operation}"
            ><input type="checkbox" name="operation" value="${operation}" checked />${signs[operation].sign}
            ${signs[operation].word} <b>${counts.get(operation)?.length ?? 0}</b></label
          >`,
      ),
    )}${
      dangerous === 0
        ? ""
        : html`<label class="chip"
            ><input type="checkbox" name="danger" /><b class="bad">!</b> only dangerous <b>${dangerous}</b></label
          >`
    }
    <input
      type="search"
      name="text"
      placeholder="Filter by text"
      aria-label="Filter changes by text"
      autocomplete="off"
    />
    <output aria-live="polite"></output>
  </form>`;
}

/** Whether data is at stake, or the change is refused. */
function isInDanger(change: Change): boolean {
  return fateOf(change) !== undefined;
}

function group(system: string, changes: readonly Change[], anchors: Anchors): Html {
  // What comes or goes with nothing more to say of it needs no line of its own.
  const isPlain = (change: Change) => change.fields.length === 0 && !isInDanger(change);
  const [told, plain] = [changes.filter((change) => !isPlain(change)), changes.filter(isPlain)];
  const open = changes.length <= mostObjects || changes.some(isInDanger);
  return html`<details class="group" ${opened(open)}>
    <summary>
      <h3>${system}</h3>
      <small>${countsOf(changes)}</small>
    </summary>
    ${join(told.map((change) => changeRow(change, anchors)))}
    <div class="briefly">${join(plain.map((change) => changeRow(change, anchors)))}</div>
  </details>`;
}

function opened(open: boolean): Html {
  return open ? html` open` : html``;
}

function countsOf(changes: readonly Change[]): string {
  const counts = Map.groupBy(changes, ({ operation }) => operation);
  return operations
    .flatMap((operation) => {
      const own = counts.get(operation);
      return own === undefined ? [] : [`${signs[operation].sign}${own.length}`];
    })
    .join("  ");
}

function changeRow(change: Change, anchors: Anchors): Html {
  const { operation, resource, fields } = change;
  const kind = kindOf(resource);
  const name = nameOf(resource);
  const fate = fateOf(change);
  const blamed = fields.filter(({ replaces }) => replaces).map(({ path }) => path);
  return html`<div
    class="change"
    id="${anchors.next("change", kind, name)}"
    data-operation="${operation}"
    data-danger="${isInDanger(change) ? "yes" : "no"}"
    data-urn="${resource.urn}"
  >
    <p>
      ${operationLabel(operation)} ${objectLink(resource.urn, `${kind} ${name}`)}
      ${blamed.length === 0 ? "" : html`<span>because of <code>${blamed.slice(0, 3).join(", ")}</code>${blamed.length > 3 ? ` and ${blamed.length - 3} more` : ""}</span>`}
      ${fate === undefined ? "" : html`<b class="${isDangerous(change) ? "bad" : "warn"}">${fate}</b>`}
    </p>
    ${fields.length === 0 ? "" : fieldTable(fields)}
  </div>`;
}

/** What an update does, in a sign and a word. */
function operationLabel(operation: Change["operation"]): Html {
  const { sign, word } = signs[operation];
  return html`<span class="op ${operation}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

function fieldTable(fields: readonly FieldChange[]): Html {
  const rows = fields.map((field) => {
    const { before, after } = valuesOf(field);
    return [
      html`${pathCode(field.path)}${field.replaces ? html` <b class="replace">makes a new one</b>` : ""}`,
      before,
      after,
    ];
  });
  const rowsOf = table(["Field", "Before", "After"], rows);
  if (fields.length <= mostFields) return html`<div class="fields">${rowsOf}</div>`;
  return html`<details class="fields">
    <summary>${fields.length} fields</summary>
    ${rowsOf}
  </details>`;
}
