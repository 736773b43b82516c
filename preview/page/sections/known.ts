/** The sections of the page's overview that are not told in the common form. */
import { rules } from "../../../policy/rules/index.ts";
import type { Rendering } from "../../../graph/render/render.ts";
import { totals } from "../../report/tree.ts";
import { bySystem, poolRows } from "../../report/tables.ts";
import { changeLine, money, sumOf } from "../../review/cost.ts";
import type { Review } from "../../review/review.ts";
import { html, join, list, table, type Html } from "../html.ts";
import { Anchors, address, copied, objectLink, ruleAnchor, withCode } from "../links.ts";
import type { ObjectView } from "../objects.ts";
import { frame, toned } from "./section.ts";

export function costSection({ cost, change }: Review): Html {
  const rows = bySystem(cost).flatMap(({ system, monthly, items }) => [
    [html`<b>${system}</b>`, html``, html`<b>${money(monthly)}</b>`],
    ...items.map(({ urn, what, monthly: own }) => [
      html``,
      urn === "account" ? html`${what}` : objectLink(urn, what),
      html`${own === undefined ? html`<b class="warn">no price known</b>` : money(own)}`,
    ]),
  ]);
  const changes = (change?.costs ?? []).map((one) => html`${changeLine(one)}`);
  return frame(
    "cost",
    "Cost",
    html`<p class="verdict">${sumOf(cost.items)} a month</p>
      <p class="note">
        List prices of ${cost.asOf} in US dollars, without tax, traffic and snapshots; from the smallest to the largest
        that autoscaling may reach.
      </p>
      ${changes.length === 0 ? "" : list(changes)}${table(["System", "What", "A month"], rows, [2])}`,
  );
}

export function capacitySection({ capacity }: Review): Html {
  if (capacity.pools.length === 0) return html``;
  const findings = capacity.findings.map(
    ({ level, text, fix }) => html`<b class="${level === "problem" ? "bad" : "warn"}">${level}</b> ${text}: ${fix}`,
  );
  const rows = poolRows(capacity).map((row) => row.map((cell) => html`${cell}`));
  return frame(
    "capacity",
    "Capacity",
    html`${findings.length === 0 ? html`<p class="verdict">${toned("Everything fits: at rest, while all is updated at once, with a node drained, and with the autoscalers at their maximum.", "good")}</p>` : list(findings)}
    ${table(["Pool", "Nodes", "CPU requested", "Memory requested", "Volumes"], rows, [2, 3, 4])}
    ${capacity.uncounted.length === 0 ? "" : html`<p class="note">Not counted: pods of ${capacity.uncounted.join(", ")}.</p>`}`,
  );
}

export function policySection({ policy }: Review): Html {
  const anchors = new Anchors();
  const open = policy.findings.filter(({ waived }) => waived === undefined);
  const items = policy.findings.map(({ rule, level, urn, resource, message, waived }) => {
    const tone = waived !== undefined ? "faint" : level === "mandatory" ? "bad" : "warn";
    const example = rules.find(({ name }) => name === rule)?.example;
    return html`<li class="item ${tone}" id="${anchors.next("finding", rule, resource)}">
      <b class="sign" aria-hidden="true">${tone === "bad" ? "✕" : tone === "warn" ? "!" : "·"}</b>
      <div>
        <p>
          ${waived === undefined ? html`<b class="${tone}">${level}</b>` : html`<b>waived</b>`}
          <a href="#${ruleAnchor(rule)}">${rule}</a> ${objectLink(urn, resource)} ${withCode(message)}
        </p>
        ${waived === undefined ? "" : html`<p class="fix"><b>Allowed because</b> ${withCode(waived)}</p>`}
        ${waived === undefined && example !== undefined ? html`<p class="fix"><b>What satisfies it</b> <code>${example}</code></p>` : ""}
      </div>
    </li>`;
  });
  const unused = policy.unused.map(({ rule, resource }) => html`A waiver of ${rule} fits nothing: ${resource}`);
  const verdict =
    open.length === 0 ? toned(`All ${rules.length} rules hold`, "good") : toned(`${open.length} found`, "warn");
  return frame(
    "policy",
    "Policy",
    html`<p class="verdict">${verdict}</p>
      <p class="note">
        ${rules.length} rules, from protection of data to Pod Security; <a href="#rules">their text</a> is below.
      </p>
      ${
        items.length === 0
          ? html`<p class="empty">Nothing found, nothing waived.</p>`
          : html`<ul class="items">
              ${join(items)}
            </ul>`
      }${unused.length === 0 ? "" : list(unused)}`,
  );
}

export function secretsSection({ missing }: Rendering): Html {
  const open = missing.map(({ fix }) => copied(fix, "command"));
  return frame(
    "secrets",
    "Secrets",
    open.length === 0
      ? html`<p class="verdict">${toned("Every secret is set.", "good")}</p>`
      : html`<p class="verdict">${toned(`${open.length} to be set before an update`, "warn")}</p>
          ${list(open)}`,
  );
}

/** Remarks on settings that are allowed, but may surprise. */
export function noticesSection({ notices }: Rendering): Html {
  if (notices.length === 0) return html``;
  const bySystem = [...Map.groupBy(notices, ({ path }) => path.split(".")[0] ?? "")];
  return frame(
    "notices",
    "Worth knowing",
    join(
      bySystem.map(
        ([system, own]) =>
          html`<h3>${system}</h3>
            ${list(own.map(({ path, text }) => html`<code>${path.slice(system.length + 1)}</code> ${withCode(text)}`))}`,
      ),
    ),
  );
}

export function objectsSection(rendering: Rendering, objects: readonly ObjectView[]): Html {
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
  const kinds = totals(rendering).map(({ kind, provider, count }) => html`${count} ${kind} <small>${provider}</small>`);
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
