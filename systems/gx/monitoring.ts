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

/** Scrape targets, alerts and dashboard from section "Monitoring" of the guide. */
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
        ...(settings.backup === false ? [] : backupAlerts(own, "postgres-backup", settings.backup.schedule)),
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
      queries: { "{{status}}": `sum by (status) (rate(${requests(`namespace="${own}"`)}[5m]))` },
    },
    { title: "Outbox queue", queries: { depth: `max(outbox_queue_depth{namespace="${own}"})` } },
    { title: "Height of the projector", queries: { height: `max(projector_blockchain_height{namespace="${own}"})` } },
    {
      title: "Commands and events processed",
      unit: "reqps" as const,
      queries: {
        "outbox {{status}}": `sum by (status) (rate(outbox_commands_processed_total{namespace="${own}"}[5m]))`,
        "projector {{status}}": `sum by (status) (rate(projector_events_processed_total{namespace="${own}"}[5m]))`,
      },
    },
  ];
  const board = { site, namespace, objectName: "gx-dashboard", title: "GX Protocol", panels };
  dashboard(`${name}-dashboard`, board, parent);
}

/** Selects the API's counter of requests. The published image has the prefix `http_` twice in its name. */
function requests(labels: string): string {
  return `{__name__=~"(http_)?http_requests_total", ${labels}}`;
}

/** Selects failed requests. The published image has `5XX` as the status, where the guide's expression expects `500`. */
const failed = 'status=~"5XX|5.."';

function apiAlerts(namespace: string): Alert[] {
  const own = `namespace="${namespace}"`;
  const share = (labels: string) => `sum(rate(${requests(labels)}[5m]))`;
  return [
    {
      name: "APIErrorRateHigh",
      // The guide's expression. It compares failures a second of each series; the next alert compares their share.
      expr: `rate(${requests(`${own}, ${failed}`)}[5m]) > 0.05`,
      for: "2m",
      severity: "warning",
      summary: "{{ $value | humanize }} requests a second fail with {{ $labels.status }}",
    },
    {
      name: "APIErrorRatioHigh",
      expr: `${share(`${own}, ${failed}`)} / ${share(own)} > 0.05`,
      for: "5m",
      severity: "critical",
      summary: "{{ $value | humanizePercentage }} of the API's requests fail",
    },
  ];
}

function workerAlerts(namespace: string): Alert[] {
  const givenUp = `outbox_commands_processed_total{namespace="${namespace}", status="max_retries"}`;
  return [
    {
      name: "OutboxQueueDepthHigh",
      // The guide's expression, with `max` because every submitter reports the same queue.
      expr: `max(outbox_queue_depth{namespace="${namespace}"} > 1000)`,
      for: "5m",
      severity: "warning",
      summary: "{{ $value }} commands wait in the outbox",
    },
    {
      name: "OutboxCommandsGivenUp",
      // `increase` does not see the first failure, with which the series begins, so the second part looks for new series.
      expr: `increase(${givenUp}[10m]) > 0 or ${givenUp} > 0 unless ${givenUp} offset 10m`,
      for: "0m",
      severity: "critical",
      summary: "{{ $value | humanize }} commands were given up in ten minutes: nobody tries them again",
    },
    {
      name: "ProjectorLagging",
      expr: `projector_lag_blocks{namespace="${namespace}"} > 100`,
      for: "2m",
      severity: "warning",
      summary:
        "the projector is {{ $value }} blocks behind. With the published images this alert cannot fire: they never set " +
        "the number",
    },
    {
      name: "ProjectorStandsStill",
      expr: `changes(projector_blockchain_height{namespace="${namespace}"}[6h]) == 0`,
      for: "15m",
      severity: "warning",
      summary: "the projector has been at the same block for six hours: is the chain that quiet?",
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
