import type * as pulumi from "@pulumi/pulumi";
import {
  alertRules,
  backupAlerts,
  certificateAlert,
  podAlerts,
  volumeAlert,
  type Alert,
} from "../../components/monitoring/alerts.ts";
import { dashboard, podPanels } from "../../components/monitoring/dashboard.ts";
import { scrapeTarget } from "../../components/monitoring/scrape-target.ts";
import type { Workload } from "../../components/workload/workload.ts";
import type { Backing } from "./workloads.ts";

/** Scrape targets, alerts and dashboard of "Monitoring". */
export function gxMonitoring(
  name: string,
  { site, namespace, settings, database }: Backing,
  workloads: { api: Workload; workers: readonly Workload[] },
  parent: pulumi.Resource,
): void {
  const own = namespace.namespaceName;
  for (const to of [workloads.api, ...workloads.workers])
    scrapeTarget(`${name}-${to.workloadName}`, { site, to }, parent);
  alertRules(
    `${name}-alerts`,
    {
      site,
      namespace,
      groupName: "backend-alerts",
      alerts: [
        ...apiAlerts(own),
        ...(settings.fabric === false ? [] : workerAlerts(own)),
        ...podAlerts(own),
        ...(database.kind === "in-cluster" || settings.redis.kind === "in-cluster" ? [volumeAlert(own)] : []),
        ...(settings.backup === false ? [] : backupAlerts(own, "postgres-backup")),
        ...(settings.exposure.kind === "route" ? [certificateAlert(own, 14)] : []),
      ],
    },
    parent,
  );
  const panels = [
    ...podPanels(own),
    {
      title: "Requests",
      unit: "reqps" as const,
      queries: { "{{status}}": "sum by (status) (rate(http_requests_total[5m]))" },
    },
    { title: "Outbox queue", queries: { depth: "max(outbox_queue_depth)" } },
    { title: "Blocks behind", queries: { lag: "max(projector_lag_blocks)" } },
    {
      title: "Commands and events processed",
      unit: "reqps" as const,
      queries: {
        "outbox {{status}}": "sum by (status) (rate(outbox_commands_processed_total[5m]))",
        "projector {{status}}": "sum by (status) (rate(projector_events_processed_total[5m]))",
      },
    },
  ];
  const board = { site, namespace, objectName: "gx-dashboard", title: "GX Protocol", panels };
  dashboard(`${name}-dashboard`, board, parent);
}

function apiAlerts(namespace: string): Alert[] {
  const share = (status: string) => `sum(rate(http_requests_total{namespace="${namespace}"${status}}[5m]))`;
  return [
    {
      name: "APIErrorRateHigh",
      // The document's expression: requests a second and series, not a share.
      expr: 'rate(http_requests_total{status=~"5.."}[5m]) > 0.05',
      for: "2m",
      severity: "warning",
      summary: "{{ $value | humanize }} requests a second fail with {{ $labels.status }}",
    },
    {
      name: "APIErrorRatioHigh",
      expr: `${share(', status=~"5.."')} / ${share("")} > 0.05`,
      for: "5m",
      severity: "critical",
      summary: "{{ $value | humanizePercentage }} of the API's requests fail",
    },
  ];
}

function workerAlerts(namespace: string): Alert[] {
  return [
    {
      name: "OutboxQueueDepthHigh",
      // The document's expression, once for the queue: every worker reports the same one.
      expr: "max(outbox_queue_depth > 1000)",
      for: "5m",
      severity: "warning",
      summary: "{{ $value }} commands wait in the outbox",
    },
    {
      name: "ProjectorLagging",
      expr: "projector_lag_blocks > 100",
      for: "2m",
      severity: "warning",
      summary: "the projector is {{ $value }} blocks behind; at the lag threshold the API stops being ready",
    },
    {
      name: "ProjectorAbsent",
      expr: `absent(projector_blockchain_height{namespace="${namespace}"})`,
      for: "5m",
      severity: "critical",
      summary: "no projector reports its height: read models stand still",
    },
  ];
}
