/** Prints what a takeover would do, and writes its files. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import { narrowed, narrowedSections } from "../preview/narrow.ts";
import { sectionsOf } from "../preview/report/sections/index.ts";
import { differenceReport } from "../preview/report/terminal/difference.ts";
import { sectionLines } from "../preview/report/terminal/sections.ts";
import { verdict, type Verdict } from "../preview/verdict.ts";
import { patchOf } from "./agree/suggestion.ts";
import {
  handOverSection,
  neighboursSection,
  settingsSection,
  takenOverSection,
  unseenSection,
} from "./report/sections.ts";
import { withSettings } from "./report/stack-file.ts";
import { files, script, steps } from "./report/steps.ts";
import { takeover, type Asked, type Takeover } from "./takeover.ts";

/**
 * Looks at what is there, prints it, and writes the files into a folder.
 *
 * @returns how the command ends: with 3 if data or its protection would be in danger
 */
export async function adopt(asked: Asked, folder: string): Promise<Verdict> {
  const found = await takeover(asked);
  const { stack, system } = asked;
  const shown = system === undefined ? found.review : narrowed(found.review, system);
  const reviewed = sectionsOf(shown);
  const sections = [...(system === undefined ? reviewed : narrowedSections(reviewed, shown)), ...ownSections(found)];
  console.log(differenceReport(stack, "what is there", shown.change?.changes ?? [], shown.dangers));
  console.log(sectionLines(sections, true).join("\n"));
  write(found, stack, folder);
  console.log(styleText("bold", "To take it over"));
  const { preparation, imports, agreed, secrets } = found;
  const all = steps({ stack, folder, preparation, imports, hasSettings: agreed.suggestions.length > 0, secrets });
  for (const [i, { what, commands }] of all.entries())
    console.log([`${i + 1}. ${what}:`, ...commands.map((command) => `     ${command}`)].join("\n"));
  const { code, reason } = verdict(shown.dangers, { failOnDataLoss: true });
  // There are no options here.
  const plain = reason.replace("and no option makes it fail though", "though");
  return { code, reason: plain.replaceAll(/ \(--fail-on-[a-z-]+\)/g, "") };
}

function ownSections({ agreed, preparation, neighbours, ground, secrets }: Takeover) {
  return [
    settingsSection(agreed),
    takenOverSection(secrets),
    handOverSection(preparation.handOvers),
    neighboursSection(neighbours),
    unseenSection(agreed.matches.unseen, ground.remarks),
  ].filter((section) => section !== undefined);
}

function write({ agreed, preparation, imports, secrets }: Takeover, stack: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const stackFile = `Pulumi.${stack}.yaml`;
  const written: Record<string, string> = {
    [files.components]: `${JSON.stringify(imports.components, null, 2)}\n`,
    [files.data]: `${JSON.stringify(imports.data, null, 2)}\n`,
    [files.others]: `${JSON.stringify(imports.others, null, 2)}\n`,
    [stackFile]: withSettings(readFileSync(stackFile, "utf8"), patchOf(agreed.suggestions)),
    ...(secrets.length === 0
      ? {}
      : {
          [files.secrets]: script(
            "Passwords and keys, from the cluster into the stack's secrets.",
            secrets.map(({ command }) => command),
          ),
        }),
    ...(preparation.commands.length === 0
      ? {}
      : { [files.preparation]: script("Before the first update. Nothing restarts.", preparation.commands) }),
  };
  for (const [name, text] of Object.entries(written)) writeFileSync(join(folder, name), text);
}
