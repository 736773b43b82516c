/** The time between two runs of a cron schedule. Pure. */
import { Cron } from "croner";
import { parseCron } from "../../catalogue/cron.ts";

/**
 * A fixed start, so that the result does not depend on today's date: the second before a leap year begins, so that a schedule
 * of 29 February has its first run soon.
 */
const searchStart = new Date("2023-12-31T23:59:59Z");
/** End of the first day. */
const secondDay = new Date("2024-01-02T00:00:00Z");

/**
 * The longest time between two runs of a schedule, in seconds, over the first 400 days on which it runs.
 *
 * A schedule runs at the same times on each of its days, and days in UTC are equally long. So the times of a day and the days
 * are searched separately: a schedule of every minute in June takes no longer than one of once a day.
 *
 * @param schedule as a CronJob takes it, in UTC: `0 8 * * 1-5` or `@daily`
 * @throws {Error} if it is no schedule, or one of a day that never comes
 */
export function longestGap(schedule: string): number {
  const plain = parseCron(schedule);
  if (plain === undefined) throw new Error(`the schedule "${schedule}" never comes twice`);
  const [minute = "", hour = "", ...days] = plain.split(" ");
  const times = new Cron(`${minute} ${hour} * * *`, { mode: "5-part", utcOffset: 0, stopAt: secondDay });
  const dates = new Cron(`0 0 ${days.join(" ")}`, { mode: "5-part", utcOffset: 0 });
  const timesOfDay = seconds(times.nextRuns(24 * 60, searchStart));
  const daysInOrder = seconds(dates.nextRuns(400, searchStart));
  const wholeDay = (timesOfDay.at(-1) ?? 0) - (timesOfDay[0] ?? 0);
  return Math.max(longestStep(timesOfDay), longestStep(daysInOrder) - wholeDay);
}

function longestStep(ascending: readonly number[]): number {
  return ascending.reduce((most, one, i) => Math.max(most, one - (ascending[i - 1] ?? one)), 0);
}

function seconds(dates: readonly Date[]): number[] {
  return dates.map((date) => date.getTime() / 1000);
}
