/** The section on policy: rules that are broken, and what is waived. Pure. */
import { isBroken, type Finding } from "../../../policy/evaluate.ts";
import { rules } from "../../../policy/rules/index.ts";
import type { Review } from "../../review/review.ts";
import type { Item, Section, Tone } from "../section.ts";
import { count } from "../words.ts";

export function policySection({ policy }: Review): Section {
  const open = policy.findings.filter(({ waived }) => waived === undefined);
  const broken = open.filter(isBroken).length;
  const parts = [
    ...(broken > 0 ? [`${count(broken, "mandatory rule")} broken`] : [`all ${rules.length} rules hold`]),
    ...(open.length > broken ? [count(open.length - broken, "remark")] : []),
  ];
  const tone: Tone = broken > 0 ? "bad" : open.length > 0 ? "warn" : "good";
  const unused = policy.unused.map(({ rule, resource }): Item => {
    return { tone: "warn", what: rule, text: `has a waiver that fits nothing: ${resource}`, fix: "remove it" };
  });
  return {
    ...{ id: "policy", title: "Policy" },
    verdict: { text: parts.join(", "), tone },
    note: "from protection of data to Pod Security",
    items: [...policy.findings.map(item), ...unused],
  };
}

function item(finding: Finding): Item {
  const { rule, urn, resource, message, waived } = finding;
  const tone = waived !== undefined ? "faint" : isBroken(finding) ? "bad" : "warn";
  return {
    ...{ tone, what: waived === undefined ? rule : `waived ${rule}` },
    resource: { urn, label: resource },
    text: waived === undefined ? message : `${message}. ${waived}`,
    page: `docs/reference/policies.md#${rule}`,
  };
}
