/**
 * Where the boxes and arrows of a drawing are. Graphviz places them, from left to right; `svg.ts` draws them. Lengths are
 * in pixels at natural size.
 */
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { markText, type Arrow, type Box, type Drawing } from "./drawing.ts";

/** Sizes of text: the smallest is what a reader without a magnifying glass can read. */
export const titleSize = 13;
export const lineSize = 11.5;
/** Height of a line. */
export const lineHeight = 15;
/** Left of the text, for the symbol of the kind. */
export const symbolWidth = 22;

/** A box with its place: the centre, and its size. */
export interface PlacedBox extends Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An arrow with its way: a start, then control points of Bézier curves, three each; the tip is where it points. */
export interface PlacedArrow extends Arrow {
  readonly points: readonly (readonly [number, number])[];
  readonly tip: readonly [number, number];
}

/** A drawing with the places of all that is in it. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
  /** The frame: left, top, width, height. */
  readonly frame?: readonly [number, number, number, number];
}

/** What Graphviz answers, as far as it is read. */
interface Answer {
  readonly bb: string;
  readonly objects?: readonly {
    readonly name: string;
    readonly pos?: string;
    readonly width?: string;
    readonly height?: string;
    readonly bb?: string;
  }[];
  readonly edges?: readonly { readonly pos: string; readonly class: string }[];
}

const pointsPerInch = 72;

/** Places the boxes and arrows of a drawing. */
export async function layout(drawing: Drawing): Promise<Layout> {
  const graphviz = await Graphviz.load();
  const answer = JSON.parse(graphviz.layout(dot(drawing), "json", "dot")) as Answer;
  const [, , width = 0, height = 0] = answer.bb.split(",").map(Number);
  // Graphviz counts from the bottom.
  const point = (text: string): [number, number] => {
    const [x = 0, y = 0] = text.split(",").map(Number);
    return [x, height - y];
  };
  const placed = new Map((answer.objects ?? []).map((one) => [one.name, one]));
  const boxes = drawing.boxes.flatMap((box, i) => {
    const one = placed.get(`n${i}`);
    if (one?.pos === undefined) return [];
    const [x, y] = point(one.pos);
    return [{ ...box, x, y, width: Number(one.width) * pointsPerInch, height: Number(one.height) * pointsPerInch }];
  });
  const arrows = (answer.edges ?? []).flatMap((edge) => {
    const arrow = drawing.arrows[Number(edge.class)];
    const [end = "", ...way] = edge.pos.split(" ");
    return arrow === undefined ? [] : [{ ...arrow, tip: point(end.replace(/^e,/, "")), points: way.map(point) }];
  });
  const [left = 0, bottom = 0, right = 0, top = 0] = placed.get("cluster")?.bb?.split(",").map(Number) ?? [];
  return {
    ...{ width, height, boxes, arrows },
    ...(right > 0 && { frame: [left, height - top, right - left, top - bottom] as const }),
  };
}

/** The drawing in DOT, the language of Graphviz. */
function dot({ boxes, arrows, frame }: Drawing): string {
  const ids = new Map(boxes.map(({ id }, i) => [id, `n${i}`]));
  const node = (box: Box) => `${ids.get(box.id) ?? ""} [label=<${labelOf(box)}>]`;
  const [inside, outside] = [true, false].map((is) => boxes.filter((box) => (box.inside ?? false) === is).map(node));
  const cluster = ["subgraph cluster {", 'margin=16; label=" "; fontsize=14;', ...(inside ?? []), "}"];
  const lines = arrows.flatMap(({ from, to }, i) => {
    const [tail, head] = [ids.get(from), ids.get(to)];
    return tail === undefined || head === undefined ? [] : [`${tail} -> ${head} [class="${i}"]`];
  });
  const incoming = new Set(arrows.map(({ to }) => to));
  const column = (rank: "same" | "max", has: (box: Box) => boolean) => {
    const some = boxes.filter(has).map(({ id }) => ids.get(id) ?? "");
    return some.length === 0 ? [] : [`{ rank=${rank}; ${some.join("; ")} }`];
  };
  return [
    "digraph {",
    "rankdir=LR; ranksep=0.55; nodesep=0.2; pad=0;",
    `node [shape=box, fontname="Helvetica", margin="0.08,0.05", height=0.4]; edge [arrowsize=0.6];`,
    ...(frame === undefined ? (inside ?? []) : cluster),
    ...(outside ?? []),
    ...column("same", (box) => box.kind === "system"),
    ...column("max", (box) => frame !== undefined && box.kind === "outside" && incoming.has(box.id)),
    ...lines,
    "}",
  ].join("\n");
}

/** The text of a box, from which Graphviz computes how large it is. Empty at the left is the room for the symbol. */
function labelOf(box: Box): string {
  const row = (text: string, size: number, bold: boolean) =>
    `<TR><TD ALIGN="LEFT" HEIGHT="${lineHeight}"><FONT POINT-SIZE="${size}">${bold ? `<B>${escaped(text)}</B>` : escaped(text)}</FONT></TD></TR>`;
  const rows = [
    ...box.title.split("\n").map((text) => row(text, titleSize, true)),
    ...box.lines.map((text) => row(text, lineSize, false)),
    ...(box.mark === undefined ? [] : [row(markText(box.mark), lineSize, true)]),
  ];
  return `<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD WIDTH="${symbolWidth}"></TD><TD><TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0">${rows.join("")}</TABLE></TD><TD WIDTH="8"></TD></TR></TABLE>`;
}

function escaped(text: string): string {
  // Graphviz refuses an empty text.
  return text === "" ? " " : text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
