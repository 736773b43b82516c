/** The top of the overview: what is reviewed, and the result of each section in a card. */
import { rules } from "../../../policy/rules/index.ts";
import type { Rendering } from "../../../graph/render/render.ts";
import { differenceHeadline } from "../../report/difference-report.ts";
import type { Section, Tone } from "../../report/section.ts";
import { changeOf, sumOf } from "../../review/cost.ts";
import type { Review } from "../../review/review.ts";
import { html, join, type Html } from "../html.ts";
import { toned } from "./section.ts";

/** The result of a section: where it leads, and what it says. */
type Card = Pick<Section, "id" | "title" | "verdict">;

/** A card for each section. */
export function cards(rendering: Rendering, review: Review, sections: readonly Card[]): Html {
  return html`<nav class="cards" aria-label="Results">
    ${join([...own(rendering, review), ...sections].map(card))}
  </nav>`;
}

function own({ missing }: Rendering, { cost, capacity, policy, change }: Review): Card[] {
  const open = policy.findings.filter(({ waived }) => waived === undefined);
  const lost = change?.changes.some(({ data }) => data !== undefined) ?? false;
  const sum = sumOf(cost.items) + (change === undefined ? "" : `, ${changeOf(change.costs)}`);
  return [
    ...(change === undefined
      ? []
      : [cardOf("changes", "Change", differenceHeadline(change.changes), lost ? "bad" : "plain")]),
    cardOf("cost", "Cost a month", sum, "plain"),
    ...(capacity.pools.length === 0
      ? []
      : [counted("capacity", "Capacity", capacity.findings.length, "everything fits")]),
    counted("policy", "Policy", open.length, `all ${rules.length} rules hold`),
    counted("secrets", "Secrets", missing.length, "every secret is set", "to be set"),
  ];
}

function counted(id: string, title: string, count: number, good: string, found = "found"): Card {
  return cardOf(id, title, count === 0 ? good : `${count} ${found}`, count === 0 ? "good" : "warn");
}

function cardOf(id: string, title: string, text: string, tone: Tone): Card {
  return { id, title, verdict: { text, tone } };
}

function card({ id, title, verdict }: Card): Html {
  return html`<a class="card ${verdict.tone}" href="#${id}"><b>${title}</b>${toned(verdict.text, verdict.tone)}</a>`;
}
