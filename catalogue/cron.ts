/**
 * Cron schedules in the form that Kubernetes accepts: five fields, or a descriptor such as `@daily`; Sunday is 0, never 7.
 * Source: github.com/robfig/cron/v3 `parser.go` (standard parser), which the CronJob controller and the API server use.
 */
import { Cron } from "croner";

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

interface Field {
  readonly first: number;
  readonly last: number;
  readonly names?: readonly string[];
}

const fields: readonly Field[] = [
  { first: 0, last: 59 },
  { first: 0, last: 23 },
  { first: 1, last: 31 },
  { first: 1, last: 12, names: months },
  { first: 0, last: 6, names: weekdays },
];

const descriptors: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/**
 * The five fields of a schedule; undefined if Kubernetes would refuse it, or if it runs less than twice, such as on 30
 * February.
 *
 * `@every` is refused too: its runs count from the start of the CronJob controller, so they cannot be predicted.
 *
 * @param schedule five fields, or a descriptor
 */
export function parseCron(schedule: string): string | undefined {
  const plain = (descriptors[schedule.trim()] ?? schedule).trim();
  const parts = plain.split(/\s+/);
  if (parts.length !== fields.length || !fields.every((field, i) => takes(field, parts[i] ?? ""))) return undefined;
  // Kubernetes takes a question mark for a star; this library would take it for the current time.
  const withStars = parts.map((part) => part.replaceAll("?", "*")).join(" ");
  try {
    return new Cron(withStars, { mode: "5-part", utcOffset: 0 }).nextRuns(2).length === 2 ? withStars : undefined;
  } catch {
    return undefined;
  }
}

function takes(field: Field, text: string): boolean {
  return text.split(",").every((one) => {
    const [, range = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(one) ?? [];
    if (step !== undefined && Number(step) < 1) return false;
    if (range === "*" || range === "?") return true;
    const [from, to, ...more] = range.split("-").map((end) => numberOf(field, end));
    if (more.length > 0 || from === undefined || Number.isNaN(from)) return false;
    const last = to ?? from;
    return from >= field.first && last <= field.last && from <= last;
  });
}

function numberOf({ names = [] }: Field, text: string): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return names === months ? named + 1 : named;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** Runs that are looked at to find the longest time between two of them: a schedule of every minute of one day a week has 1,440. */
const runsToSee = 1500;

/**
 * Longest time between two runs of a schedule, in hours: 24 for `0 8 * * *`, 72 for weekdays only; undefined if Kubernetes
 * would refuse it.
 */
export function longestGapHours(schedule: string): number | undefined {
  const parsed = parseCron(schedule);
  if (parsed === undefined) return undefined;
  // A fixed start, so that the same schedule always gives the same answer.
  const runs = new Cron(parsed, { mode: "5-part", utcOffset: 0 }).nextRuns(runsToSee, "2026-01-01T00:00:00Z");
  const gaps = runs.slice(1).map((run, i) => run.getTime() - (runs[i]?.getTime() ?? 0));
  return Math.max(...gaps) / 3_600_000;
}
