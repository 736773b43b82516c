/** The path that a regular expression of a route hides, for people. Pure. */

/** `/metrics` for `(?i)/+metrics(/.*)?` of an HTTPRoute and `/+metrics(/|$)` of an Ingress; other expressions as they are. */
export function plainPath(expression: string): string {
  return expression
    .replace(/^\(\?i\)/, "")
    .replace(/\(\/\.\*\)\?$|\(\/\|\$\)$/, "")
    .replaceAll("/+", "/")
    .replaceAll(/\\(.)/g, "$1");
}
