/** A difference as a terminal shows it. */
import { kindOf } from "../../policy/stack.ts";
import { styleText } from "node:util";
import { displayName } from "./describe.ts";
import type { Change, FieldChange } from "../review/difference.ts";
import type { ReviewedChange } from "../review/review.ts";

const signs = {
  delete: ["-", "red"],
  replace: ["±", "magenta"],
  update: ["~", "yellow"],
  create: ["+", "green"],
} as const;
const longestShown = 80;

/** The most dangerous first, each with its fields. */
export function differenceReport(stack: string, { base, changes }: Pick<ReviewedChange, "base" | "changes">): string {
  const title = styleText("bold", `pulumi up --stack ${stack} would change, against ${base}`);
  if (changes.length === 0) return `${title}\n\nNothing.\n`;
  return [title, "", ...changes.flatMap(lines), "", styleText("bold", differenceHeadline(changes)), ""].join("\n");
}

/** `1 to delete, 2 to update` */
export function differenceHeadline(changes: readonly Change[]): string {
  const counts = Object.keys(signs).map(
    (operation) => [operation, changes.filter((one) => one.operation === operation).length] as const,
  );
  const parts = counts.filter(([, count]) => count > 0).map(([operation, count]) => `${count} to ${operation}`);
  const lost = changes.filter(({ data }) => data === "lost").length;
  return [parts.join(", ") || "nothing changes", ...(lost > 0 ? [`data lost with ${lost}`] : [])].join("; ");
}

function lines({ operation, resource, fields, data }: Change): string[] {
  const [sign, color] = signs[operation];
  const fate = data === undefined ? "" : `  ${styleText(data === "lost" ? "red" : "yellow", fates[data])}`;
  return [
    `${styleText(color, `${sign} ${operation} ${kindOf(resource)} ${displayName(resource)}`)}${fate}`,
    ...fields.map((field) => `    ${fieldLine(field)}`),
  ];
}

/** What becomes of data. */
export const fates = {
  refused: "protected: the update is refused",
  kept: "kept where it is; Pulumi forgets it",
  lost: "DATA IS LOST",
};

function fieldLine(field: FieldChange): string {
  const change = `${valueOf(field, "before")} → ${valueOf(field, "after")}`;
  return `${field.path}: ${change}${field.replaces ? styleText("magenta", "  makes a new one") : ""}`;
}

/** One side of a field as JSON, cut short. */
export function valueOf(field: FieldChange, side: "before" | "after"): string {
  if (!(side in field)) return "absent";
  const text = JSON.stringify(field[side]);
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}
