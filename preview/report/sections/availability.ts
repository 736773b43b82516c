/** The section on who is away while an update runs, and how long the update takes. */
import { label } from "../../../graph/resource.ts";
import type { Availability, WorkloadAvailability } from "../../review/availability/availability.ts";
import { availabilityDangers } from "../../review/availability/dangers.ts";
import { retired } from "../../review/availability/own.ts";
import type { Verdict } from "../../review/availability/rollout.ts";
import { inWords, longest } from "../../review/availability/seconds.ts";
import { chainText } from "../../review/availability/update-time.ts";
import type { Happening } from "../../review/availability/world.ts";
import type { Cell, Item, Section, Table, Tone } from "../section.ts";

const words: Readonly<Record<Verdict, { readonly text: string; readonly tone: Tone }>> = {
  gone: { text: "is gone for good", tone: "bad" },
  stuck: { text: "stays half updated", tone: "bad" },
  away: { text: "is away", tone: "bad" },
  affected: { text: "needs what is away", tone: "warn" },
  unready: { text: "rolls, but answers too late", tone: "warn" },
  fewer: { text: "rolls with fewer pods", tone: "plain" },
  rolls: { text: "rolls without a gap", tone: "good" },
  untouched: { text: "stays", tone: "faint" },
};
const kinds: Readonly<Record<Happening["kind"], string>> = {
  ...{ nodes: "nodes", database: "database", certificate: "certificate", dns: "DNS", edge: "edge" },
};

/** The section; for a first update it only says how long that takes. */
export function availabilitySection(availability: Availability): Section {
  const { first, workloads, happenings, asOf, update } = availability;
  const about = { id: "availability", title: "Availability" } as const;
  const chain = update.chain.length === 0 ? "" : `Longest wait: ${chainText(update)}. `;
  const note = `${chain}Usual times of ${asOf}; a large image or a program that starts slowly takes longer`;
  if (first) {
    const text = `a first update takes ${inWords(update.seconds)}`;
    return { ...about, verdict: { text, tone: "plain" }, note, items: [] };
  }
  return {
    ...about,
    verdict: { text: verdict(availability), tone: tone(availability) },
    note,
    items: happenings.map(item),
    ...(workloads.length > 0 && { table: table(workloads) }),
  };
}

/** `3 workloads are away, 40 s to 2 minutes; 2 need them; 12 roll; takes 2 to 4 minutes`. */
function verdict({ workloads, happenings, update }: Availability): string {
  const of = (...some: readonly Verdict[]) => workloads.filter((one) => some.includes(one.verdict));
  const [away, gone, need, roll] = [of("away", "stuck"), of("gone"), of("affected"), of("rolls", "fewer", "unready")];
  const other = happenings.filter(
    ({ kind, cause, ...one }) =>
      cause === undefined &&
      (one.verdict === "away" || (one.verdict === "brief" && ["database", "edge"].includes(kind))),
  );
  const parts = [
    ...(away.length === 0 ? [] : [`${counted(away)} away, ${inWords(longest(...away.map((one) => one.away)))}`]),
    ...(gone.length === 0 ? [] : [`${counted(gone)} gone`]),
    ...other.map(({ resource, away }) => `${label(resource)} is away${away.worst === 0 ? "" : `, ${inWords(away)}`}`),
  ];
  return [
    ...(parts.length === 0 ? ["nothing is away"] : parts),
    ...(need.length === 0 ? [] : [`${need.length} ${need.length === 1 ? "needs" : "need"} what is away`]),
    ...(roll.length === 0 ? [] : [`${roll.length} ${roll.length === 1 ? "rolls" : "roll"}`]),
    `takes ${inWords(update.seconds)}`,
  ].join("; ");
}

function counted(workloads: readonly unknown[]): string {
  return workloads.length === 1 ? "1 workload is" : `${workloads.length} workloads are`;
}

function tone(availability: Availability): Tone {
  const dangers = availabilityDangers(availability);
  if (dangers.some(({ level }) => level === "stop")) return "bad";
  return dangers.length === 0 ? "good" : "warn";
}

function item({ kind, resource, verdict: how, away, text, reason, fix, setting, page }: Happening): Item {
  const time = how === "none" || away.worst === 0 ? "" : `, ${inWords(away)}`;
  const why = reason === undefined || reason === "" ? "" : ` (${reason})`;
  return {
    tone: how === "away" ? "bad" : how === "brief" ? "warn" : "faint",
    what: kinds[kind],
    resource: { urn: resource.urn, label: label(resource) },
    text: `${text}${time}${why}`,
    ...(fix !== undefined && { fix }),
    ...(setting !== undefined && { setting }),
    ...(page !== undefined && { page }),
  };
}

function table(workloads: readonly WorkloadAvailability[]): Table {
  return {
    head: ["workload", "what happens", "how long", "why"],
    rows: workloads.map(({ resource, verdict: how, away, why }): (string | Cell)[] => [
      { text: label(resource), urn: resource.urn },
      why.includes(retired) ? { text: "has no pods any more", tone: "warn" } : words[how],
      how === "away" || (how === "affected" && away.worst > 0) ? inWords(away) : "–",
      why.join("; "),
    ]),
  };
}
