/** The review as Markdown for a comment on a pull request: the most important first, details in folded sections. */
import { kindOf, nameOf } from "../../graph/resource.ts";
import { isBroken } from "../../policy/evaluate.ts";
import { rules } from "../../policy/rules/index.ts";
import { picture, type PictureNode } from "../picture/picture.ts";
import type { Rendering } from "../../graph/render/render.ts";
import { changeLine, changeOf, money, sumOf } from "../review/cost.ts";
import { type Change, type FieldChange, isDangerous } from "../review/change.ts";
import type { Review } from "../review/review.ts";
import { headline } from "./tree.ts";
import { differenceHeadline, fateOf, valueOf } from "./difference-report.ts";
import { code, fenced, plain } from "./markdown.ts";
import { bySystem, poolRows } from "./tables.ts";

/**
 * Most characters of a diff. GitHub refuses comments over 65,536 characters, and one comment has the summaries of
 * several stacks.
 */
const longestDiff = 20_000;
/** Most nodes in a drawing. A larger one would be illegible in a comment; the page has it. */
const mostDrawn = 14;

/** Renders `summary.md`. */
export function summary(rendering: Rendering, review: Review): string {
  const { change } = review;
  const { missing, notices } = rendering;
  return [
    `### \`${review.stack}\`: ${change === undefined ? headline(rendering) : differenceHeadline(change.changes)}`,
    "",
    ...dangers(change?.changes ?? []),
    ...verdicts(rendering, review),
    "",
    ...(change === undefined ? [] : folded(`Changes (${change.changes.length})`, diff(change.changes))),
    ...(change === undefined ? [] : drawing(review, change.changes)),
    ...folded("Cost", costTable(review)),
    ...(review.capacity.pools.length === 0 ? [] : folded("Capacity", capacityTable(review))),
    ...folded("Policy", policyList(review)),
    ...(missing.length === 0
      ? []
      : folded(
          "To be set",
          missing.map(({ fix }) => `- ${code(fix)}`),
        )),
    ...(notices.length === 0
      ? []
      : folded(
          "Worth knowing",
          notices.map(({ path, text }) => `- ${code(path)} ${plain(text)}`),
        )),
    "",
  ].join("\n");
}

/** Changes that a reviewer must see before the merge: those that endanger data or will be refused, and replacements. */
function dangers(changes: readonly Change[]): string[] {
  // Jobs do not count: a changed Job is always replaced, so that it runs again.
  const replaced = ({ operation, resource }: Change) => operation === "replace" && kindOf(resource) !== "Job";
  const dangerous = changes
    .filter((change) => fateOf(change) !== undefined || replaced(change))
    .toSorted((a, b) => Number(isDangerous(b)) - Number(isDangerous(a)));
  if (dangerous.length === 0) return [];
  const lines = dangerous.slice(0, 15).map((change) => {
    const { operation, resource, fields } = change;
    const fate = fateOf(change);
    const because = fields.filter(({ replaces }) => replaces).map(({ path }) => code(path));
    return [
      `> ${isDangerous(change) ? "🛑" : "⚠️"} **${operation}** ${kindOf(resource)} ${code(nameOf(resource))}`,
      ...(because.length > 0 ? [`because of ${because.slice(0, 3).join(", ")}`] : []),
      ...(fate === undefined ? [] : [`— **${fate}**`]),
    ].join(" ");
  });
  const more = dangerous.length > lines.length ? [`> … and ${dangerous.length - lines.length} more`] : [];
  return [[...lines, ...more].join("  \n"), ""];
}

function verdicts({ missing, notices }: Rendering, { cost, capacity, policy, change }: Review): string[] {
  const broken = policy.findings.filter(isBroken).length;
  const advice = policy.findings.filter(({ level, waived }) => level === "advisory" && waived === undefined).length;
  const changed = change && changeOf(change.costs);
  const difference = changed === undefined ? "" : changed === "unchanged" ? ", unchanged" : `, **${changed}**`;
  const fits =
    capacity.findings.length === 0 ? "✅ everything fits" : `⚠️ ${count(capacity.findings.length, "finding")}`;
  return [
    `- **Cost** ${sumOf(cost.items)} a month${difference}`,
    ...(capacity.pools.length === 0 ? [] : [`- **Capacity** ${fits}`]),
    `- **Policy** ${broken > 0 ? `🛑 ${count(broken, "mandatory rule")} broken` : `✅ ${rules.length} rules hold`}${advice > 0 ? `, ${count(advice, "remark")}` : ""}`,
    missing.length === 0 ? "- **Secrets** ✅ all set" : `- **Secrets** ⚠️ ${missing.length} to be set before an update`,
    ...(notices.length === 0 ? [] : [`- **Worth knowing** ${count(notices.length, "remark")} on settings`]),
  ];
}

/** The changes in the format of a diff, which GitHub shows in colours. */
function diff(changes: readonly Change[]): string[] {
  const signs = { delete: "-", replace: "!", update: "!", options: "!", create: "+" };
  const lines = changes.flatMap((change) => {
    const { operation, resource, fields } = change;
    const fate = fateOf(change);
    return [
      `${signs[operation]} ${operation} ${kindOf(resource)} ${nameOf(resource)}${fate === undefined ? "" : `  # ${fate}`}`,
      ...fields.map((field) => `    ${fieldLine(field)}`),
    ];
  });
  const kept = lines.slice(0, fitting(lines, longestDiff));
  const more = lines.length > kept.length ? [`# … ${lines.length - kept.length} more lines: see the report`] : [];
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

/** A picture of the changed nodes and their neighbours; none if there are too many for a comment. */
function drawing({ resources }: Review, changes: readonly Change[]): string[] {
  const { nodes, edges } = picture(resources);
  const touched = new Set(changes.flatMap(({ resource }) => [resource.urn, resource.parent ?? ""]));
  const near = new Set(
    edges.filter(({ from, to }) => touched.has(from) || touched.has(to)).flatMap(({ from, to }) => [from, to]),
  );
  const drawn = nodes.filter(({ id }) => near.has(id));
  if (drawn.length === 0 || drawn.length > mostDrawn) return [];
  const ids = new Map(drawn.map(({ id }, i) => [id, `n${i}`]));
  const box = ({ id, title, kind }: PictureNode) => {
    const text = JSON.stringify(title.replaceAll(/["\\<>\n]/g, " "));
    const [open, close] = kind === "database" || kind === "stateful" || kind === "bucket" ? ["[(", ")]"] : ["[", "]"];
    return `  ${ids.get(id) ?? ""}${open}${text}${close}${touched.has(id) ? ":::changed" : ""}`;
  };
  const arrows = edges
    .filter(({ from, to }) => ids.has(from) && ids.has(to) && (touched.has(from) || touched.has(to)))
    .map(
      ({ from, to, label }) => `  ${ids.get(from) ?? ""} -->${label === "" ? "" : `|${label}|`} ${ids.get(to) ?? ""}`,
    );
  return folded("Picture of what is touched", [
    "```mermaid",
    "flowchart LR",
    ...drawn.map(box),
    ...arrows,
    "  classDef changed stroke:#d9822b,stroke-width:3px",
    "```",
  ]);
}

function costTable({ cost, change }: Review): string[] {
  return [
    `List prices of ${cost.asOf} in US dollars, without tax, traffic and snapshots.`,
    "",
    ...(change?.costs ?? []).map((one) => `- ${plain(changeLine(one))}`),
    ...(change === undefined || change.costs.length === 0 ? [] : [""]),
    "| system | a month | for |",
    "|---|---:|---|",
    ...bySystem(cost).map(({ system, monthly, items }) => {
      const parts = items.map(
        (one) => `${one.monthly === undefined ? "**no price known** for " : ""}${plain(one.what)}`,
      );
      return `| ${plain(system)} | ${money(monthly)} | ${parts.join("<br>")} |`;
    }),
  ];
}

function capacityTable({ capacity }: Review): string[] {
  return [
    ...capacity.findings.map(({ level, text, fix }) => `- **${level}** ${plain(`${text}: ${fix}`)}`),
    "",
    "| pool | nodes | CPU requested | memory requested | volumes |",
    "|---|---|---|---|---|",
    ...poolRows(capacity).map((row) => `| ${row.map(plain).join(" | ")} |`),
  ];
}

function policyList({ policy }: Review): string[] {
  return [
    ...policy.findings.map((finding) => {
      const { rule, level, resource, message, waived } = finding;
      const weight = waived === undefined ? (level === "mandatory" ? "🛑" : "⚠️") : "waived";
      return `- ${weight} **${rule}**: ${plain(`${resource} ${message}${waived === undefined ? "" : `. ${waived}`}`)}`;
    }),
    ...policy.unused.map(({ rule, resource }) => `- A waiver of **${rule}** fits nothing: ${plain(resource)}`),
    ...(policy.findings.length + policy.unused.length === 0 ? ["Nothing found, nothing waived."] : []),
  ];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function folded(title: string, lines: readonly string[]): string[] {
  return [`<details><summary>${title}</summary>`, "", ...lines, "", "</details>"];
}
