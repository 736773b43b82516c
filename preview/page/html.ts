/** Builds HTML in which every value is escaped, unless it is HTML already. */

/** A piece of HTML. */
export interface Html {
  readonly text: string;
}

/** Tag of a template: escapes texts and numbers in it, and inserts HTML unchanged. */
export function html(parts: TemplateStringsArray, ...values: readonly (Html | string | number)[]): Html {
  return {
    text: String.raw(
      { raw: parts },
      ...values.map((value) => (typeof value === "object" ? value.text : escaped(value))),
    ),
  };
}

/** HTML, style or script from this program, inserted without escaping. Never use it for values of a stack. */
export function raw(text: string): Html {
  return { text };
}

export function join(parts: readonly Html[]): Html {
  return { text: parts.map(({ text }) => text).join("\n") };
}

export function list(items: readonly Html[]): Html {
  return html`<ul>
    ${join(items.map((item) => html`<li>${item}</li>`))}
  </ul>`;
}

/**
 * A table. Where the window is too narrow for it, each row is a list of its cells with their heads; where it still is, it
 * scrolls sideways.
 *
 * @param right indices of the columns that are aligned right, such as amounts
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly Html[])[],
  right: readonly number[] = [],
): Html {
  const side = (i: number) => (right.includes(i) ? html` class="amount"` : html``);
  return html`<div class="scroll" role="group" aria-label="Table: ${head.filter((cell) => cell !== "").join(", ")}">
    <table>
      <thead>
        <tr>
          ${join(head.map((cell, i) => (cell === "" ? html`<td></td>` : html`<th scope="col" ${side(i)}>${cell}</th>`)))}
        </tr>
      </thead>
      <tbody>
        ${join(
          rows.map(
            (row) =>
              html`<tr>
                ${join(row.map((cell, i) => html`<td${side(i)} data-head="${head[i] ?? ""}">${cell}</td>`))}
              </tr>`,
          ),
        )}
      </tbody>
    </table>
  </div>`;
}

function escaped(value: string | number): string {
  return String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
