/** What a reviewer must see before a merge, at the top of the page. */
import type { Danger } from "../../review/danger.ts";
import { html, join, type Html } from "../html.ts";
import { Anchors, moreLinks, objectLink, withCode } from "../links.ts";

const levels = {
  stop: { sign: "✕", title: "Stop", tone: "bad" },
  look: { sign: "!", title: "Look", tone: "warn" },
} as const;

/** Most dangers that stand before the results; the others are folded. */
const mostShown = 12;

/** The dangers, the most serious first. */
export function dangerList(dangers: readonly Danger[]): Html {
  if (dangers.length === 0)
    return html`<p class="empty good"><b aria-hidden="true">✓</b> Nothing is lost, refused, away or newly public.</p>`;
  const anchors = new Anchors();
  const items = dangers.map((danger) => dangerItem(danger, anchors.next("danger", danger.kind, danger.resource)));
  const more = items.slice(mostShown);
  return html`${ordered(items.slice(0, mostShown))}
  ${
    more.length === 0
      ? ""
      : html`<details>
          <summary>${more.length} more</summary>
          ${ordered(more)}
        </details>`
  }`;
}

function ordered(items: readonly Html[]): Html {
  return html`<ol class="dangers">
    ${join(items)}
  </ol>`;
}

function dangerItem(danger: Danger, anchor: string): Html {
  const { kind, level, urn, resource, text, reason, fix } = danger;
  const { sign, title, tone } = levels[level];
  return html`<li class="danger ${tone}" id="${anchor}">
    <p class="what">
      <b class="level"><span aria-hidden="true">${sign}</span> ${title}</b> <span class="kind">${kind}</span>
    </p>
    <div>
      <p>
        ${objectLink(urn, resource)}
        ${withCode(text)}${reason === undefined ? "" : html`<span class="reason"> (${withCode(reason)})</span>`}
      </p>
      ${fix === undefined ? "" : html`<p class="fix"><b>Do this</b> ${withCode(fix)}</p>`}
      <p class="links">${moreLinks(danger)}</p>
    </div>
  </li>`;
}
