import { parseArgs } from "node:util";
import { readWaivers, WaiverError } from "../policy/waivers.ts";
import { compareStacks } from "./all.ts";
import { QuantityError } from "../catalogue/quantity.ts";
import { SettingsError } from "../settings/reading/error.ts";
import { BaseError } from "../graph/render/revision.ts";
import { render } from "../graph/render/render.ts";
import { baseOf, origin } from "./base.ts";
import { differenceReport } from "./report/terminal/difference.ts";
import { dangerLines, sectionLines } from "./report/terminal/sections.ts";
import { terminalTree } from "./report/terminal/tree.ts";
import { FolderError, writePreview } from "./report/files.ts";
import type { Danger } from "./review/danger.ts";
import { review, type Review } from "./review/review.ts";

const usage = `npm run preview -- <stack> [--base REF] [--fail-on-data-loss] [--fail-on-policy] [--out DIR] [--json]
npm run preview -- --all

Shows what pulumi up would create, without engine, account, cluster or secret.

  <stack>               prod, staging, local: any stack that has a Pulumi.<stack>.yaml
  --all                 checks every stack file, and that one account can hold them all; ends with 1 when not
  --base REF            shows what changes against a commit instead, such as main
  --fail-on-data-loss   ends with 3 when what holds data would be deleted or replaced
  --fail-on-policy      ends with 4 when a mandatory rule is broken without a waiver
  --out DIR             also write resources.json, manifests/, summary.md and report.html there
  --json                print the resources, or with --base the changes, as JSON instead (secrets masked)`;

/**
 * Runs `npm run preview`.
 *
 * @returns exit code, as `usage` describes it
 */
export async function main(argv: readonly string[]): Promise<number> {
  const command = parse(argv);
  if (typeof command === "string" && command !== "all") {
    console.error(command === usage ? usage : `${command}\n\n${usage}`);
    return command === usage ? 0 : 2;
  }
  if (command === "all") return compareStacks();
  try {
    const { stack, base: reference } = command;
    const [rendering, base] = await Promise.all([
      render(stack),
      reference === undefined ? undefined : baseOf(stack, reference),
    ]);
    const reviewed = review(rendering, readWaivers(), base, origin());
    print(reviewed, command.json);
    if (command.out !== undefined) {
      const files = await writePreview(reviewed, command.out);
      console.error(`\n${files.length} files in ${command.out}: begin with ${command.out}/report.html`);
    }
    const endangered = (kind: Danger["kind"]) => reviewed.dangers.some((danger) => danger.kind === kind);
    if (command.failOnDataLoss && endangered("data")) return 3;
    return command.failOnPolicy && endangered("policy") ? 4 : 0;
  } catch (error) {
    const expected = [SettingsError, FolderError, BaseError, QuantityError, WaiverError];
    if (!(error instanceof Error) || !expected.some((kind) => error instanceof kind)) throw error;
    console.error(error.message);
    return 1;
  }
}

function print(reviewed: Review, json: boolean): void {
  const { stack, resources, change, dangers } = reviewed;
  if (json) {
    console.log(JSON.stringify(change?.changes ?? resources, null, 2));
    return;
  }
  if (change === undefined) console.log([terminalTree(reviewed), ...dangerLines(dangers)].join("\n"));
  else console.log(differenceReport(stack, change.base.reference, change.changes, dangers));
  console.log(sectionLines(reviewed).join("\n"));
}

interface Command {
  readonly stack: string;
  readonly base: string | undefined;
  readonly failOnDataLoss: boolean;
  readonly failOnPolicy: boolean;
  readonly out: string | undefined;
  readonly json: boolean;
}

function parse(argv: readonly string[]): Command | string {
  const options = {
    base: { type: "string" },
    "fail-on-data-loss": { type: "boolean", default: false },
    "fail-on-policy": { type: "boolean", default: false },
    out: { type: "string" },
    json: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [stack, ...more] = positionals;
    if (values.help) return usage;
    if (values.all) return argv.length === 1 ? "all" : "--all takes no stack and no other option.";
    if (stack === undefined || more.length > 0) return "Name one stack.";
    const { base, out, json, "fail-on-data-loss": failOnDataLoss, "fail-on-policy": failOnPolicy } = values;
    if (failOnDataLoss && base === undefined) return "--fail-on-data-loss needs --base.";
    return { stack, base, failOnDataLoss, failOnPolicy, out, json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
