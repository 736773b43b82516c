/** What a setting is in each stack file, with the default where it is not given. */
import { shown } from "../../settings/reading/error.ts";
import { isGroup } from "../../settings/reading/group.ts";
import { project } from "../../settings/reading/keys.ts";
import { settingPath } from "../../settings/reading/paths.ts";
import { readStackFile } from "../../settings/reading/stack-file.ts";
import { withDefaults } from "../../systems/settings.ts";
import type { Found } from "./find.ts";

/** A setting in one stack. */
export interface ValueIn {
  readonly stack: string;
  /** `db-s-1vcpu-2gb`, `not set: 3`, `not there: database is in-cluster`. */
  readonly text: string;
  /** Line of the stack file that has it; undefined if none has. */
  readonly line: number | undefined;
}

/**
 * What a stack has at a place of the settings.
 *
 * @throws {SettingsError} if there is no such stack file, or it is not YAML
 */
export function valueIn(stack: string, { steps, kinds, row }: Found, folder = "."): ValueIn {
  const [group = "", ...path] = steps;
  if (group === "<system>") return { stack, text: "by system and workload", line: undefined };
  const file = readStackFile(stack, folder);
  const given = file.config[`${project}:${group}`];
  const told = (text: string, line?: number): ValueIn => ({ stack, text, line });
  if (given === undefined) return told(`not there: ${group} is not on`);
  const complete = withDefaults(group, given);
  for (let depth = 1; depth <= path.length; depth += 1) {
    const kind = kinds[depth + 1];
    if (kind === undefined) continue;
    const above = path.slice(0, depth);
    const there = at(complete, above);
    const other = kindAt(complete, above) ?? (isGroup(there) ? `not ${kind}` : there === undefined ? "not set" : "off");
    if (other !== kind) return told(`not there: ${above.join(".")} is ${other}`);
  }
  const own = at(given, path);
  if (own !== undefined) return told(shown(own), file.lineOf(settingPath(`${project}:${group}`, path)));
  if (path.includes("*")) return told("by name");
  const filled = at(complete, path);
  const otherwise = row.default === "required" || row.default === "–" ? "" : `: ${plain(row.default)}`;
  return told(filled === undefined ? `not set${otherwise}` : `not set: ${shown(filled)}`);
}

/** A cell of the reference without its Markdown. */
export function plain(cell: string): string {
  return cell.replaceAll(/\[([^\]]*)\]\(#[^)]*\)/g, "$1").replaceAll("`", "");
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)] as unknown;
    return isGroup(inner) ? inner[step] : undefined;
  }, value);
}

/** The word that says of which kind a setting is: the value of its `kind`, `source` or `protocol`. */
function kindAt(value: unknown, path: readonly string[]): string | undefined {
  const inner = at(value, path);
  if (typeof inner === "string") return inner;
  if (!isGroup(inner)) return undefined;
  const kind = inner["kind"] ?? inner["source"] ?? inner["protocol"];
  return typeof kind === "string" ? kind : undefined;
}
