/** Writes the file of a new stack from that of another one. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Explained } from "../../commands/explained.ts";
import { UsageError } from "../../commands/failures.ts";
import { stackNames } from "../../commands/stacks.ts";
import { configOf } from "../../graph/render/configuration.ts";
import { render } from "../../graph/render/render.ts";
import { collisions, type Collision } from "../../preview/review/account.ts";
import type { Missing } from "../../settings/index.ts";
import { readStackFile, stackFileFrom } from "../../settings/reading/stack-file.ts";
import { parseSettings } from "../../systems/settings.ts";
import type { Known } from "./draft.ts";
import { nodePortsOf } from "./one-cluster.ts";
import { plan, type Plan } from "./plan.ts";
import { waiveAlso } from "./waivers.ts";

/** A new stack as its file is to be. */
export interface Drafted extends Plan {
  readonly stack: string;
  readonly from: string;
  /** Path of its file. */
  readonly file: string;
  /** What must be set before its first update. */
  readonly missing: readonly Missing[];
}

/** A new stack whose file has been written. */
export interface NewStack extends Drafted {
  /** Rules that are waived for it as for its template. */
  readonly waived: readonly string[];
}

/** A new stack would be refused, or stand in the way of another one. */
class NewStackError extends Explained {}

/** In hosts it is a label, in names a part; Pulumi would take more. */
const possible = /^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/;

interface Options {
  /** Of which DigitalOcean account the stack is, `platform.account`. @default - the template's */
  readonly account?: string;
  /** Has the stack files. @default - the working directory */
  readonly folder?: string;
}

/**
 * Writes `Pulumi.<stack>.yaml` from another stack's file, so that nothing of the two, or of any other stack, collides.
 *
 * @throws {UsageError} if the name cannot be one, or the stack has a file
 * @throws {SettingsError} if a stack file that is there is wrong
 * @throws {NewStackError} if what it would be collides with what is there
 */
export async function newStack(stack: string, from: string, options: Options = {}): Promise<NewStack> {
  const { folder = "." } = options;
  const drafted = draftStack(stack, from, options);
  await refuseCollisions(stack, drafted.text, folder);
  writeFileSync(drafted.file, drafted.text);
  return { ...drafted, waived: waiveAlso(from, stack, folder) };
}

/** The new stack before anything is compared or written; throws as `newStack` does. */
export function draftStack(stack: string, from: string, { account, folder = "." }: Options = {}): Drafted {
  if (!possible.test(stack))
    throw new UsageError(
      `${stack} cannot be the name of a stack here: use at most 30 lower-case letters, digits and dashes, beginning with a letter`,
    );
  const file = join(folder, `Pulumi.${stack}.yaml`);
  if (existsSync(file) || stackNames(folder).includes(stack))
    throw new UsageError(`${file} is there already: use another name, or remove it where that stack is gone`);
  const others = stackNames(folder).map((name) => known(name, folder));
  const template = others.find((one) => one.stack === from);
  if (template === undefined) throw new UsageError(`there is no stack ${from} to copy`);
  const text = readFileSync(join(folder, `Pulumi.${from}.yaml`), "utf8");
  const planned = plan({ from, to: stack }, text, template, others, account);
  const written = stackFileFrom(stack, planned.text);
  const { missing } = parseSettings(stack, configOf(written.config), written);
  return { ...planned, stack, from, file, missing };
}

function known(stack: string, folder: string): Known {
  const file = readStackFile(stack, folder);
  const { platform, facts } = parseSettings(stack, configOf(file.config), file);
  return { stack, platform, facts, nodePorts: nodePortsOf(file.config) };
}

/** Renders all stacks with the new one, as `npm run preview -- --all` does, before its file is there. */
async function refuseCollisions(stack: string, text: string, folder: string): Promise<void> {
  const draft = mkdtempSync(join(tmpdir(), "doks-stack-"));
  try {
    writeFileSync(join(draft, `Pulumi.${stack}.yaml`), text);
    const rendered = [{ stack, resources: (await render(stack, {}, draft)).resources }];
    for (const name of stackNames(folder))
      rendered.push({ stack: name, resources: (await render(name, {}, folder)).resources });
    const found = collisions(rendered).filter(({ uses }) => uses.some((use) => use.startsWith(`${stack}: `)));
    if (found.length > 0) throw new NewStackError(explained(stack, found));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function explained(stack: string, found: readonly Collision[]): string {
  const lines = found.map(({ what, value, uses }) => `  ${what} ${value}: ${uses[0]}, and ${uses[1]}`);
  return [`${stack} would collide, so its file was not written:`, ...lines, "Use another name."].join("\n");
}
