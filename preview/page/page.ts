/**
 * The review as one page in one file: nothing is fetched when it is read, so that it can be kept, mailed and opened from a disk.
 * What is static is written here; `browser/` has the style and the script that shows single objects, searches and zooms.
 */
import { readFileSync } from "node:fs";
import { rules } from "../../policy/rules/index.ts";
import { drawing } from "../picture/layout.ts";
import { picture, type PictureNode } from "../picture/picture.ts";
import type { Rendering } from "../render/render.ts";
import { headline, totals } from "../report/describe.ts";
import { differenceHeadline, fates } from "../report/difference-report.ts";
import { bySystem, poolRows } from "../report/tables.ts";
import { money, moneyChange, total } from "../review/cost.ts";
import type { FieldChange } from "../review/difference.ts";
import type { Review } from "../review/review.ts";
import { html, join, list, raw, table, type Html } from "./html.ts";
import { pageObjects, type PageObject } from "./objects.ts";

export async function reportPage(rendering: Rendering, review: Review): Promise<string> {
  const objects = pageObjects(review);
  const title = `${review.stack}: ${review.change === undefined ? "preview" : `changes against ${review.change.base}`}`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${raw(browserFile("report.css"))}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <h1><a href="#">${title}</a></h1>
          <div class="search">
            <input
              type="search"
              id="search"
              placeholder="Search objects and manifests ( / )"
              aria-label="Search objects and manifests"
              aria-controls="results"
              autocomplete="off"
            />
            <ul id="results" hidden></ul>
          </div>
          <button type="button" id="theme" aria-label="Switch between light and dark">◐</button>
        </header>
        <main id="main">
          <div id="overview">
            <p class="lead">${headline(rendering)}</p>
            ${cards(rendering, review)} ${pictureSection(await draw(review, objects))} ${changeSection(review, objects)}
            ${costSection(review)} ${capacitySection(review)} ${policySection(review)} ${secretsSection(rendering)}
            ${objectsSection(rendering, objects)}
          </div>
          <article id="object" hidden tabindex="-1"></article>
        </main>
        <script type="application/json" id="objects-data">
          ${raw(JSON.stringify(objects).replaceAll("<", "\\u003c"))}
        </script>
        <script>
          ${raw(browserFile("report.js"))};
        </script>
      </body>
    </html> `;
  return page.text;
}

function browserFile(name: string): string {
  return readFileSync(new URL(`browser/${name}`, import.meta.url), "utf8");
}

/** Address of an object's part of the page. */
function address(urn: string): string {
  return `#${encodeURIComponent(urn)}`;
}

async function draw(review: Review, objects: readonly PageObject[]): Promise<string> {
  const changed = new Map(
    objects.flatMap(({ urn, change }) => (change === undefined ? [] : [[urn, change.operation]])),
  );
  const operation = (node: PictureNode) =>
    changed.get(node.id) ??
    objects.find(({ parent, change }) => parent === node.id && change !== undefined)?.change?.operation;
  return drawing(
    picture(review.resources),
    (node) => {
      const one = operation(node);
      return one === undefined ? [] : [`is-${one}`];
    },
    (node) => (node.system === undefined ? undefined : address(node.id)),
  );
}

function cards({ missing }: Rendering, review: Review): Html {
  const { cost, capacity, policy, change } = review;
  const open = policy.findings.filter(({ waived }) => waived === undefined);
  const lost = change?.changes.filter(({ data }) => data !== undefined).length ?? 0;
  return html`<div class="cards">
    ${join([
      ...(change === undefined
        ? []
        : [card("changes", "Change", differenceHeadline(change.changes), lost > 0 ? "bad" : "good")]),
      card(
        "cost",
        "Cost a month",
        money(total(cost.items)) + (change === undefined ? "" : `, ${moneyChange(change.costDifference)}`),
        "",
      ),
      ...(capacity.pools.length === 0
        ? []
        : [verdict("capacity", "Capacity", capacity.findings.length, "everything fits")]),
      verdict("policy", "Policy", open.length, `all ${rules.length} rules hold`),
      verdict("secrets", "Secrets", missing.length, "every secret is set", "to be set"),
    ])}
  </div>`;
}

function verdict(id: string, title: string, count: number, good: string, found = "found"): Html {
  return card(id, title, count === 0 ? good : `${count} ${found}`, count === 0 ? "good" : "warn");
}

function card(id: string, title: string, text: string, tone: string): Html {
  return html`<a class="card ${tone}" href="#${id}"><b>${title}</b><span>${text}</span></a>`;
}

function section(id: string, title: string, body: Html): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${body}
  </section>`;
}

function pictureSection(svg: string): Html {
  return section(
    "picture",
    "Picture",
    html`<p class="legend">
        <span class="key public">from the internet</span>
        <span class="key private">declared connection; everything else is denied</span>
        <span class="key data">holds data</span>
      </p>
      <div
        id="canvas"
        tabindex="0"
        role="group"
        aria-label="Picture of the stack. Plus, minus and zero zoom, arrow keys move it."
      >
        ${raw(svg)}
        <div class="zoom">
          <button type="button" data-zoom="in" aria-label="Zoom in">+</button
          ><button type="button" data-zoom="out" aria-label="Zoom out">−</button
          ><button type="button" data-zoom="fit" aria-label="Show all">⤢</button>
        </div>
      </div>`,
  );
}

function changeSection({ change }: Review, objects: readonly PageObject[]): Html {
  if (change === undefined) return html``;
  if (change.changes.length === 0) return section("changes", "Change", html`<p>Nothing changes.</p>`);
  const byUrn = new Map(objects.map((object) => [object.urn, object]));
  const rows = change.changes.map(({ operation, resource, fields, data }) => {
    const { kind = "", name = "" } = byUrn.get(resource.urn) ?? {};
    return [
      html`<span class="op ${operation}">${operation}</span>`,
      html`<a href="${address(resource.urn)}">${kind} ${name}</a>`,
      html`${whichFields(fields)}`,
      html`${data === undefined ? "" : html`<b class="${data === "lost" ? "bad" : "warn"}">${fates[data]}</b>`}`,
    ];
  });
  return section("changes", "Change", table(["", "Object", "Fields", "Data"], rows));
}

function whichFields(fields: readonly FieldChange[]): string {
  const replacing = fields.filter(({ replaces }) => replaces).map(({ path }) => path);
  if (replacing.length > 0) return `because of ${replacing.join(", ")}`;
  return fields.length > 1 ? `${fields.length} fields` : (fields[0]?.path ?? "");
}

function costSection({ cost, change }: Review): Html {
  const rows = bySystem(cost).flatMap(({ system, monthly, items }) => [
    [html`<b>${system}</b>`, html``, html`<b>${money(monthly)}</b>`],
    ...items.map(({ urn, what, monthly: own }) => [
      html``,
      urn === "account" ? html`${what}` : html`<a href="${address(urn)}">${what}</a>`,
      html`${own === undefined ? html`<b class="warn">no price known</b>` : money(own)}`,
    ]),
  ]);
  const changes = (change?.costs ?? []).map(
    ({ what, before, after }) =>
      html`${what}: ${before === undefined ? "nothing" : money(before)} →
      ${after === undefined ? "nothing" : money(after)}`,
  );
  return section(
    "cost",
    `Cost: ${money(total(cost.items))} a month`,
    html`<p>
        List prices of ${cost.asOf} in US dollars, without tax, traffic and snapshots; from the smallest to the largest
        that autoscaling may reach.
      </p>
      ${changes.length === 0 ? "" : list(changes)}${table(["System", "What", "A month"], rows)}`,
  );
}

function capacitySection({ capacity }: Review): Html {
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

function policySection({ policy }: Review): Html {
  const rows = policy.findings.map(({ rule, level, urn, resource, message, waived }) => [
    waived === undefined ? html`<b class="${level === "mandatory" ? "bad" : "warn"}">${level}</b>` : html`waived`,
    html`<abbr title="${rules.find(({ name }) => name === rule)?.description ?? ""}">${rule}</abbr>`,
    html`<a href="${address(urn)}">${resource}</a> ${message}`,
    html`${waived ?? ""}`,
  ]);
  const unused = policy.unused.map(
    ({ rule, resources }) => html`A waiver of ${rule} fits nothing: ${resources.join(", ")}`,
  );
  const intro = html`<p>${rules.length} rules, from protection of data to Pod Security.</p>`;
  return section(
    "policy",
    "Policy",
    html`${intro}${rows.length === 0 ? "" : table(["", "Rule", "Object", "Why it is allowed"], rows)}${unused.length === 0 ? "" : list(unused)}`,
  );
}

function secretsSection({ missing, notices }: Rendering): Html {
  const open = missing.map(({ fix }) => html`<code>${fix}</code>`);
  const known = notices.map(({ path, text }) => html`<code>${path}</code> ${text}`);
  return section(
    "secrets",
    "Secrets",
    html`${
      open.length === 0
        ? html`<p>Every secret is set.</p>`
        : html`<p>To be set before an update:</p>
            ${list(open)}`
    }${known.length === 0 ? "" : list(known)}`,
  );
}

function objectsSection(rendering: Rendering, objects: readonly PageObject[]): Html {
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
