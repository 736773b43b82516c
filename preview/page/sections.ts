/** The sections of the page's overview. */
import { rules } from "../../policy/rules/index.ts";
import type { Rendering } from "../../graph/render/render.ts";
import { totals } from "../report/tree.ts";
import { fateOf } from "../report/difference-report.ts";
import { bySystem, poolRows } from "../report/tables.ts";
import { changeLine, money, sumOf } from "../review/cost.ts";
import { type FieldChange, isDangerous } from "../review/change.ts";
import type { Review } from "../review/review.ts";
import { html, join, list, table, type Html } from "./html.ts";
import type { ObjectView } from "./objects.ts";

/** Link to an object's details on the page. */
export function address(urn: string): string {
  return `#${encodeURIComponent(urn)}`;
}

export function section(id: string, title: string, body: Html): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${body}
  </section>`;
}

export function changeSection({ change }: Review, objects: readonly ObjectView[]): Html {
  if (change === undefined) return html``;
  if (change.changes.length === 0) return section("changes", "Change", html`<p>Nothing changes.</p>`);
  const byUrn = new Map(objects.map((object) => [object.urn, object]));
  const rows = change.changes.map((one) => {
    const { operation, resource, fields } = one;
    const fate = fateOf(one);
    const { kind = "", name = "" } = byUrn.get(resource.urn) ?? {};
    return [
      html`<span class="op ${operation}">${operation}</span>`,
      html`<a href="${address(resource.urn)}">${kind} ${name}</a>`,
      html`${whichFields(fields)}`,
      html`${fate === undefined ? "" : html`<b class="${isDangerous(one) ? "bad" : "warn"}">${fate}</b>`}`,
    ];
  });
  return section("changes", "Change", table(["", "Object", "Fields", "Data"], rows));
}

function whichFields(fields: readonly FieldChange[]): string {
  const replacing = fields.filter(({ replaces }) => replaces).map(({ path }) => path);
  if (replacing.length > 0) return `because of ${replacing.join(", ")}`;
  return fields.length > 1 ? `${fields.length} fields` : (fields[0]?.path ?? "");
}

export function costSection({ cost, change }: Review): Html {
  const rows = bySystem(cost).flatMap(({ system, monthly, items }) => [
    [html`<b>${system}</b>`, html``, html`<b>${money(monthly)}</b>`],
    ...items.map(({ urn, what, monthly: own }) => [
      html``,
      urn === "account" ? html`${what}` : html`<a href="${address(urn)}">${what}</a>`,
      html`${own === undefined ? html`<b class="warn">no price known</b>` : money(own)}`,
    ]),
  ]);
  const changes = (change?.costs ?? []).map((one) => html`${changeLine(one)}`);
  return section(
    "cost",
    `Cost: ${sumOf(cost.items)} a month`,
    html`<p>
        List prices of ${cost.asOf} in US dollars, without tax, traffic and snapshots; from the smallest to the largest
        that autoscaling may reach.
      </p>
      ${changes.length === 0 ? "" : list(changes)}${table(["System", "What", "A month"], rows)}`,
  );
}

export function capacitySection({ capacity }: Review): Html {
  if (capacity.pools.length === 0) return html``;
  const findings = capacity.findings.map(
    ({ level, text, fix }) => html`<b class="${level === "problem" ? "bad" : "warn"}">${level}</b> ${text}: ${fix}`,
  );
  const rows = poolRows(capacity).map((row) => row.map((cell) => html`${cell}`));
  return section(
    "capacity",
    "Capacity",
    html`${findings.length === 0 ? html`<p>Everything fits: at rest, while all is updated at once, with a node drained, and with the autoscalers at their maximum.</p>` : list(findings)}
    ${table(["Pool", "Nodes", "CPU requested", "Memory requested", "Volumes"], rows)}
    ${capacity.uncounted.length === 0 ? "" : html`<p>Not counted: pods of ${capacity.uncounted.join(", ")}.</p>`}`,
  );
}

export function policySection({ policy }: Review): Html {
  const rows = policy.findings.map(({ rule, level, urn, resource, message, waived }) => [
    waived === undefined ? html`<b class="${level === "mandatory" ? "bad" : "warn"}">${level}</b>` : html`waived`,
    html`<abbr title="${rules.find(({ name }) => name === rule)?.description ?? ""}">${rule}</abbr>`,
    html`<a href="${address(urn)}">${resource}</a> ${message}`,
    html`${waived ?? ""}`,
  ]);
  const unused = policy.unused.map(({ rule, resource }) => html`A waiver of ${rule} fits nothing: ${resource}`);
  const intro = html`<p>${rules.length} rules, from protection of data to Pod Security.</p>`;
  return section(
    "policy",
    "Policy",
    html`${intro}${rows.length === 0 ? "" : table(["", "Rule", "Object", "Why it is allowed"], rows)}${unused.length === 0 ? "" : list(unused)}`,
  );
}

export function secretsSection({ missing, notices }: Rendering): Html {
  const open = missing.map(({ fix }) => html`<code>${fix}</code>`);
  const remarks = notices.map(({ path, text }) => html`<code>${path}</code> ${text}`);
  return section(
    "secrets",
    "Secrets",
    html`${
      open.length === 0
        ? html`<p>Every secret is set.</p>`
        : html`<p>To be set before an update:</p>
            ${list(open)}`
    }${remarks.length === 0 ? "" : list(remarks)}`,
  );
}

export function objectsSection(rendering: Rendering, objects: readonly ObjectView[]): Html {
  const systems = [...Map.groupBy(objects, ({ system }) => system)].toSorted(([a], [b]) => a.localeCompare(b));
  const groups = systems.map(
    ([system, own]) =>
      html`<details>
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
  return section(
    "objects",
    "Objects",
    html`${join(groups)}
      <details>
        <summary>kinds <small>${kinds.length}</small></summary>
        ${list(kinds)}
      </details>`,
  );
}
