/** The top of the overview: what is reviewed, and the result of each section in a card. */
import type { Section } from "../../report/section.ts";
import { headline } from "../../report/tree.ts";
import { differenceHeadline } from "../../report/words.ts";
import type { Review } from "../../review/review.ts";
import { html, join, type Html } from "../html.ts";
import { toned } from "./section.ts";

/** What is reviewed: how much it is, of which commit, and what it is compared with. */
export function head({ stack, resources, origin, change }: Review): Html {
  const { commit, changed, date } = origin ?? {};
  const base = change?.base;
  const facts: [string, string | undefined][] = [
    ["stack", stack],
    [
      "commit",
      commit === undefined ? undefined : `${commit}${changed === true ? ", with changes that are not committed" : ""}`,
    ],
    ["compared with", base && [base.reference, base.commit].filter((one) => one !== undefined).join(", ")],
    ["made", date],
  ];
  return html`<p class="lead">${headline(resources)}</p>
    <dl class="facts">
      ${join(
        facts.flatMap(([name, value]) =>
          value === undefined
            ? []
            : [
                html`<div>
                  <dt>${name}</dt>
                  <dd>${value}</dd>
                </div>`,
              ],
        ),
      )}
    </dl>`;
}

/** A card for each section, and one for the changes. */
export function cards({ change, dangers }: Review, sections: readonly Section[]): Html {
  const tone = dangers.some(({ level }) => level === "stop") ? "bad" : "plain";
  const changes =
    change === undefined
      ? []
      : [card({ id: "changes", title: "Changes", verdict: { text: differenceHeadline(change.changes), tone } })];
  return html`<nav class="cards" aria-label="Results">${join([...changes, ...sections.map(card)])}</nav>`;
}

/** The result of a section, and where it leads. */
function card({ id, title, verdict }: Pick<Section, "id" | "title" | "verdict">): Html {
  return html`<a class="card ${verdict.tone}" href="#${id}"><b>${title}</b>${toned(verdict.text, verdict.tone)}</a>`;
}
