/** `npm run explain -- <setting>`: what a setting means, may be and is in each stack, and what a change of it does. */
import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { declarations } from "../../commands/declarations.ts";
import { UsageError } from "../../commands/failures.ts";
import { parsed } from "../../commands/parse.ts";
import { run } from "../../commands/run.ts";
import { stackNames } from "../../commands/stacks.ts";
import type { SettingRow } from "../generate/settings-reference.ts";

const mostListed = 30;

await run("explain", async (argv) => {
  const given = parsed(declarations.explain(), argv);
  if (given === undefined) return 0;
  console.log(await answer(given.args[0] ?? ""));
  return 0;
});

async function answer(typed: string): Promise<string> {
  // Loaded here, so that help and a wrong command line wait for nothing.
  const [{ settingRows }, { keptEffects }, { find, groupsOf, pathOf }, { explained, listed }, { plain, valueIn }] =
    await Promise.all([
      import("../generate/settings-reference.ts"),
      import("../generate/effects/all.ts"),
      import("./find.ts"),
      import("./text.ts"),
      import("./values.ts"),
    ]);
  const rows = settingRows(keptEffects());
  const group = groupsOf(rows).find((one) => one === typed.replace("doks-systems:", ""));
  if (group !== undefined) return [styleText("bold", group), ...listed(firstOf(rows, group, plain))].join("\n");
  const { exact, ending, alike } = find(typed, rows);
  if (exact.length > 0) {
    const reference = readFileSync("docs/reference/settings.md", "utf8");
    const stacks = stackNames();
    const values = (one: (typeof exact)[number]) => stacks.map((stack) => valueIn(stack, one));
    return exact.map((one) => explained(one, values(one), rows, reference)).join("\n\n");
  }
  if (ending.length > 0) {
    const lines = ending.slice(0, mostListed).map((one) => [pathOf(one), plain(one.row.meaning)]);
    const more = ending.length > mostListed ? [`  … and ${ending.length - mostListed} more`] : [];
    return [`${styleText("bold", typed)} is the end of ${ending.length} settings:`, ...listed(lines), ...more].join(
      "\n",
    );
  }
  const meant = alike.length > 0 ? `did you mean ${alike.join(", ")}?` : `there are ${groupsOf(rows).join(", ")}`;
  throw new UsageError(`there is no setting ${typed}: ${meant}`);
}

function firstOf(rows: readonly SettingRow[], group: string, plain: (cell: string) => string): string[][] {
  const own = rows.filter((row) => row.group === group && !/[.[]/.test(row.path));
  return own.map(({ path, meaning }) => [`${group}.${path}`, plain(meaning)]);
}
