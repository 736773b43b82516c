/** What DigitalOcean refuses of tags. Source: API reference, "Create a New Tag": letters, digits, colons, dashes, underscores. */
import { unprocessable, type Refusal } from "../answers.ts";

/** Why a resource does not get its tags. */
export function tagsRefusal(tags: readonly string[] | null | undefined): Refusal | undefined {
  const wrong = tags?.find((tag) => !/^[a-zA-Z0-9_\-:]{1,255}$/.test(tag));
  if (wrong === undefined) return undefined;
  return unprocessable(
    `tag ${wrong}: tags may contain letters, numbers, colons, dashes, and underscores; at most 255 characters`,
  );
}
