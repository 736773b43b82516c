/**
 * The review as an HTML page in one file. It loads nothing from elsewhere, so that it can be archived, mailed and
 * opened from disk; its own policy forbids it to.
 *
 * The overview is rendered here. `style/` has the styles, `browser/` the scripts that show single objects, search, filter
 * and zoom.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { sectionsOf } from "../report/sections/index.ts";
import type { Review } from "../review/review.ts";
import { changeList } from "./sections/changes.ts";
import { dangerList } from "./sections/dangers.ts";
import { cards, head } from "./sections/head.ts";
import { html, join, raw, type Html } from "./html.ts";
import { objectViews, type ObjectView } from "./objects.ts";
import { pictureSection } from "./sections/pictures.ts";
import { pagesSection, rulesSection, settingsSection } from "./sections/reference.ts";
import { frame, sectionHtml } from "./sections/section.ts";
import { objectsSection } from "./sections/objects.ts";

/** In the order in which they override each other. */
const styles = ["frame", "content", "tables", "changes", "picture", "print"].map((name) => `style/${name}.css`);
/** One module, in this order. */
const scripts = ["dom", "objects", "search", "filter", "zoom", "controls"].map((name) => `browser/${name}.js`);

/** Renders `report.html`. */
export async function reportPage(review: Review): Promise<string> {
  const objects = objectViews(review);
  const sections = sectionsOf(review);
  const title = `${review.stack}: ${review.change === undefined ? "preview" : `changes against ${review.change.base.reference}`}`;
  const [style, script] = [styles, scripts].map((files) => `\n${files.map(ownFile).join("\n")}`);
  const mentions = [...review.dangers, ...sections.flatMap(({ items }) => items)];
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policyOf(style, script)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${raw(`<style>${style ?? ""}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        ${header(title)}
        <main id="main" tabindex="-1">
          <div id="overview">
            ${head(review)}
            ${review.change === undefined && review.dangers.length === 0 ? "" : frame("dangers", "Dangers", dangerList(review.dangers))}
            ${cards(review, sections)} ${changeSection(review, objects)} ${await pictureSection(review)}
            ${join(sections.map(sectionHtml))} ${settingsSection(mentions)} ${pagesSection(mentions)} ${rulesSection()}
            ${objectsSection(review, objects)}
          </div>
          <article id="object" hidden></article>
        </main>
        <p id="said" class="offscreen" role="status"></p>
        <script type="application/json" id="objects-data">
          ${raw(JSON.stringify(objects).replaceAll("<", "\\u003c"))}
        </script>
        ${raw(`<script type="module">${script ?? ""}</script>`)}
      </body>
    </html> `;
  return page.text;
}

/** Nothing but the page's own style and script is allowed, and these only as they are. */
function policyOf(...inline: readonly (string | undefined)[]): string {
  const [style, script] = inline.map(
    (text) =>
      `'sha256-${createHash("sha256")
        .update(text ?? "")
        .digest("base64")}'`,
  );
  return `default-src 'none'; style-src ${style ?? ""}; script-src ${script ?? ""}; base-uri 'none'; form-action 'none'`;
}

function ownFile(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

function header(title: string): Html {
  return html`<header>
    <h1><a href="#">${title}</a></h1>
    <div class="search">
      <input
        type="search"
        id="search"
        role="combobox"
        placeholder="Search objects and manifests ( / )"
        aria-label="Search objects and manifests"
        aria-controls="results"
        aria-expanded="false"
        autocomplete="off"
      />
      <ul id="results" hidden></ul>
    </div>
    <button type="button" id="theme" aria-label="Switch between light and dark">◐</button>
  </header>`;
}

function changeSection({ change }: Review, objects: readonly ObjectView[]): Html {
  if (change === undefined) return html``;
  const systems = new Map(objects.map(({ urn, system }) => [urn, system]));
  return frame(
    "changes",
    "Changes",
    changeList(change, (urn) => systems.get(urn) ?? ""),
  );
}
