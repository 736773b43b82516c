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

export function table(head: readonly string[], rows: readonly (readonly Html[])[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${join(head.map((cell) => html`<th>${cell}</th>`))}
        </tr>
      </thead>
      <tbody>
        ${join(
          rows.map(
            (row) =>
              html`<tr>
                ${join(row.map((cell) => html`<td>${cell}</td>`))}
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
