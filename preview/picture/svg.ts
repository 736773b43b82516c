/**
 * A drawing as SVG, at natural size. It has no colours: boxes and arrows have classes, and the page's style gives them some.
 */
import { html, join, type Html } from "../page/html.ts";
import { markText, signs, type Box, type Drawing } from "./drawing.ts";
import { layout, lineHeight, lineSize, symbolWidth, titleSize, type PlacedArrow, type PlacedBox } from "./layout.ts";

/** Around the drawing, so that marks above boxes and the ring of what has the focus are not cut off. */
const padding = 14;

/** The drawing as an SVG element. */
export async function svg(drawing: Drawing): Promise<Html> {
  const { width, height, boxes, arrows, frame } = await layout(drawing);
  const [w, h] = [Math.ceil(width) + 2 * padding, Math.ceil(height) + 2 * padding];
  const [left, top, across, down] = frame ?? [];
  const title = `Drawing: ${drawing.title}`;
  return html`<svg
    role="group"
    aria-label="${title}"
    width="${w}"
    height="${h}"
    viewBox="${-padding} ${-padding} ${w} ${h}"
    xmlns="http://www.w3.org/2000/svg"
  >
    ${
      left === undefined
        ? ""
        : html`<g class="frame">
            <rect x="${number(left)}" y="${number(top)}" width="${number(across)}" height="${number(down)}" rx="10" />
            <text x="${number(left + 12)}" y="${number((top ?? 0) + 19)}" font-size="${titleSize}"
              >${drawing.frame ?? ""}</text
            >
          </g>`
    }${join(arrows.map((arrow) => arrowSvg(arrow, boxes)))}${join(boxes.map(boxSvg))}
  </svg>`;
}

function arrowSvg({ points, tip, isPublic, mark, from, to }: PlacedArrow, boxes: readonly PlacedBox[]): Html {
  const [start, ...rest] = points;
  const last = points.at(-1) ?? tip;
  if (start === undefined) return html``;
  const pair = ([x, y]: readonly [number, number]) => `${number(x)} ${number(y)}`;
  const [dx, dy] = [tip[0] - last[0], tip[1] - last[1]];
  const wing = (side: number) => pair([last[0] - dy * 0.45 * side, last[1] + dx * 0.45 * side]);
  const [x, y] = points[Math.floor(points.length / 2)] ?? last;
  const index = (id: string) => boxes.findIndex((box) => box.id === id);
  return html`<g
    class="arrow${isPublic ? " public" : ""}${mark === undefined ? "" : ` is-${mark}`}"
    data-ends="${index(from)} ${index(to)}"
    ><path d="M${pair(start)}C${rest.map(pair).join(" ")}" /><polygon
      points="${pair(tip)} ${wing(1)} ${wing(-1)}"
    />${mark === undefined ? "" : html`<text x="${number(x)}" y="${number(y + 4)}" font-size="14">${signs[mark].sign}</text>`}</g
  >`;
}

function boxSvg(box: PlacedBox, index: number): Html {
  const { kind, holdsData, mark, href, x, y, width, height, title, lines } = box;
  const [left, top] = [x - width / 2, y - height / 2];
  const titles = title.split("\n");
  const rows = titles.length + lines.length + (mark === undefined ? 0 : 1);
  const first = y - (rows * lineHeight) / 2 + 11.5;
  const text = left + 6 + symbolWidth;
  const classes = ["box", kind, ...(holdsData ? ["data"] : []), ...(mark === undefined ? [] : [`is-${mark}`])];
  const body = html`<rect
      x="${number(left)}"
      y="${number(top)}"
      width="${number(width)}"
      height="${number(height)}"
      rx="${kind === "outside" ? number(Math.min(height / 2, 22)) : "6"}"
    /><use
      href="#symbol-${symbolOf(box)}"
      x="${number(left + 7)}"
      y="${number(first - 12)}"
      width="16"
      height="16"
    />${join([
      ...titles.map(
        (line, i) =>
          html`<text class="title" x="${number(text)}" y="${number(first + i * lineHeight)}" font-size="${titleSize}"
            >${line}</text
          >`,
      ),
      ...lines.map(
        (line, i) =>
          html`<text x="${number(text)}" y="${number(first + (titles.length + i) * lineHeight)}" font-size="${lineSize}"
            >${line}</text
          >`,
      ),
      ...(mark === undefined
        ? []
        : [
            html`<text
              class="mark"
              x="${number(text)}"
              y="${number(first + (titles.length + lines.length) * lineHeight)}"
              font-size="${lineSize}"
              >${markText(mark)}</text
            >`,
          ]),
    ])}`;
  const group = html`<g class="${classes.join(" ")}" data-box="${index}">${body}</g>`;
  return href === undefined ? group : html`<a href="${href}" aria-label="${nameOf(box)}">${group}</a>`;
}

/** Name of the symbol of a box; the page has them: `symbols.svg`. */
function symbolOf({ id, kind, holdsData }: Box): string {
  if (id === "internet") return "internet";
  return kind === "stateful" && !holdsData ? "workload" : kind;
}

/** What a screen reader says of a box: what stands in it, and what its symbol means. */
function nameOf({ title, lines, holdsData, mark }: Box): string {
  const texts = [...title.split("\n"), ...lines, ...(mark === undefined ? [] : [markText(mark)])];
  return `${texts.join(" ")}${holdsData ? ", holds data" : ""}`;
}

function number(value = 0): string {
  return String(Math.round(value * 10) / 10);
}
