/** A stack file with other settings: comments, order and everything else stay as they are. Pure. */
import { parseDocument } from "yaml";
import { isGroup } from "../../settings/reading/group.ts";

/**
 * The text of a stack file with a patch over it.
 *
 * @param patch settings by key with the project's name; groups are merged, `null` takes a key away
 */
export function withSettings(text: string, patch: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(text);
  const put = (path: readonly string[], value: unknown): void => {
    if (value === null) document.deleteIn(path);
    else if (isGroup(value) && document.hasIn(path))
      for (const [key, inner] of Object.entries(value)) put([...path, key], inner);
    else document.setIn(path, value);
  };
  for (const [key, value] of Object.entries(patch))
    put(["config", key], withoutNulls(value, document.hasIn(["config", key])));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** A new group has no keys to take away. */
function withoutNulls(value: unknown, isThere: boolean): unknown {
  if (isThere || !isGroup(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
}
