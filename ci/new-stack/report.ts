/** What was chosen for a new stack, and how it is brought up, as text. */
import { styleText } from "node:util";
import { lastLine } from "../../commands/failures.ts";
import { project } from "../../settings/reading/keys.ts";
import { shown } from "../../settings/reading/error.ts";
import type { NewStack } from "./new-stack.ts";

/** The report that the command prints. */
export function report(made: NewStack): string {
  const { stack, from, file, choices, outside, missing, secretsLeftOut, waived } = made;
  const settings = missing.filter(
    ({ path }) => !path.startsWith(`${project}:secrets.`) && !path.startsWith("digitalocean:"),
  );
  const secrets = missing.filter((one) => !settings.includes(one));
  return [
    `${file} is as Pulumi.${from}.yaml, but for`,
    ...choices.map(({ path, before, after, why }) => `  ${short(path)}: ${word(before)} → ${word(after)}\n    ${why}`),
    ...section(
      `Still shared with ${from}, or needed first (${outside.length})`,
      outside.map(({ path, value, what }) => `  ! ${short(path)} (${value}): ${what}`),
    ),
    ...section(
      `Waived as for ${from}, in policy/waivers.yaml`,
      waived.map((rule) => `  ${rule}`),
    ),
    ...section(
      `Not copied, as only ${from}'s key opens it (${secretsLeftOut.length})`,
      secretsLeftOut.map((path) => `  ${path}`),
    ),
    ...section(
      `To be done before an update (${settings.length})`,
      settings.map(({ path, fix }) => `  ${short(path)}: ${fix}`),
    ),
    ...section(
      `Secrets to be set once the stack is there (${secrets.length})`,
      secrets.map(({ fix }) => `  ${fix}`),
    ),
    "",
    styleText("bold", "To bring it up"),
    ...commands(made).map((line) => `  ${line}`),
    "",
    lastLine(0, `${file} is written; npm run preview -- ${stack} shows what it would create`),
  ].join("\n");
}

/** The commands that bring a new stack up, in their order. */
function commands({ stack, secretsProvider }: Pick<NewStack, "stack" | "secretsProvider">): string[] {
  const provider = secretsProvider === undefined ? "" : ` --secrets-provider '${secretsProvider}'`;
  return [`npx pulumi stack init ${stack}${provider}`, `npm run preflight -- ${stack}`, `npm run up -- ${stack}`];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", styleText("bold", title), ...lines];
}

function short(path: string): string {
  return path.replace(new RegExp(`^${project}:`), "");
}

function word(value: unknown): string {
  if (value === undefined) return "left out";
  return typeof value === "string" ? value : shown(value);
}
