/** What a reviewer must see before a merge, at the top of the page. */
import type { Danger } from "../../review/danger.ts";
import { html, join, type Html } from "../html.ts";
import { Anchors, moreLinks, objectLink, withCode } from "../links.ts";

const levels = {
  stop: { sign: "✕", title: "Stop", tone: "bad" },
  look: { sign: "!", title: "Look", tone: "warn" },
} as const;

/** The dangers, the most serious first. */
export function dangerList(dangers: readonly Danger[]): Html {
  if (dangers.length === 0)
    return html`<p class="empty good"><b aria-hidden="true">✓</b> Nothing is lost, refused, away or newly public.</p>`;
  const anchors = new Anchors();
  return html`<ol class="dangers">
    ${join(dangers.map((danger) => dangerItem(danger, anchors.next("danger", danger.kind, danger.resource))))}
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
        ${withCode(text)}${reason === undefined ? "" : html`<span class="reason">, because of ${withCode(reason)}</span>`}
      </p>
      ${fix === undefined ? "" : html`<p class="fix"><b>Do this</b> ${withCode(fix)}</p>`}
      <p class="links">${moreLinks(danger)}</p>
    </div>
  </li>`;
}
