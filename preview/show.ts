/** Shows a stack, or what changes in it. */
import { lastLine } from "../commands/failures.ts";
import { render } from "../graph/render/render.ts";
import { readWaivers } from "../policy/waivers.ts";
import { baseOf, origin } from "./base.ts";
import { narrowed, narrowedSections } from "./narrow.ts";
import type { PreviewOptions } from "./options.ts";
import { prepareFolder, writePreview } from "./report/files.ts";
import type { PreviewJson } from "./report/json.ts";
import { sectionsOf } from "./report/sections/index.ts";
import { differenceReport } from "./report/terminal/difference.ts";
import { dangerLines, sectionLines } from "./report/terminal/sections.ts";
import { terminalTree } from "./report/terminal/tree.ts";
import { review, type Review } from "./review/review.ts";
import { verdict } from "./verdict.ts";

/**
 * Prints the review of a stack, and writes it where asked to.
 *
 * @returns exit code
 * @throws {Explained} if the settings are wrong, the commit is unknown, or the folder cannot take the files
 */
export async function show(stack: string, options: PreviewOptions): Promise<number> {
  const { base: reference, out, json = false } = options;
  if (out !== undefined) prepareFolder(out);
  // The commit first: that there is none is known at once.
  const [base, rendering] = await Promise.all([
    reference === undefined ? undefined : baseOf(stack, reference),
    render(stack),
  ]);
  const whole = review(rendering, readWaivers(), base, origin());
  const shown = options.system === undefined ? whole : narrowed(whole, options.system);
  if (json) console.log(JSON.stringify(printed(shown), null, 2));
  else print(shown, options);
  // A program reads what is printed with --json; the rest is for people.
  const tell = json ? console.error : console.log;
  if (out !== undefined) {
    const files = await writePreview(whole, out);
    tell(`${files.length} files in ${out}: begin with ${out}/report.html`);
  }
  const { code, reason } = verdict(shown.dangers, options);
  tell(lastLine(code, reason));
  return code;
}

/** What `--json` prints. */
function printed({ change, resources }: Review): PreviewJson["changes"] | PreviewJson["resources"] {
  return change?.changes ?? resources;
}

function print(reviewed: Review, { only, depth, system }: PreviewOptions): void {
  const { stack, change, dangers } = reviewed;
  if (change === undefined) console.log([terminalTree(reviewed, depth), ...dangerLines(dangers)].join("\n"));
  else console.log(differenceReport(stack, change.base.reference, change.changes, dangers));
  if (only === "changes") return;
  const sections = sectionsOf(reviewed);
  const own = system === undefined ? sections : narrowedSections(sections, reviewed);
  console.log(sectionLines(own, change !== undefined).join("\n"));
}
