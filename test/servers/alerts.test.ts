/** Every alert, judged by Prometheus' own tool: its syntax, and on series that must fire it and series that must not. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backupAlerts } from "../../components/monitoring/alerts.ts";
import { cleanUp, folder, has } from "../support/servers/servers.ts";
import { stack, type Loose } from "../support/stack.ts";
import { cases, type Case, type Series } from "../support/servers/alert-cases.ts";

const installed = has("promtool");
if (!installed) console.warn("skipped: alerts in Prometheus' rule tests, without promtool");

/** Where each group's rules lie. */
const namespaces: Record<string, string> = {
  "bow-mark-alerts": "bow-mark",
  "backend-alerts": "backend-mainnet",
  "dotdo-alerts": "dotdo",
  "hermes-alerts": "kafka",
  "caracal-alerts": "caracal",
  "node-pools": "monitoring",
};

describe.skipIf(!installed)("alerts", () => {
  const files: Record<string, string> = {};
  let rules: Record<string, Loose[]>;
  let home: string;

  beforeAll(async () => {
    const prod = await stack("prod", {
      "doks-systems:hermes": { metrics: { port: 9100 } },
      "doks-systems:dotdo": { prometheus: {} },
    });
    home = folder("alerts");
    rules = Object.fromEntries(
      prod.all("PrometheusRule").map(({ inputs }) => {
        const { metadata, spec } = inputs as Loose;
        const file = join(home, `${metadata.name}.yaml`);
        writeFileSync(file, stringify(spec));
        files[metadata.name] = file;
        return [metadata.name, spec.groups[0].rules];
      }),
    );
  });
  afterAll(cleanUp);

  it("are valid for Prometheus, each with a severity, a sentence and the namespace whose Alertmanager rules get it", () => {
    expect(Object.keys(files).toSorted()).toEqual(Object.keys(cases).toSorted());
    execFileSync("promtool", ["check", "rules", ...Object.values(files)], { stdio: "ignore" });
    for (const [group, own] of Object.entries(rules)) {
      for (const rule of own) {
        expect(["critical", "warning"]).toContain(rule.labels.severity);
        expect(rule.labels.namespace, rule.alert).toBe(namespaces[group]);
        expect(rule.annotations.summary.length, rule.alert).toBeGreaterThan(20);
      }
    }
  });

  it.each([
    ["0 */6 * * *", 8],
    ["0 8 * * *", 26],
    ["0 8 * * 0", 7 * 24 + 2],
  ])("a backup at %s is stale after %i hours", (schedule, hours) => {
    const [stale] = backupAlerts("bow-mark", "pg-backup", schedule);
    expect(stale?.expr).toContain(`> ${hours * 60} * 60 or`);
    expect(stale?.expr).toContain(`> ${hours * 60} * 60 unless`);
  });

  it("are all tried", () => {
    // The same function makes these for every system; Bow-Mark's are tried. The certificate's is tried below.
    const common = new Set(cases["bow-mark-alerts"]?.map(({ alert }) => alert));
    for (const [group, own] of Object.entries(rules)) {
      const tried = new Set(cases[group]?.map(({ alert }) => alert));
      const untried = own.map((rule) => rule.alert).filter((alert) => !tried.has(alert) && !common.has(alert));
      expect(untried, group).toEqual(group === "caracal-alerts" ? ["CaracalCertificateExpiring"] : []);
    }
  });

  describe.each(Object.entries(cases))("%s", (group, all) => {
    it.each(all.map((one): [string, Case] => [one.alert, one]))(
      "%s fires when it must, and not before",
      (alert, one) => {
        const at = one.at ?? 30;
        expect(fired(group, alert, one.fires, at), "does not fire").toBe(true);
        expect(fired(group, alert, one.quiet, at), "fires without need").toBe(false);
        const duration = /^(\d+)([mh])$/.exec(rules[group]?.find((rule) => rule.alert === alert).for ?? "0m");
        const minutes = Number(duration?.[1]) * (duration?.[2] === "h" ? 60 : 1);
        // Its series have been so from the first minute on; before its time it is pending.
        if (minutes > 1 && at <= 90) expect(fired(group, alert, one.fires, 0), "fires at once").toBe(false);
      },
    );
  });

  it("the gateway's certificate is told of 21 days before its end", () => {
    const end = Number(
      /vector\((\d+)\)/.exec(
        rules["caracal-alerts"]?.find((rule) => rule.alert === "CaracalCertificateExpiring").expr,
      )?.[1],
    );
    const minutesBefore = (days: number) => Math.floor((end - days * 86400) / 60);
    // Too far from the epoch to replay minute by minute: the same rule for a certificate that ends soon after it.
    expect(minutesBefore(21)).toBeGreaterThan(0);
    const near = join(home, "near.yaml");
    const rule = rules["caracal-alerts"]?.find((one) => one.alert === "CaracalCertificateExpiring");
    const expr = String(rule.expr).replace(String(end), String(22 * 86400));
    writeFileSync(near, stringify({ groups: [{ name: "near", rules: [{ ...rule, expr }] }] }));
    files["near"] = near;
    expect(fired("near", rule.alert, {}, 20 * 60)).toBe(false);
    expect(fired("near", rule.alert, {}, 26 * 60)).toBe(true);
  });

  /** Whether the alert is firing at a minute, by promtool's word on the opposite claim. */
  function fired(group: string, alert: string, series: Series, minute: number): boolean {
    const test = {
      rule_files: [files[group]],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          alert_rule_test: [{ eval_time: `${minute}m`, alertname: alert, exp_alerts: [] }],
        },
      ],
    };
    const file = join(home, "test.yaml");
    writeFileSync(file, stringify(test));
    try {
      execFileSync("promtool", ["test", "rules", file], { encoding: "utf8", stdio: "pipe" });
      return false;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      const output = stdout + stderr;
      if (!output.includes("got:[")) throw new Error(output, { cause: error });
      return /got:\[\s*0:/.test(output);
    }
  }
});
