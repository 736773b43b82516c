/** Anchors of the page, and links to them: whatever a reader may want to point at has one. Pure. */
import { html, raw, type Html } from "./html.ts";

/** Address of an object's page; a comment may have the URN as it is, `report.html#<urn>`. */
export function address(urn: string): string {
  return `#${encodeURIComponent(urn)}`;
}

/** Part of an anchor: letters, digits and dashes. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

/** Gives anchors that do not occur twice: the second of a name gets a number. */
export class Anchors {
  readonly #given = new Map<string, number>();

  /** `finding-volumes-retained-statefulset-bow-mark-postgres` */
  next(...parts: readonly string[]): string {
    const anchor = parts
      .map(slug)
      .filter((part) => part !== "")
      .join("-");
    const times = (this.#given.get(anchor) ?? 0) + 1;
    this.#given.set(anchor, times);
    return times === 1 ? anchor : `${anchor}-${times}`;
  }
}

/** Anchor of a rule's text. */
export function ruleAnchor(rule: string): string {
  return `rule-${slug(rule)}`;
}

/** Anchor of a setting's meaning. */
export function settingAnchor(path: string): string {
  return `setting-${slug(path)}`;
}

/** The rule whose text a page of the documentation has: `docs/reference/policies.md#volumes-retained`. */
export function ruleOf(page: string): string | undefined {
  const [file = "", heading] = page.split("#");
  return file.endsWith("/policies.md") ? heading : undefined;
}

/** Anchor of a page of the documentation. The texts of rules are on the page already. */
export function pageAnchor(page: string): string {
  const rule = ruleOf(page);
  return rule === undefined ? `page-${slug(page.split("#")[0] ?? "")}` : ruleAnchor(rule);
}

/** Link to an object. */
export function objectLink(urn: string, label: string): Html {
  return html`<a href="${address(urn)}">${label}</a>`;
}

/** Links to a setting and to a page of the documentation, where there are such. */
export function moreLinks({ setting, page }: { readonly setting?: string; readonly page?: string }): Html {
  return html`${
    setting === undefined ? "" : html`<a class="more" href="#${settingAnchor(setting)}"><code>${setting}</code></a>`
  }${page === undefined ? "" : html`<a class="more" href="#${pageAnchor(page)}">${nameOf(page)}</a>`}`;
}

function nameOf(page: string): string {
  const rule = ruleOf(page);
  return rule === undefined ? page : `rule ${rule}`;
}

/** A button that copies a text. */
export function copyButton(text: string, what: string): Html {
  return html`<button type="button" class="copy" data-copy="${text}" aria-label="Copy ${what}">Copy</button>`;
}

/** A command or another text to copy. */
export function copied(text: string, what: string): Html {
  return html`<span class="copied"><code>${text}</code>${copyButton(text, what)}</span>`;
}

/** A path into a resource, which may break between its parts. */
export function pathCode(path: string): Html {
  const parts = path.split(/(?=[.[])/).map((part) => html`${part}`.text);
  return raw(`<code>${parts.join("<wbr>")}</code>`);
}

/** Text in which `` `code` `` is shown as code. */
export function withCode(text: string): Html {
  const parts = text.split(/(`[^`]+`)/);
  return raw(
    parts
      .map((part) => (/^`[^`]+`$/.test(part) ? html`<code>${part.slice(1, -1)}</code>` : html`${part}`).text)
      .join(""),
  );
}
