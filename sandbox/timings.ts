/** Where the time of an update went, from the engine's event log. */
import { readFileSync } from "node:fs";

interface Step {
  readonly urn: string;
  readonly op: string;
  /** Seconds since the epoch, whole: the log has no finer. */
  readonly begin: number;
  end: number;
}

export interface Timings {
  /** How many resources of each operation. */
  readonly counts: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** The steps that took longest: name and kind, with their seconds. */
  readonly longest: readonly { readonly name: string; readonly seconds: number; readonly startedAt: number }[];
}

interface Event {
  readonly timestamp: number;
  readonly resourcePreEvent?: { readonly metadata: { readonly urn: string; readonly op: string } };
  readonly resOutputsEvent?: { readonly metadata: { readonly urn: string; readonly op: string } };
}

export function readTimings(eventLog: string, shown = 8): Timings {
  const events = readFileSync(eventLog, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Event);
  const steps = new Map<string, Step>();
  for (const { timestamp, resourcePreEvent: began, resOutputsEvent: ended } of events) {
    if (began !== undefined)
      steps.set(began.metadata.urn, {
        urn: began.metadata.urn,
        op: began.metadata.op,
        begin: timestamp,
        end: timestamp,
      });
    const step = steps.get(ended?.metadata.urn ?? "");
    if (step !== undefined) step.end = timestamp;
  }
  const [first = 0, last = 0] = [events[0]?.timestamp, events.at(-1)?.timestamp];
  const all = [...steps.values()];
  // Components last as long as what is in them.
  const own = all.filter(({ urn }) => !typeOf(urn).startsWith("doks-systems:") && !typeOf(urn).startsWith("pulumi:"));
  const counts: Record<string, number> = {};
  for (const { op } of all) counts[op] = (counts[op] ?? 0) + 1;
  return {
    counts,
    seconds: last - first,
    longest: own
      .toSorted((a, b) => b.end - b.begin - (a.end - a.begin))
      .slice(0, shown)
      .map(({ urn, begin, end }) => ({
        name: `${typeOf(urn).split(":").at(-1) ?? ""} ${urn.split("::").at(-1) ?? ""}`,
        seconds: end - begin,
        startedAt: begin - first,
      })),
  };
}

/** A resource's own type, without its parents'. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}
