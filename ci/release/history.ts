/** What git's history says of a tag in a stack file. */
import { execFileSync } from "node:child_process";
import { Explained } from "../../commands/explained.ts";
import { tagIn, type TagSetting } from "./tag.ts";

/** A tag that a stack file had, and the commit that set it. */
export interface Earlier {
  /** Undefined if the workload had none of its own. */
  readonly tag: string | undefined;
  /** Commit, date and subject in one line: `3f9c2e1 of 2026-11-20, "GX 2.0.0 on prod"`. */
  readonly from: string;
}

/**
 * The last tag that was another one.
 *
 * @param file path of the stack file, below the working directory
 * @param now tag that it has now; undefined if none
 * @throws {Explained} if there is no git repository here, or no other tag in its history
 */
export function tagBefore(file: string, setting: TagSetting, now: string | undefined): Earlier {
  const log = git("log", "--format=%h %cs %s", "--", file);
  if (log === undefined) throw new Explained("this folder is in no git repository, whose history says what ran before");
  let found: { readonly tag: string | undefined; readonly line: string } | undefined;
  for (const line of log.split("\n").filter((one) => one !== "")) {
    const { known, tag } = tagIn(git("show", `${line.split(" ")[0] ?? ""}:./${file}`) ?? "", setting);
    // From the commit on that has it as the last one, back to the one that set it.
    if (found !== undefined && (!known || tag !== found.tag)) break;
    if (found !== undefined || (known && tag !== now)) found = { tag, line };
  }
  if (found === undefined) {
    const shallow = git("rev-parse", "--is-shallow-repository")?.trim() === "true";
    const fetch = shallow ? "; this clone is shallow: git fetch --unshallow" : "";
    throw new Explained(`${setting.path} had no other tag than ${now ?? "none"} in the history of ${file}${fetch}`);
  }
  const [, commit = "", date = "", subject = ""] = /^(\S+) (\S+) (.*)$/.exec(found.line) ?? [];
  return { tag: found.tag, from: `${commit} of ${date}, "${subject}"` };
}

/**
 * Refuses a stack file in which a merge has left both sides.
 *
 * @throws {Explained} if so
 */
export function refuseConflict(file: string): void {
  if ((git("ls-files", "--unmerged", "--", file) ?? "") === "") return;
  throw new Explained(`a merge has left both sides in ${file}: solve it and git add it, then again`);
}

function git(...args: string[]): string | undefined {
  try {
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 26 });
  } catch {
    return undefined;
  }
}
