/** The pictures of the page, each also as a list: for narrow windows, and for whoever hears the page. */
import { readFileSync } from "node:fs";
import { signs, type Arrow, type Box, type Drawing } from "../../picture/drawing.ts";
import { anchorOf, drawings } from "../../picture/drawings.ts";
import { markedPicture } from "../../picture/marked.ts";
import { svg } from "../../picture/svg.ts";
import type { Review } from "../../review/review.ts";
import { html, join, raw, type Html } from "../html.ts";
import { address, slug } from "../links.ts";
import { frame } from "./section.ts";

/** The pictures of a stack, with what a change does to each box. */
export async function pictureSection(review: Review): Promise<Html> {
  const all = drawings(markedPicture(review), { object: address, system: (name) => `#${slug(anchorOf(name))}` });
  const figures: Html[] = [];
  // One after the other: Graphviz has one memory.
  for (const drawing of all) figures.push(figure(drawing, await svg(drawing)));
  const symbols = raw(readFileSync(new URL("../../picture/symbols.svg", import.meta.url), "utf8"));
  return frame(
    "picture",
    "Picture",
    html`${symbols}
      <div class="bar">
        <ul class="legend">
          <li><span class="key public"></span> from the internet</li>
          <li><span class="key private"></span> declared connection; everything else is denied</li>
          <li><span class="key data"></span> holds data</li>
          ${review.change === undefined ? "" : markLegend()}
        </ul>
        <div class="views" role="group" aria-label="Show pictures as">
          <button type="button" data-view="drawing">Drawings</button>
          <button type="button" data-view="list">Lists</button>
        </div>
      </div>
      ${join(figures)}`,
  );
}

function markLegend(): Html {
  const marks = Object.entries(signs).map(
    ([mark, { sign, word }]) => html`<li><span class="op ${mark}">${sign} ${word}</span></li>`,
  );
  return join(marks);
}

function figure(drawing: Drawing, picture: Html): Html {
  const { id, title, boxes } = drawing;
  const hint = "Plus, minus and zero zoom; so do the control key with the wheel, and two fingers.";
  const anchor = slug(id);
  return html`<figure id="${anchor}" aria-labelledby="${anchor}-title">
    <figcaption>
      <h3 id="${anchor}-title">${title}</h3>
      ${title === "All systems" ? html`<small>a box leads to its system</small>` : html`<small>${boxes.length} boxes, each leads to its object</small> <a href="#picture-overview">all systems</a>`}
      <div class="zoom" role="group" aria-label="Zoom of ${title}">
        <button type="button" data-zoom="out" aria-label="Smaller">−</button
        ><button type="button" data-zoom="fit" aria-label="1:1, natural size">1:1</button
        ><button type="button" data-zoom="in" aria-label="Larger">+</button>
      </div>
    </figcaption>
    <div class="canvas" tabindex="0" role="group" aria-label="Drawing of ${title}. ${hint}">${picture}</div>
    ${asList(drawing)}
  </figure>`;
}

/** Kinds as traffic comes: the internet is the only one outside that reaches anything. */
const order: readonly Box["kind"][] = [
  ...(["outside", "entrance", "route", "system", "workload", "stateful"] as const),
  ...(["database", "bucket", "task"] as const),
];

/** The boxes of a drawing, each with what it reaches. */
function asList({ boxes, arrows }: Drawing): Html {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const outgoing = Map.groupBy(arrows, ({ from }) => from);
  const listed = boxes.filter(({ id, inside, kind }) => outgoing.has(id) || inside === true || kind === "system");
  const sorted = listed.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return html`<ul class="list">
    ${join(
      sorted.map((box) => {
        const to = outgoing.get(box.id) ?? [];
        return html`<li class="${classesOf(box)}">
          ${boxName(box)} ${join(box.lines.map((line) => html`<small>${line}</small>`))}
          ${to.length === 0 ? "" : html`<p>→ ${raw(to.map((arrow) => targetName(arrow, byId).text).join(", "))}</p>`}
        </li>`;
      }),
    )}
  </ul>`;
}

function classesOf({ kind, holdsData, mark }: Box): string {
  return [kind, ...(holdsData ? ["data"] : []), ...(mark === undefined ? [] : [`is-${mark}`])].join(" ");
}

function boxName({ title, href, mark, holdsData }: Box): Html {
  const text = title.replaceAll("\n", ", ");
  return html`<b>${href === undefined ? text : html`<a href="${href}">${text}</a>`}</b>${
      mark === undefined ? "" : html` <span class="op ${mark}">${signs[mark].sign} ${signs[mark].word}</span>`
    }${holdsData ? html` <span class="holds">holds data</span>` : ""}`;
}

function targetName({ to, mark }: Arrow, byId: ReadonlyMap<string, Box>): Html {
  const name = (byId.get(to)?.title ?? to).replaceAll("\n", ", ");
  const port = byId.get(to)?.kind === "outside" ? (byId.get(to)?.lines[0] ?? "") : "";
  const text = html`${name}${port === "" ? "" : html` <small>${port}</small>`}`;
  if (mark === undefined) return text;
  return mark === "delete" ? html`<del>${text}</del>` : html`<ins>${text}</ins>`;
}
