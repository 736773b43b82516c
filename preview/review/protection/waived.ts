/** Rules that a waiver now lets resources break, which none did before. Pure. */
import type { Finding } from "../../../policy/evaluate.ts";
import type { Loss } from "./loss.ts";

/**
 * New waivers, and those that cover more.
 *
 * @param before findings of today's rules at the base, with the waivers of the base
 */
export function waiverLosses(before: readonly Finding[], after: readonly Finding[]): Loss[] {
  const key = ({ rule, resource }: Finding) => `${rule} ${resource}`;
  const had = new Set(before.filter(({ waived }) => waived !== undefined).map(key));
  const now = after.filter((finding) => finding.waived !== undefined && !had.has(key(finding)));
  const once = [...new Map(now.map((finding) => [key(finding), finding])).values()];
  return once.map(({ urn, resource, rule, message, waived = "" }) => ({
    ...{ level: "look", urn, resource, page: `docs/reference/policies.md#${rule}` },
    ...{ text: `is newly allowed to break ${rule}`, meaning: `${message}; the waiver says: ${waived}` },
    ...{ was: "the rule stopped an update", is: "a waiver lets it pass" },
  }));
}
