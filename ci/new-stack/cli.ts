/** `npm run new-stack -- <name> --from <stack>`. */
import { declarations } from "../../commands/declarations.ts";
import { parsed } from "../../commands/parse.ts";
import { run } from "../../commands/run.ts";
import { newStack } from "./new-stack.ts";
import { report } from "./report.ts";

await run("new-stack", async (argv) => {
  const given = parsed<{ from: string; account?: string }>(declarations["new-stack"](), argv);
  if (given === undefined) return 0;
  const { from, account } = given.options;
  console.log(report(await newStack(given.args[0] ?? "", from, account === undefined ? {} : { account })));
  return 0;
});
