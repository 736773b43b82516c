/** A setting as text for a terminal. */
import { styleText } from "node:util";
import type { SettingRow } from "../generate/settings-reference.ts";
import { below, pathOf, type Found } from "./find.ts";
import { plain, type ValueIn } from "./values.ts";

/**
 * What a setting means, may be and is.
 *
 * @param reference text of `docs/reference/settings.md`, to name the line that has the setting
 */
export function explained(
  found: Found,
  values: readonly ValueIn[],
  rows: readonly SettingRow[],
  reference: string,
): string {
  const { row } = found;
  const needed = Object.entries(found.kinds)
    .filter(([depth]) => Number(depth) < found.steps.length)
    .map(([depth, kind]) => `with ${found.steps.slice(1, Number(depth)).join(".")}: ${kind}`);
  const own = found.kinds[found.steps.length];
  const title = [pathOf(found), ...(own === undefined ? [] : [own])].join(" of kind ");
  // A kind is no value of its own: the setting that has it is shown before.
  const isKind = row.path.endsWith("]");
  const lines = [
    ...(isKind ? [] : [["may be", plain(row.form)]]),
    ...(isKind ? [] : [["default", plain(row.default)]]),
    ["a change", plain(row.effect)],
    ...(isKind ? [] : values).map(({ stack, text, line }) => [
      stack,
      line === undefined ? text : `${text}  ${styleText("dim", `Pulumi.${stack}.yaml:${line}`)}`,
    ]),
    ["see", lineOf(row, reference)],
  ];
  const ofKinds = rows.some(({ group, path }) => group === row.group && path.startsWith(`${row.path}[`));
  const inside = ofKinds ? [] : below(found, rows);
  return [
    `${styleText("bold", title)}${needed.length === 0 ? "" : `  ${styleText("dim", needed.join(", "))}`}`,
    `  ${plain(row.meaning)}`,
    ...table(lines),
    ...(inside.length === 0
      ? []
      : [styleText("dim", "  has"), ...listed(inside.map((one) => [nameOf(one), plain(one.meaning)]))]),
  ].join("\n");
}

/** Several settings, each with its meaning. */
export function listed(rows: readonly (readonly string[])[]): string[] {
  return table(rows).map((line) => `  ${line}`);
}

/** A row's last step, with the kind that it needs. */
function nameOf({ path }: SettingRow): string {
  return path.split(".").at(-1) ?? path;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first = ""]) => first.length));
  return rows.map(([first = "", second = ""]) => `  ${first.padEnd(width)}  ${second}`);
}

/** Where the reference has a row: below the heading of its group, the first line that begins with its path. */
function lineOf({ group, path }: SettingRow, reference: string): string {
  const lines = reference.split("\n");
  const titles: Readonly<Record<string, string>> = { workloads: "## Workloads", probe: "### probe" };
  const start = lines.indexOf(titles[group] ?? `## \`doks-systems:${group}\``);
  const line = lines.findIndex((text, i) => i > start && text.startsWith(`| \`${path}\` |`));
  return `docs/reference/settings.md${line < 0 ? "" : `:${line + 1}`}`;
}
