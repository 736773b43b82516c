/** What the page's findings refer to: the text of rules, the meaning of settings, and pages of the documentation. */
import { existsSync, readFileSync } from "node:fs";
import { rules } from "../../../policy/rules/index.ts";
import { html, join, type Html } from "../html.ts";
import { copyButton, pageAnchor, ruleAnchor, settingAnchor, withCode } from "../links.ts";
import { meaningOf } from "./meaning.ts";
import { frame } from "./section.ts";

/** What something on the page points at. */
export interface Mention {
  readonly setting?: string;
  readonly page?: string;
}

/** The rules, each with why it is there and what satisfies it. */
export function rulesSection(): Html {
  const entries = rules.map(
    ({ name, level, description, why, example }) =>
      html`<details id="${ruleAnchor(name)}">
        <summary><b>${name}</b> <small>${level}</small> ${withCode(description)}</summary>
        <p>${withCode(why)}</p>
        <p>What satisfies it:</p>
        <div class="code">
          <pre>${example}</pre>
          ${copyButton(example, `what satisfies ${name}`)}
        </div>
      </details>`,
  );
  return frame("rules", "Rules", html`<div class="entries">${join(entries)}</div>`);
}

/** The settings that are mentioned, with their meaning. Nothing if none is. */
export function settingsSection(mentions: readonly Mention[]): Html {
  const paths = distinct(mentions.map(({ setting }) => setting));
  if (paths.length === 0) return html``;
  const schema: unknown = JSON.parse(readFileSync(projectFile("settings/schema.json"), "utf8"));
  const entries = paths.map((path) => {
    const meaning = meaningOf(path, schema);
    const group = meaning === undefined || meaning.path === path ? undefined : meaning.path;
    const { description = "See docs/reference/settings.md.", default: standard, examples = [] } = meaning ?? {};
    return html`<div class="entry" id="${settingAnchor(path)}">
      <dt><code>doks-systems:${path}</code>${copyButton(path, `the path of ${path}`)}</dt>
      <dd>
        ${group === undefined ? "" : html`In <code>${group}</code>: `}${withCode(description)}${standard === undefined ? "" : html` By default <code>${standard}</code>.`}${examples.length === 0 ? "" : html` For example <code>${examples.join(", ")}</code>.`}
      </dd>
    </div>`;
  });
  return frame(
    "settings",
    "Settings that are named here",
    html`<p class="note">All settings, and what a change of each does, are in docs/reference/settings.md.</p>
      <dl class="entries">${join(entries)}</dl>`,
  );
}

/** The pages of the documentation that are mentioned, as they are written. Nothing if none is. */
export function pagesSection(mentions: readonly Mention[]): Html {
  const files = distinct(mentions.map(({ page }) => page?.split("#")[0])).filter(
    (file) => !file.startsWith("docs/reference/"),
  );
  if (files.length === 0) return html``;
  const entries = files.map((file) => {
    const text = existsSync(projectFile(file)) ? readFileSync(projectFile(file), "utf8") : "";
    return html`<details id="${pageAnchor(file)}">
      <summary><b>${/^# (.*)$/m.exec(text)?.[1] ?? file}</b> <small>${file}</small></summary>
      <pre>${text}</pre>
    </details>`;
  });
  return frame("pages", "Pages that help", html`<div class="entries">${join(entries)}</div>`);
}

function distinct(all: readonly (string | undefined)[]): string[] {
  return [...new Set(all)].filter((one) => one !== undefined).toSorted();
}

function projectFile(path: string): URL {
  return new URL(`../../../${path}`, import.meta.url);
}
