/** The resources of a stack as text for a terminal. */
import { styleText } from "node:util";
import { connectionText, kindOf, nameOf } from "../../../graph/resource.ts";
import type { Review } from "../../review/review.ts";
import { headline, marks, totals, tree, type TreeNode } from "../tree.ts";

/**
 * The tree of components and resources, and their numbers by kind.
 *
 * @param depth levels of the tree that are shown; of what is below, only how much it is @default - all
 */
export function terminalTree(review: Pick<Review, "stack" | "resources">, depth = Infinity): string {
  return [
    styleText("bold", `pulumi up --stack ${review.stack} would create`),
    "",
    ...tree(review.resources)
      .flatMap((node) => ["", ...branch(node, depth, "", "")])
      .slice(1),
    "",
    styleText("bold", headline(review.resources)),
    ...totals(review.resources).map(
      ({ provider, kind, count }) => `${String(count).padStart(5)}  ${kind} ${dim(provider)}`,
    ),
    "",
  ].join("\n");
}

function branch({ resource, children }: TreeNode, depth: number, lead: string, childLead: string): string[] {
  const kind = kindOf(resource);
  const name = nameOf(resource);
  const title = resource.custom
    ? `${styleText("green", "+")} ${kind} ${name}`
    : `${styleText("bold", name)} ${dim(kind)}`;
  const connections = resource.connectsTo.map(connectionText).join(", ");
  const transformed = (resource.inputs["transformed"] ?? []) as readonly string[];
  const folded = depth <= 1 ? children.reduce((sum, child) => sum + made(child), 0) : 0;
  const notes = [
    ...(folded === 0 ? [] : [dim(`${folded} ${folded === 1 ? "resource" : "resources"} below`)]),
    ...marks(resource).map((mark) => (mark === "protected" ? styleText("yellow", mark) : dim(mark))),
    ...(connections === "" ? [] : [dim(`→ ${connections}`)]),
    // Whoever wrote a transform takes over the component's promises.
    ...(transformed.length === 0 ? [] : [styleText("yellow", `${transformed.join(", ")} transformed`)]),
  ];
  return [
    `${dim(lead)}${title}${notes.length > 0 ? `  ${notes.join(dim(", "))}` : ""}`,
    ...(depth <= 1 ? [] : children).flatMap((child, i) => {
      const last = i === children.length - 1;
      return branch(child, depth - 1, `${childLead}${last ? "└─ " : "├─ "}`, `${childLead}${last ? "   " : "│  "}`);
    }),
  ];
}

/** Number of resources in a branch, without components. */
function made({ resource, children }: TreeNode): number {
  return children.reduce((sum, child) => sum + made(child), resource.custom ? 1 : 0);
}

function dim(text: string): string {
  return styleText("dim", text);
}
