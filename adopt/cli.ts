/** `npm run adopt -- <stack>`: what it takes to take over what runs already. Changes nothing. */
import { join } from "node:path";
import { declarations } from "../commands/declarations.ts";
import { lastLine } from "../commands/failures.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { adopt } from "./adopt.ts";

/** Options of the command. */
interface Options {
  readonly system?: string;
  readonly refuse?: readonly string[];
  readonly cluster?: string;
  readonly context?: string;
  readonly out?: string;
}

await run("adopt", async (argv) => {
  const given = parsed<Options>(declarations.adopt(), argv);
  if (given === undefined) return 0;
  const [stack = ""] = given.args;
  const { system, refuse = [], cluster: kubeconfig, context, out = join("adopt-out", stack) } = given.options;
  const token = process.env["DIGITALOCEAN_TOKEN"];
  const { code, reason } = await adopt({ stack, system, refuse, kubeconfig, context, token }, out);
  console.log(lastLine(code, reason));
  return code;
});
