/** Tags that DigitalOcean refuses. Source: API reference, "Create a New Tag". */
import { unprocessable, type Refusal } from "../answers.ts";

/** Why a resource cannot have its tags; undefined if it can. */
export function tagsRefusal(tags: readonly string[] | null | undefined): Refusal | undefined {
  const wrong = tags?.find((tag) => !/^[a-zA-Z0-9_\-:]{1,255}$/.test(tag));
  if (wrong === undefined) return undefined;
  return unprocessable(
    `tag ${wrong}: tags may contain letters, numbers, colons, dashes, and underscores; at most 255 characters`,
  );
}
