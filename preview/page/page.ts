/**
 * The review as an HTML page in one file. It loads nothing from elsewhere, so that it can be archived, mailed and
 * opened from disk.
 *
 * The overview is rendered here. `browser/` has the styles, and the scripts that show single objects, search and zoom.
 */
import { readFileSync } from "node:fs";
import { drawing } from "../picture/layout.ts";
import { picture, type PictureNode } from "../picture/picture.ts";
import type { Section } from "../report/section.ts";
import { sectionsOf } from "../report/sections/index.ts";
import { headline } from "../report/tree.ts";
import { differenceHeadline } from "../report/words.ts";
import type { Review } from "../review/review.ts";
import { html, join, raw, type Html } from "./html.ts";
import { objectViews, type ObjectView } from "./objects.ts";
import { address, changeSection, objectsSection, reviewSection, section } from "./sections.ts";

/** In the order in which they override each other. */
const styles = ["frame.css", "content.css", "picture.css", "print.css"];

/** Renders `report.html`. */
export async function reportPage(review: Review): Promise<string> {
  const objects = objectViews(review);
  const sections = sectionsOf(review);
  const title = `${review.stack}: ${review.change === undefined ? "preview" : `changes against ${review.change.base.reference}`}`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${raw(styles.map(browserFile).join(""))}
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
            <p class="lead">${headline(review.resources)}</p>
            ${cards(review, sections)} ${pictureSection(await draw(review, objects))} ${changeSection(review, objects)}
            ${join(sections.map(reviewSection))} ${objectsSection(review, objects)}
          </div>
          <article id="object" hidden tabindex="-1"></article>
        </main>
        <script type="application/json" id="objects-data">
          ${raw(JSON.stringify(objects).replaceAll("<", "\\u003c"))}
        </script>
        <script>
          ${raw(browserFile("report.js"))};
          ${raw(browserFile("zoom.js"))};
        </script>
      </body>
    </html> `;
  return page.text;
}

function browserFile(name: string): string {
  return readFileSync(new URL(`browser/${name}`, import.meta.url), "utf8");
}

async function draw(review: Review, objects: readonly ObjectView[]): Promise<string> {
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

function cards({ change, dangers }: Review, sections: readonly Section[]): Html {
  const tone = dangers.some(({ level }) => level === "stop") ? "bad" : "good";
  const changes = change === undefined ? [] : [card("changes", "Change", differenceHeadline(change.changes), tone)];
  const verdicts = sections.map(({ id, title, verdict }) => card(id, title, verdict.text, verdict.tone));
  return html`<div class="cards">${join([...changes, ...verdicts])}</div>`;
}

function card(id: string, title: string, text: string, tone: string): Html {
  return html`<a class="card ${tone}" href="#${id}"><b>${title}</b><span>${text}</span></a>`;
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
