/** Cost, capacity and policy as text for a terminal. */
import { stripVTControlCharacters, styleText } from "node:util";
import { isBroken, type Finding } from "../../policy/evaluate.ts";
import { rules } from "../../policy/rules/index.ts";
import { changeLine, changeOf, money, sumOf } from "../review/cost.ts";
import type { Review } from "../review/review.ts";
import { bySystem, poolRows } from "./tables.ts";

export function reviewReport(review: Review): string {
  return [...costLines(review), "", ...capacityLines(review), ...policyLines(review)].join("\n");
}

function costLines({ cost, change }: Review): string[] {
  const note = dim(`list prices of ${cost.asOf}, without tax, traffic and snapshots`);
  const sum = `Cost ${sumOf(cost.items)} a month`;
  if (change !== undefined) {
    const changes = change.costs.map((one) => `    ${changeLine(one)}`);
    return [`${styleText("bold", `${sum}, ${changeOf(change.costs)}`)}  ${note}`, ...changes];
  }
  const systems = bySystem(cost).map(({ system, monthly, items }) => [system, money(monthly), what(items)]);
  return [`${styleText("bold", sum)}  ${note}`, ...columns(systems)];
}

function what(items: readonly { readonly what: string; readonly monthly: unknown }[]): string {
  const unknown = items.filter(({ monthly }) => monthly === undefined);
  if (unknown.length > 0) return styleText("yellow", `no price known for ${unknown.map((one) => one.what).join("; ")}`);
  const all = items.map((one) => one.what).join("; ");
  return dim(all.length <= 100 ? all : `${all.slice(0, 100)}…`);
}

function capacityLines({ capacity }: Review): string[] {
  if (capacity.pools.length === 0) return [];
  const head = ["pool", "nodes", "CPU requested", "memory requested", "volumes"].map(dim);
  return [
    styleText("bold", "Capacity"),
    ...columns([head, ...poolRows(capacity)]),
    ...capacity.findings.map(({ level, text, fix }) => `    ${sign(level === "problem")} ${text}: ${fix}`),
    ...(capacity.uncounted.length === 0 ? [] : [`    not counted: pods of ${capacity.uncounted.join(", ")}`]),
    "",
  ];
}

function policyLines({ policy }: Review): string[] {
  const { findings, unused } = policy;
  const open = findings.filter(({ waived }) => waived === undefined);
  const verdict = open.length === 0 ? styleText("green", `all ${rules.length} rules hold`) : `${open.length} found`;
  return [
    `${styleText("bold", "Policy")} ${verdict}`,
    ...findings.map((finding) => `    ${policyLine(finding)}`),
    ...unused.map(({ rule, resource }) => `    ${sign(false)} a waiver of ${rule} fits nothing: ${resource}`),
    "",
  ];
}

function policyLine(finding: Finding): string {
  const { rule, resource, message, waived } = finding;
  if (waived !== undefined) return dim(`waived ${rule}: ${resource} ${message}. ${waived}`);
  return `${sign(isBroken(finding))} ${rule}: ${resource} ${message}`;
}

function sign(serious: boolean): string {
  return serious ? styleText("red", "✗") : styleText("yellow", "!");
}

/** Rows with cells padded to the width of their column. Escape sequences for colours have no width. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => width(row[i] ?? "")))) ?? [];
  return rows.map((row) =>
    `    ${row.map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - width(cell))).join("  ")}`.trimEnd(),
  );
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

function dim(text: string): string {
  return styleText("dim", text);
}
