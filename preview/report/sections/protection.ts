/** What a change protects less than before, as a section. Pure. */
import type { Loss } from "../../review/protection/loss.ts";
import type { Section } from "../section.ts";

/** The section: an item for each loss. */
export function protectionSection(losses: readonly Loss[]): Section {
  const serious = losses.some(({ level }) => level === "stop");
  return {
    ...{ id: "protection", title: "Protection" },
    verdict:
      losses.length === 0
        ? { text: "nothing loses protection", tone: "good" }
        : {
            text: losses.length === 1 ? "1 thing loses protection" : `${losses.length} things lose protection`,
            tone: serious ? "bad" : "warn",
          },
    items: losses.map(({ level, urn, resource, text, meaning, was, is, fix, setting, page }) => ({
      ...{ tone: level === "stop" ? "bad" : "warn", resource: { urn, label: resource } },
      text: `${text} (${was} → ${is}): ${meaning}`,
      ...(fix !== undefined && { fix }),
      ...(setting !== undefined && { setting }),
      ...(page !== undefined && { page }),
    })),
  };
}
