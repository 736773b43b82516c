/** How one stack differs from another, as text that is kept and reviewed. */
import { label } from "../../graph/resource.ts";
import type { Rendering } from "../../graph/render/render.ts";
import type { Change, FieldChange } from "../../preview/review/change.ts";
import { stackChanges } from "../../preview/review/stacks.ts";

/** A change that so many resources share is said once, with their names. */
const shared = 3;
/** What is only in the other stack is kept there; this much says what it is. */
const longestGone = 80;

/** What is only in one of both by name, and every field that differs; each resource is taken for its namesake in the other. */
export function stackDifference(base: Rendering, other: Rendering): string {
  const changes = stackChanges(base, other);
  const names = (operation: Change["operation"]) =>
    changes.filter((change) => change.operation === operation).map(({ resource }) => label(resource));
  const rows = changes
    .filter(({ operation }) => operation !== "create" && operation !== "delete")
    .flatMap(({ resource, fields }) => fields.map((field) => ({ name: label(resource), lines: linesOf(field) })));
  const alike = Map.groupBy(rows, ({ lines }) => lines.join("\n"));
  const isShared = ([, some]: [string, typeof rows]) => some.length >= shared;
  const own = [...alike].filter((one) => !isShared(one)).flatMap(([, some]) => some);
  const byName = [...Map.groupBy(own, ({ name }) => name)];
  return [
    ...section(`only in ${base.stack}`, names("delete").toSorted()),
    ...section(`only in ${other.stack}`, names("create").toSorted()),
    ...[...alike]
      .filter(isShared)
      .toSorted(byFirst)
      .flatMap(([text, some]) => section(text, some.map(({ name }) => name).toSorted())),
    ...byName.toSorted(byFirst).flatMap(([name, some]) =>
      section(
        name,
        some.flatMap(({ lines }) => lines),
      ),
    ),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `    ${line}`), ""];
}

function byFirst([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function linesOf(field: FieldChange): string[] {
  const { path, before, after } = field;
  if (typeof before === "string" && typeof after === "string" && `${before}${after}`.includes("\n")) {
    return [...linesOnlyIn(before, after, `${path} -`), ...linesOnlyIn(after, before, `${path} +`)];
  }
  if (!("before" in field)) return [`${path}: absent → ${JSON.stringify(after)}`];
  const old = JSON.stringify(before);
  if ("after" in field) return [`${path}: ${old} → ${JSON.stringify(after)}`];
  return [`${path}: ${old.length <= longestGone ? old : `${old.slice(0, longestGone)}…`} → absent`];
}

function linesOnlyIn(text: string, other: string, sign: string): string[] {
  const there = new Set(other.split("\n"));
  return text
    .split("\n")
    .filter((line) => !there.has(line))
    .map((line) => `${sign} ${line}`);
}
