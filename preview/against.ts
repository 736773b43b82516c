/** `--against`: two stacks side by side. */
import { styleText } from "node:util";
import { lastLine } from "../commands/failures.ts";
import { render } from "../graph/render/render.ts";
import { settingLines, stackLines } from "./report/terminal/stacks.ts";
import { stackChanges, stackless } from "./review/stacks.ts";
import { secretRows, settingRows } from "./stack-settings.ts";

/**
 * Prints the settings that differ, and what the stacks make of them.
 *
 * @returns exit code: 0, because a difference is nothing wrong
 */
export async function showAgainst(stack: string, other: string): Promise<number> {
  const one = await render(stack);
  const two = await render(other);
  const names = [stack, other] as const;
  const changes = stackChanges(one, two);
  const settings = settingRows(one, two);
  console.log(
    [
      styleText("bold", `${stack} beside ${other}`),
      "",
      ...settingLines("Settings", names, settings),
      ...settingLines("Secrets", names, secretRows(one, two)),
      ...stackLines(names, changes, [...stackless(one), ...stackless(two)]),
    ].join("\n"),
  );
  const only = (operation: string) => changes.filter((change) => change.operation === operation).length;
  const both = changes.length - only("create") - only("delete");
  console.log(
    lastLine(
      0,
      `${settings.length} settings differ; ${only("delete")} resources are only in ${stack}, ${only("create")} only in ${other}, ${both} differ`,
    ),
  );
  return 0;
}
