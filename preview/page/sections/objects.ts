/** Every object of the stack, by system, and their number by kind. */
import { totals } from "../../report/tree.ts";
import type { Review } from "../../review/review.ts";
import { html, join, list, type Html } from "../html.ts";
import { address } from "../links.ts";
import type { ObjectView } from "../objects.ts";
import { frame } from "./section.ts";

export function objectsSection({ resources }: Review, objects: readonly ObjectView[]): Html {
  const systems = [...Map.groupBy(objects, ({ system }) => system)].toSorted(([a], [b]) => a.localeCompare(b));
  const groups = systems.map(
    ([system, own]) =>
      html`<details id="objects-${system}">
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
  return frame(
    "objects",
    "Objects",
    html`${join(groups)}
      <details>
        <summary>kinds <small>${kinds.length}</small></summary>
        ${list(kinds)}
      </details>`,
  );
}
