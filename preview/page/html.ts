/** HTML that escapes what it is given; only what `raw` says is taken as it is. */
export interface Html {
  readonly text: string;
}

export function html(parts: TemplateStringsArray, ...values: readonly (Html | string | number)[]): Html {
  return {
    text: String.raw(
      { raw: parts },
      ...values.map((value) => (typeof value === "object" ? value.text : escaped(value))),
    ),
  };
}

/** Markup, style or script of one's own. */
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
