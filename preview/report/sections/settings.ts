/** The sections on the stack's own settings: what must still be set, and what may surprise. Pure. */
import { noticeKey, type Review } from "../../review/review.ts";
import type { Item, Section } from "../section.ts";
import { count } from "../words.ts";

/**
 * What an update needs and the stack lacks. With a comparison, what it lacked before is only there to be complete: nobody
 * who reads a change can do anything about it.
 */
export function secretsSection({ missing, change }: Review): Section {
  const isOld = ({ path }: Review["missing"][number]) => change?.base.missing?.has(path) === true;
  const items = missing
    .toSorted((a, b) => Number(isOld(a)) - Number(isOld(b)))
    .map((one): Item => ({ tone: isOld(one) ? "faint" : "warn", text: one.fix, code: true }));
  const fresh = missing.filter((one) => !isOld(one)).length;
  const text =
    missing.length === 0 ? "every secret is set" : fresh === 0 ? "nothing more" : `${fresh} before an update`;
  return { id: "secrets", title: "To be set", verdict: { text, tone: fresh === 0 ? "good" : "warn" }, items };
}

/** Remarks on settings that are allowed; undefined if there are none. */
export function noticesSection({ notices, change }: Review): Section | undefined {
  if (notices.length === 0) return undefined;
  const isOld = (one: Review["notices"][number]) => change?.base.notices?.has(noticeKey(one)) === true;
  const items = notices
    .toSorted((a, b) => Number(isOld(a)) - Number(isOld(b)))
    .map((one): Item => {
      const setting = one.path.replace(/^doks-systems:/, "");
      return { tone: isOld(one) ? "faint" : "warn", what: setting, text: one.text, setting };
    });
  const fresh = notices.filter((one) => !isOld(one)).length;
  const text =
    fresh === notices.length
      ? `${count(fresh, "remark")} on settings`
      : `${fresh === 0 ? "nothing new" : `${fresh} new`}, ${notices.length - fresh} as before`;
  return { id: "notices", title: "Worth knowing", verdict: { text, tone: fresh === 0 ? "good" : "warn" }, items };
}
