/** What an HTTPRoute does with a path. */
import type { Loose } from "../stack.ts";

/** Whether a path is answered by the proxy itself, whatever else the route says of it. */
export function hides(route: Loose, path: string): boolean {
  return route.spec.rules.some(
    ({ matches = [], backendRefs, filters = [] }: Loose) =>
      backendRefs === undefined &&
      filters.some(({ type }: Loose) => type === "ExtensionRef") &&
      matches.some((match: Loose) => match.path.type === "RegularExpression" && fits(match.path.value, path)),
  );
}

/** Envoy compares a regular expression (RE2) with the whole path. */
function fits(expression: string, path: string): boolean {
  const plain = expression.replace(/^\(\?i\)/, "");
  return new RegExp(`^(?:${plain})$`, plain === expression ? "" : "i").test(path);
}
