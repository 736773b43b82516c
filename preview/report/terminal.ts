/** The preview as a terminal shows it. */
import { styleText } from "node:util";
import { displayName, headline, marks, shortKind, totals, tree, type TreeNode } from "./describe.ts";
import type { Rendering } from "../render/render.ts";

/** Tree, totals, and what must still be set. */
export function terminalReport(rendering: Rendering): string {
  return [
    styleText("bold", `pulumi up --stack ${rendering.stack} would create`),
    "",
    ...tree(rendering)
      .flatMap((node) => ["", ...branch(node, "", "")])
      .slice(1),
    "",
    styleText("bold", headline(rendering)),
    ...totals(rendering).map(({ provider, kind, count }) => `${String(count).padStart(5)}  ${kind} ${dim(provider)}`),
    "",
    ...rendering.notices.flatMap(({ path, text }) => [styleText("yellow", `${path} ${text}`), ""]),
    ...missing(rendering),
  ].join("\n");
}

function branch({ resource, children }: TreeNode, lead: string, childLead: string): string[] {
  const kind = shortKind(resource);
  const name = displayName(resource);
  const title = resource.custom
    ? `${styleText("green", "+")} ${kind} ${name}`
    : `${styleText("bold", name)} ${dim(kind)}`;
  const notes = marks(resource).map((mark) => (mark === "protected" ? styleText("yellow", mark) : dim(mark)));
  return [
    `${dim(lead)}${title}${notes.length > 0 ? `  ${notes.join(dim(", "))}` : ""}`,
    ...children.flatMap((child, i) => {
      const last = i === children.length - 1;
      return branch(child, `${childLead}${last ? "└─ " : "├─ "}`, `${childLead}${last ? "   " : "│  "}`);
    }),
  ];
}

function missing({ missing: secrets, stack }: Rendering): string[] {
  if (secrets.length === 0) return [styleText("green", "Every secret is set.")];
  return [
    styleText("yellow", `Still to be set before \`npm run up -- ${stack}\` (here a placeholder took their place):`),
    ...secrets.map(({ fix }) => `  ${fix}`),
  ];
}

function dim(text: string): string {
  return styleText("dim", text);
}
