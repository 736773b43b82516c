/** How far apart the runs of a cron schedule are. */
import { Cron } from "croner";
import { parseCron } from "../../catalogue/cron.ts";

/** A fixed start gives the same answer every day; a leap year's first day is the next one. */
const eve = new Date("2023-12-31T23:59:59Z");
const dayAfter = new Date("2024-01-02T00:00:00Z");

/**
 * Seconds between two runs of a schedule at most, over the first 400 days on which it runs.
 *
 * A schedule runs at the same times on each of its days, which in UTC are all alike. So its times and its days are looked at
 * apart: one of every minute in June costs no more than one of once a day.
 *
 * @param schedule as Kubernetes takes it, UTC
 */
export function longestGap(schedule: string): number {
  const plain = parseCron(schedule);
  if (plain === undefined) throw new Error(`the schedule "${schedule}" never comes twice`);
  const [minute = "", hour = "", ...days] = plain.split(" ");
  const times = new Cron(`${minute} ${hour} * * *`, { mode: "5-part", utcOffset: 0, stopAt: dayAfter });
  const dates = new Cron(`0 0 ${days.join(" ")}`, { mode: "5-part", utcOffset: 0 });
  const timesOfDay = seconds(times.nextRuns(24 * 60, eve));
  const daysInOrder = seconds(dates.nextRuns(400, eve));
  const wholeDay = (timesOfDay.at(-1) ?? 0) - (timesOfDay[0] ?? 0);
  return Math.max(longestStep(timesOfDay), longestStep(daysInOrder) - wholeDay);
}

function longestStep(ascending: readonly number[]): number {
  return ascending.reduce((most, one, i) => Math.max(most, one - (ascending[i - 1] ?? one)), 0);
}

function seconds(dates: readonly Date[]): number[] {
  return dates.map((date) => date.getTime() / 1000);
}
