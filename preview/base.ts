/** The stack at another commit, and the commit that the working tree is of. */
import { configOf } from "../graph/render/configuration.ts";
import { commitOf, fileAt, head, renderBase } from "../graph/render/revision.ts";
import { WaiverError, waiversFrom, type Waiver } from "../policy/waivers.ts";
import { SettingsError } from "../settings/reading/error.ts";
import { stackFileFrom } from "../settings/reading/stack-file.ts";
import { parseSettings } from "../systems/settings.ts";
import { noticeKey, type Base, type Origin } from "./review/review.ts";

/**
 * The stack at a commit, with what a review compares.
 *
 * @param reference a branch, a tag, a commit, or whatever else git takes for one
 * @throws {BaseError} if the commit is unknown, or cannot be rendered
 */
export async function baseOf(stack: string, reference: string): Promise<Base> {
  const commit = commitOf(reference);
  const resources = await renderBase(stack, commit);
  return { reference, commit: commit.slice(0, 7), resources, waivers: waivers(commit), ...remarks(stack, commit) };
}

/** The waivers of a commit; none if they do not fit the rules of today, so that all are taken for new. */
function waivers(commit: string): Waiver[] {
  try {
    return waiversFrom(fileAt(commit, "policy/waivers.yaml") ?? "");
  } catch (error) {
    if (error instanceof WaiverError) return [];
    throw error;
  }
}

/**
 * What the reader of today says of that commit's stack file; nothing if it does not accept it, so that all is taken for
 * new.
 */
function remarks(stack: string, commit: string): Pick<Base, "missing" | "notices"> {
  const text = fileAt(commit, `Pulumi.${stack}.yaml`);
  if (text === undefined) return {};
  try {
    const { missing, notices } = parseSettings(stack, configOf(stackFileFrom(stack, text).config));
    return { missing: new Set(missing.map(({ path }) => path)), notices: new Set(notices.map(noticeKey)) };
  } catch (error) {
    if (error instanceof SettingsError) return {};
    throw error;
  }
}

/** Where the working tree comes from, for the head of a report. */
export function origin(now = new Date()): Origin {
  const date = `${now.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const { commit, changed } = head() ?? { commit: undefined, changed: false };
  return { commit: commit?.slice(0, 7), changed, date };
}
