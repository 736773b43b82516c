import { parseArgs } from "node:util";
import { SettingsError } from "../settings/error.ts";
import { BaseError, renderBase } from "./render/base.ts";
import { difference } from "./review/difference.ts";
import { differenceReport } from "./report/difference-report.ts";
import { FolderError, writePreview } from "./report/files.ts";
import { publicResources } from "./render/public-resource.ts";
import { render } from "./render/render.ts";
import { terminalReport } from "./report/terminal.ts";

const usage = `npm run preview -- <stack> [--base REF] [--fail-on-data-loss] [--out DIR] [--json]

Shows what pulumi up would create, without engine, account, cluster or secret.

  <stack>               prod, staging, local: any stack that has a Pulumi.<stack>.yaml
  --base REF            shows what changes against a commit instead, such as main
  --fail-on-data-loss   ends with 3 when what holds data would be deleted or replaced
  --out DIR             also write resources.json, manifests/, summary.md and report.html there
  --json                print the resources, or with --base the changes, as JSON instead (secrets masked)`;

/** The command; its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const command = parse(argv);
  if (typeof command === "string") {
    console.error(command === usage ? usage : `${command}\n\n${usage}`);
    return command === usage ? 0 : 2;
  }
  try {
    const { stack, base } = command;
    const [rendering, before] = await Promise.all([
      render(stack),
      base === undefined ? undefined : renderBase(stack, base),
    ]);
    const changes = before === undefined ? undefined : difference(before, publicResources(rendering));
    const shown = changes ?? publicResources(rendering);
    if (command.json) console.log(JSON.stringify(shown, null, 2));
    else if (changes === undefined) console.log(terminalReport(rendering));
    else console.log(differenceReport(stack, base ?? "", changes));
    if (command.out !== undefined) {
      const files = writePreview(rendering, command.out);
      console.error(`\n${files.length} files in ${command.out}: begin with ${command.out}/report.html`);
    }
    const endangered = changes?.some(({ data }) => data !== undefined) ?? false;
    if (command.failOnDataLoss && endangered) return 3;
    return 0;
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof FolderError || error instanceof BaseError)) throw error;
    console.error(error.message);
    return 1;
  }
}

interface Command {
  readonly stack: string;
  readonly base: string | undefined;
  readonly failOnDataLoss: boolean;
  readonly out: string | undefined;
  readonly json: boolean;
}

function parse(argv: readonly string[]): Command | string {
  const options = {
    base: { type: "string" },
    "fail-on-data-loss": { type: "boolean", default: false },
    out: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [stack, ...more] = positionals;
    if (values.help) return usage;
    if (stack === undefined || more.length > 0) return "Name one stack.";
    const { base, out, json, "fail-on-data-loss": failOnDataLoss } = values;
    if (failOnDataLoss && base === undefined) return "--fail-on-data-loss needs --base.";
    return { stack, base, failOnDataLoss, out, json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
