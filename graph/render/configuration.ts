/**
 * Stack configuration read from the stack file, in the form in which Pulumi's engine gives it to a program. Decrypts
 * nothing.
 */
import { isEncrypted } from "../../settings/reading/foreign-keys.ts";
import type { StackConfig } from "../../settings/index.ts";
import { isGroup } from "../../settings/reading/group.ts";
import { project } from "../../settings/reading/keys.ts";
import { settingPath } from "../../settings/reading/paths.ts";
import { encryptedText } from "../../settings/reading/placeholders.ts";
import { readStackFile as readFile } from "../../settings/reading/stack-file.ts";

/** Changes to a stack file: objects are merged key by key, `null` removes a key, and lists are replaced as a whole. */
export type Patch = { readonly [key: string]: unknown };

/**
 * The configuration in `Pulumi.<stack>.yaml`, with a patch over it.
 *
 * @param folder that has the file @default the working directory
 * @throws {SettingsError} if there is no such file, or it is not YAML
 */
export function readStackFile(stack: string, patch: Patch = {}, folder = "."): StackConfig {
  return configOf(readFile(stack, folder).config, patch);
}

/** The values of a stack file, with a patch over them, as texts: the engine gives a program objects and lists as JSON. */
export function configOf(config: Readonly<Record<string, unknown>>, patch: Patch = {}): StackConfig {
  const merged = merge(config, patch) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(merged).map(([key, value]) => {
      // All secrets are encrypted as one value, and only the engine can see which there are.
      if (key === `${project}:secrets` && isEncrypted(value)) return [key, "{}"];
      const opened = withoutCiphertext(value, settingPath(key, []));
      return [key, typeof opened === "string" ? opened : JSON.stringify(opened)];
    }),
  );
}

/** A value with a placeholder text, `encrypted-…`, for each `{ secure: … }` in it, which only the engine can decrypt. */
function withoutCiphertext(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, i) => withoutCiphertext(item, `${path}[${i}]`));
  if (!isGroup(value)) return value;
  if (isEncrypted(value)) return encryptedText(path);
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
