/** A stack file as the engine would hand it to the program, without the engine: no key is decrypted, no secret needed. */
import { readFileSync } from "node:fs";
import { parse, YAMLParseError } from "yaml";
import { SettingsError } from "../../settings/error.ts";
import { settingPath } from "../../settings/explain.ts";
import type { StackConfig } from "../../settings/index.ts";

/** Values that replace those of a stack file, key by key; `null` removes one. Lists are replaced whole. */
export type Patch = { readonly [key: string]: unknown };

/**
 * The configuration of `Pulumi.<stack>.yaml`, patched.
 *
 * @throws {SettingsError} when there is no such file, or it is not YAML
 */
export function readStackFile(stack: string, patch: Patch = {}, folder = "."): StackConfig {
  const config = merge(readConfig(stack, folder), patch) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const opened = withoutCiphertext(value, settingPath(key, []));
      return [key, typeof opened === "string" ? opened : JSON.stringify(opened)];
    }),
  );
}

function readConfig(stack: string, folder: string): unknown {
  const file = `Pulumi.${stack}.yaml`;
  const wrong = (problem: string, fix: string) =>
    new SettingsError(stack, [{ path: file, value: "file", problem, fix }]);
  let text: string;
  try {
    text = readFileSync(`${folder}/${file}`, "utf8");
  } catch {
    throw wrong("cannot be read", "name a stack that has a file, such as prod, staging or local");
  }
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw wrong("is not YAML", `mend line ${error.linePos?.[0].line ?? "?"}: ${error.message.split("\n")[0] ?? ""}`);
  }
  const config = isGroup(content) ? content["config"] : undefined;
  if (!isGroup(config)) throw wrong("has no settings", "put them below a key named config");
  return config;
}

/** `{ secure: … }` is a value that only the engine can read; its place is taken by a text that says so. */
function withoutCiphertext(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, i) => withoutCiphertext(item, `${path}[${i}]`));
  if (!isGroup(value)) return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "secure")
    return `encrypted-${path.replace(/^.*?secrets\./, "").replaceAll(".", "-")}`;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutCiphertext(inner, `${path}.${key}`)]),
  );
}

function merge(base: unknown, patch: unknown): unknown {
  if (!isGroup(base) || !isGroup(patch)) return patch;
  const merged = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = merge(merged[key] ?? {}, value);
  }
  return merged;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
