/** Changes of a stack as text for a terminal. */
import { kindOf, nameOf } from "../../graph/resource.ts";
import { styleText } from "node:util";
import { isDangerous, type Change, type FieldChange } from "../review/change.ts";
import type { ReviewedChange } from "../review/review.ts";

const signs = {
  delete: ["-", "red"],
  replace: ["±", "magenta"],
  update: ["~", "yellow"],
  options: ["○", "yellow"],
  create: ["+", "green"],
} as const;
const longestShown = 80;

/** Every change with its fields, the most dangerous first. */
export function differenceReport(stack: string, { base, changes }: Pick<ReviewedChange, "base" | "changes">): string {
  const title = styleText("bold", `pulumi up --stack ${stack} would change, against ${base}`);
  if (changes.length === 0) return `${title}\n\nNothing.\n`;
  return [title, "", ...changes.flatMap(lines), "", styleText("bold", differenceHeadline(changes)), ""].join("\n");
}

/** Numbers of changes in one line: `1 to delete, 2 to update; data lost with 1`. */
export function differenceHeadline(changes: readonly Change[]): string {
  const counts = Object.keys(signs).map(
    (operation) => [operation, changes.filter((one) => one.operation === operation).length] as const,
  );
  const parts = counts
    .filter(([, count]) => count > 0)
    .map(([operation, count]) =>
      operation === "options" ? `${count} with other options` : `${count} to ${operation}`,
    );
  const of = (fate: Change["data"]) => changes.filter(({ data }) => data === fate).length;
  const refused = changes.filter(({ impossible }) => impossible !== undefined).length;
  return [
    parts.join(", ") || "nothing changes",
    ...(of("lost") > 0 ? [`data lost with ${of("lost")}`] : []),
    ...(of("unprotected") > 0 ? [`${of("unprotected")} lose their protection`] : []),
    ...(refused > 0 ? [`${refused} that the provider refuses`] : []),
  ].join("; ");
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

/** Text for what happens to the data of a resource. */
const fates = {
  refused: "protected: the update is refused",
  kept: "kept where it is; Pulumi forgets it",
  lost: "DATA IS LOST",
  unprotected: "LOSES ITS PROTECTION: a later update may delete it",
};

/** What happens to data, and why the provider would refuse the change; undefined if neither is worth a remark. */
export function fateOf({ data, impossible }: Change): string | undefined {
  const parts = [
    ...(data === undefined ? [] : [fates[data]]),
    ...(impossible === undefined ? [] : [`REFUSED IN THE MIDDLE OF THE UPDATE: ${impossible}`]),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}

function fieldLine(field: FieldChange): string {
  const change = `${valueOf(field, "before")} → ${valueOf(field, "after")}`;
  return `${field.path}: ${change}${field.replaces ? styleText("magenta", "  makes a new one") : ""}`;
}

/** The value of a field before or after, as JSON, cut to 80 characters. */
export function valueOf(field: FieldChange, side: "before" | "after"): string {
  if (!(side in field)) return "absent";
  const text = JSON.stringify(field[side]);
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}
