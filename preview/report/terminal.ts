/** The resources of a stack as text for a terminal. */
import { connectionText, kindOf, nameOf } from "../../graph/resource.ts";
import { styleText } from "node:util";
import { headline, marks, totals, tree, type TreeNode } from "./tree.ts";
import type { Rendering } from "../../graph/render/render.ts";

/** The tree of components and resources, and their numbers by kind. */
export function terminalTree(rendering: Rendering): string {
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
  ].join("\n");
}

function branch({ resource, children }: TreeNode, lead: string, childLead: string): string[] {
  const kind = kindOf(resource);
  const name = nameOf(resource);
  const title = resource.custom
    ? `${styleText("green", "+")} ${kind} ${name}`
    : `${styleText("bold", name)} ${dim(kind)}`;
  const connections = resource.connectsTo.map(connectionText).join(", ");
  const transformed = (resource.inputs["transformed"] ?? []) as readonly string[];
  const notes = [
    ...marks(resource).map((mark) => (mark === "protected" ? styleText("yellow", mark) : dim(mark))),
    ...(connections === "" ? [] : [dim(`→ ${connections}`)]),
    // Whoever wrote a transform takes over the component's promises.
    ...(transformed.length === 0 ? [] : [styleText("yellow", `${transformed.join(", ")} transformed`)]),
  ];
  return [
    `${dim(lead)}${title}${notes.length > 0 ? `  ${notes.join(dim(", "))}` : ""}`,
    ...children.flatMap((child, i) => {
      const last = i === children.length - 1;
      return branch(child, `${childLead}${last ? "└─ " : "├─ "}`, `${childLead}${last ? "   " : "│  "}`);
    }),
  ];
}

/** Remarks on the settings, and the secrets that must still be set. */
export function terminalSecrets({ notices, missing, stack }: Rendering): string {
  const remarks = noticeLines(notices);
  if (missing.length === 0) return [...remarks, styleText("green", "Every secret is set.")].join("\n");
  return [
    ...remarks,
    styleText("yellow", `Still to be set before \`npm run up -- ${stack}\` (here a placeholder took their place):`),
    ...missing.map(({ fix }) => `  ${fix}`),
  ].join("\n");
}

/** Remarks grouped by system, wrapped to the width of a terminal. */
function noticeLines(notices: Rendering["notices"]): string[] {
  if (notices.length === 0) return [];
  const bySystem = Map.groupBy(notices, ({ path }) => path.split(".")[0] ?? "");
  const systems = [...bySystem].flatMap(([key, of]) => [
    `  ${key}`,
    ...of.flatMap(({ path, text }) => wrapped(`${path.slice(key.length + 1)} ${text}`)),
  ]);
  return [styleText("yellow", "Worth knowing"), ...systems, ""];
}

const lineLength = 110;

function wrapped(text: string): string[] {
  const lines = text.split(" ").reduce<string[]>((done, word) => {
    const last = done.at(-1);
    if (last === undefined || last.length + word.length >= lineLength) return [...done, word];
    return [...done.slice(0, -1), `${last} ${word}`];
  }, []);
  return lines.map((line, i) => `${i === 0 ? "    · " : "      "}${line}`);
}

function dim(text: string): string {
  return styleText("dim", text);
}
