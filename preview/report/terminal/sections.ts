/** Dangers and sections of a review as text for a terminal. */
import { stripVTControlCharacters, styleText } from "node:util";
import type { Danger } from "../../review/danger.ts";
import type { Cell, Item, Section, Table, Tone } from "../section.ts";
import { dangerAdvice, dangerText } from "../words.ts";

const lineLength = 110;
/** Widest table: the longest cells of a wider one are cut, so that its rows fit in a wide terminal. */
const tableWidth = 165;
/** Width below which no column is cut. */
const leastWidth = 14;
const signs: Readonly<Record<Tone, string>> = { bad: "✗", warn: "!", good: "✓", faint: "·", plain: "·" };

/** What must be seen first; empty if there is no danger. */
export function dangerLines(dangers: readonly Danger[]): string[] {
  if (dangers.length === 0) return [];
  const lines = dangers.flatMap((danger) => {
    const tone = danger.level === "stop" ? "bad" : "warn";
    const advice = dangerAdvice(danger);
    return [
      ...wrapped(`${danger.resource} ${dangerText(danger)}`, `  ${colored(signs[tone], tone)} `, "    "),
      ...(advice === undefined ? [] : wrapped(advice, "    → ", "      ")),
    ];
  });
  return [styleText("bold", "Look at this first"), ...lines, ""];
}

/**
 * Sections, one after the other.
 *
 * @param brief leaves out what is only there to be complete, such as what is as before a change
 */
export function sectionLines(sections: readonly Section[], brief: boolean): string[] {
  return sections.flatMap((section) => [...lines(section, brief), ""]);
}

function lines({ title, verdict, note, items, table, folded = false }: Section, brief: boolean): string[] {
  const shown = brief ? items.filter(({ tone }) => tone !== "faint") : items;
  const isExplained = note !== undefined && !(folded && shown.length === 0);
  return [
    ...headLines(`${styleText("bold", title)} ${colored(verdict.text, verdict.tone)}`, isExplained ? note : undefined),
    ...(table === undefined || folded ? [] : tableLines(table)),
    ...shown.flatMap(itemLines),
  ];
}

/** Title and verdict, with the note behind them, or below them where it is too long. */
function headLines(head: string, note: string | undefined): string[] {
  if (note === undefined) return [head];
  const width = stripVTControlCharacters(head).length + note.length + 2;
  return width <= lineLength ? [`${head}  ${dim(note)}`] : [head, ...wrapped(note, "    ", "    ").map(dim)];
}

function itemLines({ tone, what, resource, text, fix, page }: Item): string[] {
  const parts = [what, resource?.label].filter((part) => part !== undefined);
  const subject = parts.length === 0 ? "" : `${parts.join(": ")} `;
  const sign = `    ${colored(signs[tone], tone)} `;
  const more = [fix, tone === "bad" || tone === "warn" ? page : undefined].filter((part) => part !== undefined);
  return wrapped(`${subject}${text}${more.length === 0 ? "" : `: ${more.join("; ")}`}`, sign, "      ").map((line) =>
    tone === "faint" ? dim(line) : line,
  );
}

/** Rows with cells padded to the width of their column, and the heads above them. */
export function tableLines({ head, rows, right = [] }: Table): string[] {
  const cells = [head.map((text): Cell => ({ text, tone: "faint" })), ...rows.map((row) => row.map(cell))];
  const widths = fitting(head.map((_, i) => Math.max(...cells.map((row) => row[i]?.text.length ?? 0))));
  return cells.map((row) => {
    const padded = row.map((one, i) => {
      const width = widths[i] ?? 0;
      const shown = one.text.length <= width ? one.text : `${one.text.slice(0, width - 1)}…`;
      const space = " ".repeat(width - shown.length);
      const text = colored(shown, one.tone ?? "plain");
      return right.includes(i) ? space + text : text + space;
    });
    return `    ${padded.join("  ")}`.trimEnd();
  });
}

/** Widths of columns that make a table fit: the widest is narrowed first, and the first one last, because it says what a row is about. */
function fitting(widths: readonly number[]): number[] {
  const sum = widths.reduce((all, width) => all + width + 2, 4);
  const others = Math.max(...widths.slice(1));
  const most = others > leastWidth ? others : (widths[0] ?? 0);
  if (sum <= tableWidth || most <= leastWidth) return [...widths];
  const at = others > leastWidth ? widths.indexOf(others, 1) : 0;
  return fitting(widths.with(at, most - 1));
}

function cell(one: string | Cell): Cell {
  return typeof one === "string" ? { text: one } : one;
}

/** A text in lines that fit in a terminal. */
function wrapped(text: string, first: string, rest: string): string[] {
  const width = stripVTControlCharacters(first).length;
  const lines = text.split(" ").reduce<string[]>((done, word) => {
    const last = done.at(-1);
    if (last === undefined || width + last.length + word.length >= lineLength) return [...done, word];
    return [...done.slice(0, -1), `${last} ${word}`];
  }, []);
  return lines.map((line, i) => `${i === 0 ? first : rest}${line}`);
}

function colored(text: string, tone: Tone): string {
  const colors = { good: "green", warn: "yellow", bad: "red", faint: "dim" } as const;
  return tone === "plain" ? text : styleText(colors[tone], text);
}

function dim(text: string): string {
  return styleText("dim", text);
}
