/** A stack file as the engine would hand it to the program, without the engine: no key is decrypted, no secret needed. */
import { isEncrypted } from "../../settings/reading/foreign-keys.ts";
import type { StackConfig } from "../../settings/index.ts";
import { isGroup } from "../../settings/reading/group.ts";
import { project } from "../../settings/reading/keys.ts";
import { settingPath } from "../../settings/reading/paths.ts";
import { readStackFile as readFile } from "../../settings/reading/stack-file.ts";

/** Values that replace those of a stack file, key by key; `null` removes one. Lists are replaced whole. */
export type Patch = { readonly [key: string]: unknown };

/**
 * The configuration of `Pulumi.<stack>.yaml`, patched.
 *
 * @throws {SettingsError} when there is no such file, or it is not YAML
 */
export function readStackFile(stack: string, patch: Patch = {}, folder = "."): StackConfig {
  return configOf(readFile(stack, folder).config, patch);
}

/** What the engine would hand over of a file's values. */
export function configOf(config: Readonly<Record<string, unknown>>, patch: Patch = {}): StackConfig {
  const merged = merge(config, patch) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(merged).map(([key, value]) => {
      // Encrypted as one: nobody but the engine knows which secrets are there.
      if (key === `${project}:secrets` && isEncrypted(value)) return [key, "{}"];
      const opened = withoutCiphertext(value, settingPath(key, []));
      return [key, typeof opened === "string" ? opened : JSON.stringify(opened)];
    }),
  );
}

/** `{ secure: … }` is a value that only the engine can read; its place is taken by a text that says so. */
function withoutCiphertext(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, i) => withoutCiphertext(item, `${path}[${i}]`));
  if (!isGroup(value)) return value;
  if (isEncrypted(value)) return `encrypted-${path.replace(/^.*?secrets\./, "").replaceAll(".", "-")}`;
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
