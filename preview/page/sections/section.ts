/** Any section of the review as HTML: its verdict, remark, findings and table. */
import type { Cell, Item, Section, Table, Tone } from "../../report/section.ts";
import { html, join, table, type Html } from "../html.ts";
import { Anchors, moreLinks, objectLink, withCode } from "../links.ts";

const signs: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✕", faint: "·", plain: "·" };

/** A section. One that has neither findings nor a table says its verdict alone. */
export function sectionHtml({ id, title, verdict, note, items, table: rows }: Section): Html {
  const anchors = new Anchors();
  return frame(
    id,
    title,
    html`<p class="verdict">${toned(verdict.text, verdict.tone)}</p>
      ${note === undefined ? "" : html`<p class="note">${withCode(note)}</p>`}
      ${items.length === 0 ? "" : itemList(items, (item) => anchors.next(id, item.what ?? "", item.resource?.label ?? ""))}
      ${rows === undefined || rows.rows.length === 0 ? "" : tableHtml(rows)}`,
  );
}

/** A part of the page with a title and an anchor. */
export function frame(id: string, title: string, body: Html): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title} <a class="anchor" href="#${id}" aria-label="Link to ${title}">#</a></h2>
    ${body}
  </section>`;
}

/** A text with the sign of its tone before it, so that it does not depend on colour. */
export function toned(text: string, tone: Tone): Html {
  if (tone === "plain") return html`${text}`;
  return html`<span class="${tone}"><b aria-hidden="true">${signs[tone]}</b> ${text}</span>`;
}

/** Findings and remarks; each has an anchor. */
export function itemList(items: readonly Item[], anchor: (item: Item) => string): Html {
  return html`<ul class="items">
    ${join(items.map((item) => itemHtml(item, anchor(item))))}
  </ul>`;
}

function itemHtml(item: Item, anchor: string): Html {
  const { tone, what, resource, text, fix } = item;
  return html`<li class="item ${tone}" id="${anchor}">
    <b class="sign" aria-hidden="true">${signs[tone]}</b>
    <div>
      <p>
        ${what === undefined ? "" : html`<b>${what}</b> `}${resource === undefined ? "" : objectLink(resource.urn, resource.label)}
        ${withCode(text)}
      </p>
      ${fix === undefined ? "" : html`<p class="fix"><b>Do this</b> ${withCode(fix)}</p>`}
      <p class="links">${moreLinks(item)}</p>
    </div>
  </li>`;
}

function tableHtml({ head, rows, right = [] }: Table): Html {
  return table(
    head,
    rows.map((row) => row.map(cellHtml)),
    right,
  );
}

function cellHtml(cell: string | Cell): Html {
  if (typeof cell === "string") return html`${cell}`;
  const { text, tone = "plain", urn, code = false } = cell;
  const inner = code ? html`<code>${text}</code>` : html`${text}`;
  const linked = urn === undefined ? inner : html`<a href="#${encodeURIComponent(urn)}">${inner}</a>`;
  return tone === "plain" ? linked : html`<span class="${tone}">${linked}</span>`;
}
