/** Text that is not ours, inside Markdown. */

/** As it is: nothing in it becomes markup, a table cell's end, or a mention of somebody. */
export function plain(text: string): string {
  return text.replaceAll(/[&<>|@`*[\]\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("\n", " ")}\``;
}

/** A line inside a fence, which it does not end. */
export function fenced(line: string): string {
  return line.replaceAll("```", "'''");
}
