/** Any section of the review as HTML: its verdict, remark, findings and table. */
import type { Cell, Item, Section, Table, Tone } from "../../report/section.ts";
import { html, join, table, type Html } from "../html.ts";
import {
  address,
  Anchors,
  copied,
  moreLinks,
  objectLink,
  ruleAnchor,
  ruleOf,
  settingAnchor,
  withCode,
} from "../links.ts";

const signs: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✕", faint: "·", plain: "·" };

/** Most findings that are only there to be complete and yet not folded. */
const mostFaint = 2;

/** A section. One that has neither findings nor a table says its verdict alone. */
export function sectionHtml({ id, title, verdict, note, items, table: rows }: Section): Html {
  const anchors = new Anchors();
  const entry = (item: Item) => itemHtml(item, anchors.next(id, item.what ?? "remark", item.resource?.label ?? ""));
  const [shown, faint] = [items.filter(({ tone }) => tone !== "faint"), items.filter(({ tone }) => tone === "faint")];
  const folded = faint.length > mostFaint;
  return frame(
    id,
    title,
    html`<p class="verdict">${toned(sentence(verdict.text), verdict.tone)}</p>
      ${note === undefined ? "" : html`<p class="note">${withCode(sentence(note))}${note.endsWith(".") ? "" : "."}</p>`}
      ${itemList((folded ? shown : items).map(entry))}
      ${
        folded
          ? html`<details>
              <summary>${faint.length} ${shown.length === 0 ? "" : "more "}that are waived, or as they were</summary>
              ${itemList(faint.map(entry))}
            </details>`
          : ""
      }
      ${rows === undefined || rows.rows.length === 0 ? "" : tableHtml(rows)}`,
  );
}

/** A text that begins with a capital letter. */
function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
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

function itemList(entries: readonly Html[]): Html {
  if (entries.length === 0) return html``;
  return html`<ul class="items">
    ${join(entries)}
  </ul>`;
}

function itemHtml(item: Item, anchor: string): Html {
  const { tone, resource, text, code = false, fix } = item;
  const { link, rest } = named(item);
  return html`<li class="item ${tone}" id="${anchor}">
    <b class="sign" aria-hidden="true">${signs[tone]}</b>
    <div>
      <p>
        ${link} ${resource === undefined ? "" : objectLink(resource.urn, resource.label)}
        ${code ? copied(text, "command") : withCode(text)}
      </p>
      ${fix === undefined ? "" : html`<p class="fix"><b>Do this</b> ${withCode(fix)}</p>`}
      <p class="links">${moreLinks(rest)}</p>
    </div>
  </li>`;
}

/** The name of a finding, which leads to its rule or setting, where it is one; and the links that are left. */
function named({ what, setting, page }: Item): { readonly link: Html; readonly rest: Pick<Item, "setting" | "page"> } {
  const rest = { ...(setting !== undefined && { setting }), ...(page !== undefined && { page }) };
  if (what === undefined) return { link: html``, rest };
  if (what === setting)
    return {
      link: html`<a href="#${settingAnchor(setting)}"><code>${what}</code></a>`,
      rest: page === undefined ? {} : { page },
    };
  const rule = page === undefined ? undefined : ruleOf(page);
  if (rule !== undefined && what.endsWith(rule))
    return {
      link: html`<b>${what.slice(0, -rule.length)}<a href="#${ruleAnchor(rule)}">${rule}</a></b>`,
      rest: setting === undefined ? {} : { setting },
    };
  return { link: html`<b>${what}</b>`, rest };
}

function tableHtml({ head, rows, right = [] }: Table): Html {
  return table(
    head.map(sentence),
    rows.map((row) => row.map(cellHtml)),
    right,
  );
}

function cellHtml(cell: string | Cell): Html {
  if (typeof cell === "string") return html`${cell}`;
  const { text, tone = "plain", urn, code = false } = cell;
  if (text === "") return html``;
  const inner = code ? html`<code>${text}</code>` : html`${text}`;
  const linked = urn === undefined ? inner : html`<a href="${address(urn)}">${inner}</a>`;
  return tone === "plain" ? linked : html`<span class="${tone}">${linked}</span>`;
}
