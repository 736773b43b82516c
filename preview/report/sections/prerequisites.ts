/** The section on what must be there before an update can end. Pure. */
import type { Prerequisite } from "../../../phases/prerequisites.ts";
import type { Review } from "../../review/review.ts";
import type { Section } from "../section.ts";
import { count } from "../words.ts";

const nouns: Readonly<Record<Prerequisite["kind"], string>> = {
  domain: "domain",
  certificate: "way for certificates",
  image: "image",
  outside: "outside part",
};

/** The section: a row for each thing; undefined if a stack needs nothing. */
export function prerequisitesSection({ prerequisites, change }: Review): Section | undefined {
  if (prerequisites.length === 0) return undefined;
  const amounts = (["image", "outside", "domain"] as const).flatMap((kind) => {
    const amount = prerequisites.filter((one) => one.kind === kind).length;
    return amount === 0 ? [] : [count(amount, nouns[kind])];
  });
  return {
    ...{ id: "first", title: "First" },
    verdict: { text: `${amounts.join(", ")} must be there`, tone: "plain" },
    note: "no update makes them; docs/first-update.md tells the order, and npm run preflight asks registries and DNS",
    items: [],
    // A change of them shows as a change of settings; here it would only be long.
    folded: change !== undefined,
    table: {
      head: ["system", "must be there first", "how"],
      rows: prerequisites.map(({ system, what, needs, command }) => [
        system,
        what,
        { text: needs, ...(command === true && { code: true }) },
      ]),
    },
  };
}
