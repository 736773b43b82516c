/** The settings of two stacks side by side, with their defaults. Of secrets, only whether they are set. */
import { shown } from "../settings/reading/error.ts";
import { isEncrypted } from "../settings/reading/foreign-keys.ts";
import { isGroup } from "../settings/reading/group.ts";
import { project } from "../settings/reading/keys.ts";
import { settingPath } from "../settings/reading/paths.ts";
import { readStackFile } from "../settings/reading/stack-file.ts";
import { withDefaults } from "../systems/settings.ts";

/** A setting that two stacks have in different ways: its path, and the value in each. */
export type SettingRow = readonly [path: string, first: string, other: string];

/** What a stack is made from. */
interface Given {
  readonly stack: string;
  readonly missing: readonly { readonly path: string }[];
}

/** Settings that differ, in the order of the stack files. */
export function settingRows(first: Given, other: Given, folder = "."): SettingRow[] {
  const [one, two] = [first, other].map(({ stack }) => readStackFile(stack, folder).config);
  const keys = [...new Set([...Object.keys(one ?? {}), ...Object.keys(two ?? {})])];
  return keys
    .filter((key) => key !== `${project}:secrets`)
    .flatMap((key) => {
      const group = key.startsWith(`${project}:`) ? key.slice(project.length + 1) : undefined;
      const values = [one?.[key], two?.[key]].map((value) =>
        value === undefined || group === undefined ? value : withDefaults(group, value),
      );
      return rows(group ?? key, values[0], values[1]);
    });
}

/** Secrets that are not in the same state in both: set, not set, or not needed. */
export function secretRows(first: Given, other: Given, folder = "."): SettingRow[] {
  const [one, two] = [first, other].map(({ stack, missing }) => {
    const tree = readStackFile(stack, folder).config[`${project}:secrets`];
    const unset = missing.map(({ path }) => path).filter((path) => path.startsWith(`${project}:secrets.`));
    return new Map([
      ...unset.map((path) => [path.slice(project.length + 1), "not set"] as const),
      ...leaves("secrets", tree).map((path) => [path, "set"] as const),
    ]);
  });
  const paths = [...new Set([...(one?.keys() ?? []), ...(two?.keys() ?? [])])];
  return paths
    .map((path): SettingRow => [path, one?.get(path) ?? "not needed", two?.get(path) ?? "not needed"])
    .filter(([, a, b]) => a !== b);
}

function rows(path: string, one: unknown, two: unknown): SettingRow[] {
  if (isGroup(one) && isGroup(two) && !isEncrypted(one) && !isEncrypted(two)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(two)])];
    return keys.flatMap((key) => rows(settingPath(path, [key]), one[key], two[key]));
  }
  // A group beside nothing, or beside `false`: what it holds is worth more than that there is one.
  const holder = [one, two].find(isFull);
  if (holder !== undefined) {
    const beside = isFull(one) ? two : one;
    const own = isFull(one) ? "as below" : text(beside);
    const head: SettingRow[] = beside === undefined ? [] : [[path, own, isFull(two) ? "as below" : text(beside)]];
    const keys = Object.keys(holder);
    const inside = (value: unknown, key: string) => (isFull(value) ? value[key] : undefined);
    return [...head, ...keys.flatMap((key) => rows(settingPath(path, [key]), inside(one, key), inside(two, key)))];
  }
  const [a = "", b = ""] = [one, two].map(text);
  return a === b ? [] : [[path, a, b]];
}

/** Whether it is a group with something in it. */
function isFull(value: unknown): value is Record<string, unknown> {
  return isGroup(value) && !isEncrypted(value) && Object.keys(value).length > 0;
}

function text(value: unknown): string {
  if (value === undefined) return "–";
  if (isEncrypted(value)) return "set";
  return typeof value === "string" ? value : shown(value);
}

function leaves(path: string, value: unknown): string[] {
  if (!isGroup(value) || isEncrypted(value)) return value === undefined ? [] : [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(settingPath(path, [key]), inner));
}
