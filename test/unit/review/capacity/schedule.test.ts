import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longestGap } from "../../../../components/monitoring/schedule.ts";

const [minute, hour, day] = [60, 3600, 24 * 3600];

describe("the longest gap of a schedule", () => {
  it.each([
    ["every day", "0 8 * * *", day],
    ["every six hours", "0 */6 * * *", 6 * hour],
    ["twice a day", "30 2,20 * * *", 18 * hour],
    ["every minute", "* * * * *", minute],
    ["every five minutes of office hours on weekdays", "*/5 8-17 * * 1-5", 62 * hour + 5 * minute],
    ["every week", "0 10 * * 0", 7 * day],
    ["on Sundays, by name", "0 10 * * SUN", 7 * day],
    ["every month", "0 8 1 * *", 31 * day],
    ["on the first and every Monday", "0 8 1 * 1", 7 * day],
    ["every minute of the year's first half", "* * * 1-6 *", 184 * day + minute],
    ["once a year", "0 0 1 1 *", 366 * day],
    ["on leap days, which the year 2100 has not", "0 0 29 2 *", (8 * 365 + 1) * day],
  ])("%s: %s", (_, schedule, gap) => {
    expect(longestGap(schedule)).toBe(gap);
  });

  it.each(["0 0 31 2 *", "99 8 * * *", "0 8 * * MOON"])("%s is no schedule", (schedule) => {
    expect(() => longestGap(schedule)).toThrow();
  });

  it("is what counting its runs one by one gives", () => {
    const list = (max: number) =>
      fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 3 }).map((all) => all.join(","));
    const schedules = fc.tuple(list(59), list(23), fc.constant("*"), fc.constant("*"), list(6));
    fc.assert(
      fc.property(schedules, (fields) => {
        const runs = new Cron(fields.join(" "), { utcOffset: 0 }).nextRuns(3 * 3 * 7 * 3, new Date(0));
        const gaps = runs.slice(1).map((run, i) => (run.getTime() - (runs[i]?.getTime() ?? 0)) / 1000);
        expect(longestGap(fields.join(" "))).toBe(Math.max(...gaps));
      }),
      { numRuns: 30 },
    );
  });
});
