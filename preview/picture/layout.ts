/** Draws a picture as SVG with Graphviz. Nodes and edges have CSS classes; the page's style gives them colours. */
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import type { Picture, PictureNode } from "./picture.ts";

const shapes: Readonly<Record<PictureNode["kind"], string>> = {
  workload: "box",
  stateful: "cylinder",
  task: "box",
  database: "cylinder",
  bucket: "folder",
  route: "box",
  entrance: "hexagon",
  outside: "ellipse",
};

/**
 * The picture as an SVG element.
 *
 * @param classes further CSS classes of a node, such as `is-update`
 * @param link address that a node links to; undefined for none
 */
export async function drawing(
  picture: Picture,
  classes: (node: PictureNode) => readonly string[],
  link: (node: PictureNode) => string | undefined,
): Promise<string> {
  const graphviz = await Graphviz.load();
  const svg = graphviz.layout(dot(picture, classes, link), "svg", "dot");
  // Without the XML prologue, which must not be inside an HTML page.
  return svg.slice(svg.indexOf("<svg"));
}

/** The picture in DOT, the language of Graphviz. */
function dot(
  { nodes, edges }: Picture,
  classes: (node: PictureNode) => readonly string[],
  link: (node: PictureNode) => string | undefined,
): string {
  const ids = new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
  const node = (one: PictureNode) =>
    `${ids.get(one.id) ?? ""} [${attributes({
      shape: shapes[one.kind],
      label: one.note === "" ? one.title : `${one.title}\n${one.note}`,
      style: one.kind === "route" ? "rounded" : undefined,
      class: [one.kind, ...(one.holdsData ? ["data"] : []), ...classes(one)].join(" "),
      tooltip: one.title,
      URL: link(one),
    })}]`;
  const groups = [...Map.groupBy(nodes, ({ system }) => system)].map(([system, own], i) =>
    system === undefined
      ? own.map(node)
      : [`subgraph cluster_${i} {`, attributes({ label: system, class: "system" }, ";"), ...own.map(node), "}"],
  );
  const lines = edges.map(
    ({ from, to, label, isPublic }) =>
      `${ids.get(from) ?? ""} -> ${ids.get(to) ?? ""} [${attributes({ label, class: isPublic ? "public" : "private" })}]`,
  );
  return [
    "digraph {",
    'rankdir=LR; bgcolor="transparent"; ranksep=1.1; nodesep=0.18;',
    'fontname="Helvetica"; node [fontname="Helvetica", fontsize=11, height=0.3, margin="0.14,0.06"]; edge [fontname="Helvetica", fontsize=9, arrowsize=0.6];',
    ...groups.flat(),
    ...lines,
    "}",
  ].join("\n");
}

function attributes(values: Readonly<Record<string, string | undefined>>, between = ", "): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(between);
}
