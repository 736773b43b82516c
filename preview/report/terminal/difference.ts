/** Changes of a stack as text for a terminal. */
import { styleText } from "node:util";
import { kindOf, nameOf } from "../../../graph/resource.ts";
import { isDangerous, type Change, type FieldChange } from "../../review/change.ts";
import type { Danger } from "../../review/danger.ts";
import { differenceHeadline, fateOf, valueOf } from "../words.ts";
import { dangerLines } from "./sections.ts";

const signs = {
  delete: ["-", "red"],
  replace: ["±", "magenta"],
  update: ["~", "yellow"],
  options: ["○", "yellow"],
  create: ["+", "green"],
} as const;

/** The dangers, then every change with its fields, the most dangerous first. */
export function differenceReport(
  stack: string,
  base: string,
  changes: readonly Change[],
  dangers: readonly Danger[] = [],
): string {
  const title = styleText("bold", `pulumi up --stack ${stack} would change, against ${base}`);
  const first = dangerLines(dangers);
  if (changes.length === 0) return [title, "", ...first, "Nothing.", ""].join("\n");
  const headline = styleText("bold", differenceHeadline(changes));
  return [title, "", ...first, ...changes.flatMap(lines), "", headline, ""].join("\n");
}

function lines(change: Change): string[] {
  const { operation, resource, fields } = change;
  const [sign, color] = signs[operation];
  const fate = fateOf(change);
  const remark = fate === undefined ? "" : `  ${styleText(isDangerous(change) ? "red" : "yellow", fate)}`;
  return [
    `${styleText(color, `${sign} ${operation} ${kindOf(resource)} ${nameOf(resource)}`)}${remark}`,
    ...fields.map((field) => `    ${fieldLine(field)}`),
  ];
}

function fieldLine(field: FieldChange): string {
  const change = `${valueOf(field, "before")} → ${valueOf(field, "after")}`;
  return `${field.path}: ${change}${field.replaces ? styleText("magenta", "  makes a new one") : ""}`;
}
