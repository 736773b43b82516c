import type * as pulumi from "@pulumi/pulumi";
import { alertRules, backupAlerts, podAlerts, volumeAlert, type Alert } from "../../components/monitoring/alerts.ts";
import { dashboard, podPanels } from "../../components/monitoring/dashboard.ts";
import type { Place } from "../../components/site/namespace.ts";
import type { HermesSetting } from "./settings.ts";

/**
 * Alerts and dashboard from section "Health and monitoring" of the plan. Those about the cursor need metrics, which the published
 * image lacks; they exist once the settings describe some.
 */
export function hermesMonitoring(
  name: string,
  settings: HermesSetting,
  { site, namespace }: Place,
  parent: pulumi.Resource,
): void {
  const own = namespace.namespaceName;
  const { metrics } = settings;
  const cursor: Alert[] =
    metrics === undefined
      ? []
      : [
          {
            name: "HermesCursorStale",
            expr: `time() - max(${metrics.cursorTimeMetric}{namespace="${own}"}) > 15 * 60`,
            for: "1m",
            severity: "critical",
            summary: "the cursor has not moved for {{ $value | humanizeDuration }}",
          },
          {
            name: "HermesCursorReset",
            expr: `resets(max(${metrics.blockMetric}{namespace="${own}"})[10m:1m]) > 0`,
            for: "0m",
            severity: "critical",
            summary: "the stream went back to an earlier block: was the cursor lost?",
          },
        ];
  alertRules(
    `${name}-alerts`,
    {
      site,
      namespace,
      groupName: "hermes-alerts",
      alerts: [
        ...podAlerts(own),
        ...(settings.database.kind === "in-cluster" ? [volumeAlert(own)] : []),
        ...(settings.backup === false ? [] : backupAlerts(own, "ipfs-cache-backup", settings.backup.schedule)),
        ...cursor,
      ],
    },
    parent,
  );
  const panels = [
    ...podPanels(own),
    ...(metrics === undefined
      ? []
      : [
          { title: "Block", queries: { block: `max(${metrics.blockMetric}{namespace="${own}"})` } },
          {
            title: "Age of the cursor",
            unit: "s" as const,
            queries: { age: `time() - max(${metrics.cursorTimeMetric}{namespace="${own}"})` },
          },
        ]),
  ];
  const board = { site, namespace, objectName: "hermes-dashboard", title: "Hermes IPFS cache", panels };
  dashboard(`${name}-dashboard`, board, parent);
}
