/** Escapes values of a stack for Markdown. */

/** A text that is shown literally: nothing in it is taken for markup, the end of a table cell, or a mention of a user. */
export function plain(text: string): string {
  return text.replaceAll(/[&<>|@`*[\]\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A text in the style of code, on one line. */
export function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("\n", " ")}\``;
}

/** A line for a fenced block of code, changed so that it cannot end the block. */
export function fenced(line: string): string {
  return line.replaceAll("```", "'''");
}

/** A link. The address is one of this program: a file of the project, or an escaped URN in the report. */
export function link(text: string, address: string): string {
  return `[${plain(text)}](${address.replaceAll("(", "%28").replaceAll(")", "%29")})`;
}
