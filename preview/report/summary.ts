/**
 * The review as Markdown for a comment on a pull request: what is dangerous first, then a verdict in a line for each
 * section, and details in folds.
 *
 * Links lead to `report.html`, which is beside it, and to `docs/`; `ci/comment.ts` gives both their address.
 */
import { kindOf, nameOf } from "../../graph/resource.ts";
import type { Danger } from "../review/danger.ts";
import type { Change, FieldChange } from "../review/change.ts";
import type { Review } from "../review/review.ts";
import { code, fenced, plain, link } from "./markdown.ts";
import { mermaid } from "./mermaid.ts";
import type { Cell, Item, Section, Table, Tone } from "./section.ts";
import { sectionsOf } from "./sections/index.ts";
import { headline } from "./tree.ts";
import { count, dangerText, differenceHeadline, fateOf, valueOf } from "./words.ts";

/**
 * Most characters of a diff. GitHub refuses comments over 65,536 characters, and one comment has the summaries of
 * several stacks.
 */
const longestDiff = 20_000;
/** Most dangers in the comment; the report has them all. */
const mostDangers = 15;

/** Renders `summary.md`. */
export function summary(review: Review): string {
  const { stack, resources, change, dangers } = review;
  const sections = sectionsOf(review);
  const told = change === undefined ? sections : sections.filter(isNews).map(withoutOld);
  const drawing = change === undefined ? [] : mermaid(resources, change.changes);
  return [
    `### \`${stack}\`: ${change === undefined ? headline(resources) : differenceHeadline(change.changes)}`,
    "",
    ...dangerLines(dangers),
    ...verdicts(sections),
    "",
    ...(change === undefined || change.changes.length === 0
      ? []
      : folded(`Changes (${change.changes.length})`, diff(change.changes))),
    ...(drawing.length === 0 ? [] : folded("Picture of what is touched", drawing)),
    ...told.flatMap((section) => folded(section.title, details(section))),
    "",
  ].join("\n");
}

function dangerLines(dangers: readonly Danger[]): string[] {
  if (dangers.length === 0) return [];
  const lines = dangers.slice(0, mostDangers).map((danger) => {
    const { level, urn, resource, fix, setting, page } = danger;
    const advice = [
      ...(fix === undefined ? [] : [plain(fix)]),
      ...(setting === undefined ? [] : [code(setting)]),
      ...(page === undefined ? [] : [link(page, page)]),
    ].join("; ");
    return `> ${level === "stop" ? "🛑" : "⚠️"} ${object(urn, resource)} ${plain(dangerText(danger))}${advice === "" ? "" : `<br>→ ${advice}`}`;
  });
  const more = dangers.length > lines.length ? [`> … and ${dangers.length - lines.length} more: see the report`] : [];
  return [[...lines, ...more].join("  \n"), ""];
}

/** A line for each section with something to look at, and one for all the others together. */
function verdicts(sections: readonly Section[]): string[] {
  const line = ({ title, verdict }: Section) => `**${title}** ${plain(verdict.text)}`;
  const marks: Readonly<Record<Tone, string>> = { bad: "🛑 ", warn: "⚠️ ", good: "", faint: "", plain: "" };
  const isFine = ({ verdict }: Section) => verdict.tone === "good" || verdict.tone === "faint";
  const fine = sections.filter(isFine).map(({ title, verdict }) => `${title.toLowerCase()}: ${plain(verdict.text)}`);
  return [
    ...sections.filter((one) => !isFine(one)).map((one) => `- ${marks[one.verdict.tone]}${line(one)}`),
    ...(fine.length === 0 ? [] : [`- ✅ ${fine.join(" · ")}`]),
  ];
}

/** Whether a section says something of a change, and not only how things are. */
function isNews({ verdict, items }: Section): boolean {
  return verdict.tone === "warn" || verdict.tone === "bad" || items.some(({ tone }) => tone !== "faint");
}

function withoutOld(section: Section): Section {
  return { ...section, items: section.items.filter(({ tone }) => tone !== "faint") };
}

function details({ note, items, table }: Section): string[] {
  return [
    ...(note === undefined ? [] : [plain(`${note[0]?.toUpperCase() ?? ""}${note.slice(1)}.`), ""]),
    ...items.map(itemLine),
    ...(table === undefined ? [] : ["", ...tableLines(table)]),
  ];
}

function itemLine({ tone, what, resource, text, code: isCode, fix, setting, page }: Item): string {
  const marks: Readonly<Record<Tone, string>> = { bad: "🛑 ", warn: "⚠️ ", good: "✅ ", faint: "", plain: "" };
  return [
    `- ${marks[tone]}${what === undefined ? "" : `**${plain(what)}** `}`,
    resource === undefined ? "" : `${object(resource.urn, resource.label)} `,
    isCode === true ? code(text) : plain(text),
    fix === undefined ? "" : `: ${plain(fix)}`,
    setting === undefined || setting === what ? "" : ` (${code(setting)})`,
    page === undefined || tone === "faint" ? "" : ` — ${link(page, page)}`,
  ].join("");
}

function tableLines({ head, rows, right = [] }: Table): string[] {
  return [
    `| ${head.map(plain).join(" | ")} |`,
    `|${head.map((_, i) => (right.includes(i) ? "---:" : "---")).join("|")}|`,
    ...rows.map((row) => `| ${row.map(cellText).join(" | ")} |`),
  ];
}

function cellText(cell: string | Cell): string {
  if (typeof cell === "string") return plain(cell);
  const text = cell.code === true ? code(cell.text).replaceAll("|", "\\|") : plain(cell.text);
  return cell.tone === "bad" || cell.tone === "warn" ? `**${text}**` : text;
}

/** A resource's name, with a link to its details in the report. */
function object(urn: string, name: string): string {
  return `**${urn === "" ? plain(name) : link(name, `report.html#${encodeURIComponent(urn)}`)}**`;
}

/** The changes in the format of a diff, which GitHub shows in colours. */
function diff(changes: readonly Change[]): string[] {
  const signs = { delete: "-", replace: "-/+", update: "!", options: "!", create: "+" };
  const lines = changes.flatMap((change) => {
    const { operation, resource, fields } = change;
    const fate = fateOf(change);
    return [
      `${signs[operation]} ${operation} ${kindOf(resource)} ${nameOf(resource)}${fate === undefined ? "" : `  # ${fate}`}`,
      ...fields.map((field) => `    ${fieldLine(field)}`),
    ];
  });
  const kept = lines.slice(0, fitting(lines, longestDiff));
  const left = lines.length - kept.length;
  const more = left > 0 ? [`# … ${count(left, "more line")}: see the report`] : [];
  return ["```diff", ...kept.map(fenced), ...more, "```"];
}

function fieldLine(field: FieldChange): string {
  return `${field.path}: ${valueOf(field, "before")} → ${valueOf(field, "after")}${field.replaces ? "  # makes a new one" : ""}`;
}

function fitting(lines: readonly string[], room: number): number {
  let used = 0;
  const over = lines.findIndex((line) => (used += line.length + 1) > room);
  return over === -1 ? lines.length : over;
}

function folded(title: string, lines: readonly string[]): string[] {
  return [`<details><summary>${title}</summary>`, "", ...lines, "", "</details>"];
}
