/** The words that every report has for a change. Pure. */
import { kindOf } from "../../graph/resource.ts";
import type { Danger } from "../review/danger.ts";
import type { Change, FieldChange } from "../review/change.ts";

const longestShown = 80;

/** Numbers of changes in one line: `1 to delete, 2 to update; data lost with 1`. */
export function differenceHeadline(changes: readonly Change[]): string {
  const operations = ["delete", "replace", "update", "options", "create"] as const;
  const counts = operations.map(
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

/** Text for what happens to the data of a resource. */
const fates = {
  refused: "protected: the update is refused",
  kept: "kept where it is; Pulumi forgets it",
  lost: "DATA IS LOST",
  unprotected: "LOSES ITS PROTECTION: a later update may delete it",
};

/** What happens to data, and why the provider would refuse the change; undefined if neither is worth a remark. */
export function fateOf({ data, impossible, resource }: Change): string | undefined {
  const kept = data === "kept" && kindOf(resource) === "StatefulSet" ? "its volumes are kept" : undefined;
  const parts = [
    ...(data === undefined ? [] : [kept ?? fates[data]]),
    ...(impossible === undefined ? [] : [`REFUSED IN THE MIDDLE OF THE UPDATE: ${impossible}`]),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** The value of a field before or after, as JSON, cut to 80 characters. */
export function valueOf(field: FieldChange, side: "before" | "after"): string {
  if (!(side in field)) return "absent";
  const text = JSON.stringify(field[side]);
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}

/** What comes after the resource in the line of a danger: what happens, and because of what. */
export function dangerText({ text, reason }: Danger): string {
  return reason === undefined ? text : `${text}, because of ${reason}`;
}

/** What to do about a danger: the advice, the setting and the page that help; undefined if there is none. */
export function dangerAdvice({ fix, setting, page }: Danger): string | undefined {
  const named = setting !== undefined && fix?.includes(setting) === true;
  const parts = [fix, named ? undefined : setting, page].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** A number with its noun: `1 finding`, `3 findings`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
