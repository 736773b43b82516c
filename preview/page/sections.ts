/** The sections of the page's overview. */
import type { Cell, Item, Section } from "../report/section.ts";
import { totals } from "../report/tree.ts";
import { fateOf } from "../report/words.ts";
import { type FieldChange, isDangerous } from "../review/change.ts";
import type { Review } from "../review/review.ts";
import { html, join, list, table, type Html } from "./html.ts";
import type { ObjectView } from "./objects.ts";

/** Link to an object's details on the page. */
export function address(urn: string): string {
  return `#${encodeURIComponent(urn)}`;
}

export function section(id: string, title: string, body: Html): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${body}
  </section>`;
}

export function changeSection({ change }: Review, objects: readonly ObjectView[]): Html {
  if (change === undefined) return html``;
  if (change.changes.length === 0) return section("changes", "Change", html`<p>Nothing changes.</p>`);
  const byUrn = new Map(objects.map((object) => [object.urn, object]));
  const rows = change.changes.map((one) => {
    const { operation, resource, fields } = one;
    const fate = fateOf(one);
    const { kind = "", name = "" } = byUrn.get(resource.urn) ?? {};
    return [
      html`<span class="op ${operation}">${operation}</span>`,
      html`<a href="${address(resource.urn)}">${kind} ${name}</a>`,
      html`${whichFields(fields)}`,
      html`${fate === undefined ? "" : html`<b class="${isDangerous(one) ? "bad" : "warn"}">${fate}</b>`}`,
    ];
  });
  return section("changes", "Change", table(["", "Object", "Fields", "Data"], rows));
}

function whichFields(fields: readonly FieldChange[]): string {
  const replacing = fields.filter(({ replaces }) => replaces).map(({ path }) => path);
  if (replacing.length > 0) return `because of ${replacing.join(", ")}`;
  return fields.length > 1 ? `${fields.length} fields` : (fields[0]?.path ?? "");
}

/** A section of the review: its verdict is on a card, so here are its findings and its table. */
export function reviewSection({ id, title, note, items, table: given }: Section): Html {
  const rows = given?.rows.map((row) => row.map(cellHtml));
  return section(
    id,
    title,
    html`${note === undefined ? "" : html`<p>${note}</p>`}${items.length === 0 ? "" : list(items.map(itemHtml))}${
      given === undefined || rows === undefined ? "" : table(given.head, rows)
    }`,
  );
}

function itemHtml({ tone, what, resource, text, code, fix }: Item): Html {
  return html`${what === undefined ? "" : html`<b class="${tone}">${what}</b> `}${
    resource === undefined ? "" : html`<a href="${address(resource.urn)}">${resource.label}</a> `
  }${code === true ? html`<code>${text}</code>` : text}${fix === undefined ? "" : `: ${fix}`}`;
}

function cellHtml(cell: string | Cell): Html {
  if (typeof cell === "string") return html`${cell}`;
  const { text, tone = "plain", urn } = cell;
  const shown = urn === undefined ? html`${text}` : html`<a href="${address(urn)}">${text}</a>`;
  return tone === "plain" ? shown : html`<b class="${tone}">${shown}</b>`;
}

export function objectsSection({ resources }: Review, objects: readonly ObjectView[]): Html {
  const systems = [...Map.groupBy(objects, ({ system }) => system)].toSorted(([a], [b]) => a.localeCompare(b));
  const groups = systems.map(
    ([system, own]) =>
      html`<details>
        <summary>${system} <small>${own.length}</small></summary>
        <ul>
          ${join(
            own
              .toSorted((a, b) => a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name))
              .map(
                ({ urn, kind, name, marks }) =>
                  html`<li>
                    <a href="${address(urn)}">${kind} <b>${name}</b></a> <small>${marks.join(", ")}</small>
                  </li>`,
              ),
          )}
        </ul>
      </details>`,
  );
  const kinds = totals(resources).map(({ kind, provider, count }) => html`${count} ${kind} <small>${provider}</small>`);
  return section(
    "objects",
    "Objects",
    html`${join(groups)}
      <details>
        <summary>kinds <small>${kinds.length}</small></summary>
        ${list(kinds)}
      </details>`,
  );
}
