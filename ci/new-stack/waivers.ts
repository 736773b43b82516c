/** What a template may do against a rule, its copy does too: it is named beside it, where a review sees it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isSeq, parseDocument, type Document } from "yaml";

/**
 * Adds a stack to every waiver of its template in `policy/waivers.yaml`.
 *
 * @returns names of the rules
 */
export function waiveAlso(from: string, to: string, folder: string): string[] {
  const path = join(folder, "policy", "waivers.yaml");
  if (!existsSync(path)) return [];
  const document: Document = parseDocument(readFileSync(path, "utf8"));
  const waivers = isSeq(document.contents) ? document.contents.items.filter((one) => isMap(one)) : [];
  const own = waivers.filter((one) => {
    const stacks = one.get("stacks");
    return isSeq(stacks) && stacks.toJSON().includes(from);
  });
  for (const one of own) {
    const stacks = one.get("stacks");
    if (isSeq(stacks) && !stacks.toJSON().includes(to)) stacks.add(document.createNode(to));
  }
  if (own.length > 0) writeFileSync(path, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
  return own.map((one) => String(one.get("rule")));
}
