/**
 * Writes what follows from the settings' schemas: `settings/schema.json`, which editors read through the first line of each
 * stack file, `docs/reference/settings.md`, and in minutes `docs/reference/effects.json`, what a change of each setting does;
 * and from the rules, `docs/reference/policies.md`; from the types of a review, `docs/reference/preview.schema.json`.
 *
 * `--text` keeps the effects that are there. `--check` writes nothing, and fails when a file is out of date or a setting is not
 * explained; whether the effects still hold is for the tests, which compute them.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { declarations } from "../../commands/declarations.ts";
import { parsed } from "../../commands/parse.ts";
import { run } from "../../commands/run.ts";
import { computeEffects, effectsFile, effectsText, keptEffects } from "./effects/all.ts";
import { policiesText } from "./policies-text.ts";
import { previewSchema } from "./preview-schema.ts";
import { referenceText } from "./reference-text.ts";
import { stackFileSchema } from "./schemas.ts";
import { holes, settingRows, unknownEffects } from "./settings-reference.ts";

await run("docs", async (argv) => {
  const given = parsed<{ check?: true; text?: true }>(declarations.docs(), argv);
  if (given === undefined) return 0;
  const { check = false, text = false } = given.options;
  const effects = check || text ? keptEffects() : await computeEffects();
  const rows = settingRows(effects);
  const files: Record<string, string> = {
    "settings/schema.json": `${JSON.stringify(stackFileSchema(), null, 2)}\n`,
    "docs/reference/settings.md": referenceText(rows),
    "docs/reference/policies.md": await policiesText(),
    "docs/reference/preview.schema.json": previewSchema(),
    [effectsFile]: effectsText(effects),
  };

  const problems = [
    ...holes(rows).map((hole) => `${hole}: say it beside the setting, then npm run docs`),
    ...unknownEffects(effects).map((id) => `${effectsFile} has ${id}, which is no setting: npm run docs`),
  ];
  if (check) {
    const stale = Object.entries(files).filter(
      ([path, wanted]) => !existsSync(path) || readFileSync(path, "utf8") !== wanted,
    );
    problems.push(...stale.map(([path]) => `${path} is out of date: npm run docs`));
  } else {
    for (const [path, wanted] of Object.entries(files)) writeFileSync(path, wanted);
  }
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
});
