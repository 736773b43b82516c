/** A small picture of a change in Mermaid, which GitHub draws in a comment. Pure. */
import { picture, type PictureNode } from "../picture/picture.ts";
import type { Resource } from "../../graph/resource.ts";
import type { Change } from "../review/change.ts";

/** Most nodes in a drawing. A larger one would be illegible in a comment; the page has it. */
const mostDrawn = 14;

/** The changed nodes and their neighbours; empty if nothing that is drawn changes, or too much for a comment. */
export function mermaid(resources: readonly Resource[], changes: readonly Change[]): string[] {
  const { nodes, edges } = picture(resources);
  const touched = new Set(changes.flatMap(({ resource }) => [resource.urn, resource.parent ?? ""]));
  const near = new Set(
    edges.filter(({ from, to }) => touched.has(from) || touched.has(to)).flatMap(({ from, to }) => [from, to]),
  );
  const drawn = nodes.filter(({ id }) => near.has(id));
  if (drawn.length === 0 || drawn.length > mostDrawn) return [];
  const ids = new Map(drawn.map(({ id }, i) => [id, `n${i}`]));
  const box = ({ id, title, kind }: PictureNode) => {
    const text = JSON.stringify(title.replaceAll(/["\\<>\n]/g, " "));
    const [open, close] = kind === "database" || kind === "stateful" || kind === "bucket" ? ["[(", ")]"] : ["[", "]"];
    return `  ${ids.get(id) ?? ""}${open}${text}${close}${touched.has(id) ? ":::changed" : ""}`;
  };
  const arrows = edges
    .filter(({ from, to }) => ids.has(from) && ids.has(to) && (touched.has(from) || touched.has(to)))
    .map(
      ({ from, to, label }) => `  ${ids.get(from) ?? ""} -->${label === "" ? "" : `|${label}|`} ${ids.get(to) ?? ""}`,
    );
  return [
    ...["```mermaid", "flowchart LR", ...drawn.map(box), ...arrows],
    ...["  classDef changed stroke:#d9822b,stroke-width:3px", "```"],
  ];
}
