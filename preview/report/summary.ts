/** The preview as a comment on a pull request: what matters in ten seconds, details folded. */
import { displayName, headline, shortKind, totals } from "./describe.ts";
import type { Rendering } from "../render/render.ts";

export function summary(rendering: Rendering): string {
  const protectedOnes = rendering.resources.filter((resource) => resource.protect);
  return [
    `### \`${rendering.stack}\`: ${headline(rendering)}`,
    "",
    ...(rendering.missing.length === 0
      ? ["Every secret is set."]
      : [
          `**${rendering.missing.length} to be set before an update:**`,
          "",
          ...rendering.missing.map(({ path, fix }) => `- \`${path}\`: \`${fix}\``),
        ]),
    "",
    ...rendering.notices.map(({ path, text }) => `> \`${path}\` ${text}\n`),
    ...folded("Kinds", [
      "| kind | provider | count |",
      "|---|---|---:|",
      ...totals(rendering).map(({ kind, provider, count }) => `| ${kind} | ${provider} | ${count} |`),
    ]),
    ...folded(
      `Protected (${protectedOnes.length})`,
      protectedOnes.map((resource) => `- ${shortKind(resource)} \`${displayName(resource)}\``),
    ),
    "",
  ].join("\n");
}

function folded(title: string, lines: readonly string[]): string[] {
  return [`<details><summary>${title}</summary>`, "", ...lines, "", "</details>"];
}
