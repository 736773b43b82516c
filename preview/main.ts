import { parseArgs } from "node:util";
import { SettingsError } from "../settings/error.ts";
import { FolderError, publicResources, writePreview } from "./files.ts";
import { render } from "./render.ts";
import { terminalReport } from "./terminal.ts";

const usage = `npm run preview -- <stack> [--out DIR] [--json]

Shows what pulumi up would create, without engine, account, cluster or secret.

  <stack>      prod, staging, local: any stack that has a Pulumi.<stack>.yaml
  --out DIR    also write resources.json, manifests/, summary.md and report.html there
  --json       print the resources as JSON instead (secrets masked)`;

/** The command; its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const command = parse(argv);
  if (typeof command === "string") {
    console.error(command === usage ? usage : `${command}\n\n${usage}`);
    return command === usage ? 0 : 2;
  }
  try {
    const rendering = await render(command.stack);
    console.log(command.json ? JSON.stringify(publicResources(rendering), null, 2) : terminalReport(rendering));
    if (command.out !== undefined) {
      const files = writePreview(rendering, command.out);
      console.error(`\n${files.length} files in ${command.out}: begin with ${command.out}/report.html`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof FolderError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function parse(argv: readonly string[]): { stack: string; out: string | undefined; json: boolean } | string {
  const options = {
    out: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [stack, ...more] = positionals;
    if (values.help) return usage;
    if (stack === undefined || more.length > 0) return "Name one stack.";
    return { stack, out: values.out, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
