import type * as pulumi from "@pulumi/pulumi";
import { alertRules, certificateAlert, podAlerts, type Alert } from "../../components/monitoring/alerts.ts";
import { dashboard, podPanels, type Panel } from "../../components/monitoring/dashboard.ts";
import { scrapeTarget } from "../../components/monitoring/scrape-target.ts";
import type { Place } from "../../components/site/namespace.ts";
import type { Workload } from "../../components/workload/workload.ts";
import { shapeOf } from "./profiles.ts";
import type { DotdoSetting } from "./settings.ts";

/**
 * Alerts and dashboard from section "Monitoring" of the README. Those about metrics of the pods exist only if the settings say
 * that the image has metrics (`prometheus`).
 */
export function dotdoMonitoring(
  name: string,
  settings: DotdoSetting,
  { site, namespace }: Place,
  workload: Workload,
  parent: pulumi.Resource,
): void {
  const { scrapeSeconds, maxConcurrent, route } = shapeOf(settings);
  const own = namespace.namespaceName;
  const inNamespace = `{namespace="${own}"}`;
  const scrapes = scrapeSeconds !== undefined;
  if (scrapes) {
    scrapeTarget(`${name}-scrape`, { site, to: workload, portName: "http", intervalSeconds: scrapeSeconds }, parent);
  }
  const alerts: Alert[] = [
    ...(scrapes ? metricAlerts(inNamespace, maxConcurrent) : []),
    ...(typeof namespace.shape(workload.workloadName).replicas === "object" ? [maximumAlert(inNamespace)] : []),
    ...podAlerts(own),
    ...(route === undefined ? [] : [certificateAlert(own, 14)]),
  ];
  alertRules(`${name}-alerts`, { site, namespace, groupName: "dotdo-alerts", alerts }, parent);
  const panels = [...podPanels(own), ...(scrapes ? metricPanels(inNamespace) : [])];
  dashboard(`${name}-dashboard`, { site, namespace, objectName: "dotdo-dashboard", title: "dotdo", panels }, parent);
}

function p99(inNamespace: string): string {
  return `histogram_quantile(0.99, sum by (le) (rate(dotdo_request_duration_seconds_bucket${inNamespace}[5m])))`;
}

function metricAlerts(inNamespace: string, maxConcurrent: number): Alert[] {
  return [
    {
      name: "DotdoSlow",
      expr: `${p99(inNamespace)} > 1`,
      for: "5m",
      severity: "warning",
      summary: "one request in a hundred takes longer than {{ $value | humanizeDuration }}",
    },
    {
      name: "DotdoPodCrowded",
      expr: `dotdo_active_instances${inNamespace} > ${0.8 * maxConcurrent}`,
      for: "5m",
      severity: "warning",
      summary: `{{ $labels.pod }} runs {{ $value }} Durable Objects of at most ${maxConcurrent}`,
    },
    {
      name: "DotdoAbsent",
      expr: `absent(up${inNamespace} == 1)`,
      for: "5m",
      severity: "critical",
      summary: "Prometheus reaches no pod of dotdo",
    },
  ];
}

function maximumAlert(inNamespace: string): Alert {
  return {
    name: "DotdoAtMaximum",
    expr:
      `kube_horizontalpodautoscaler_status_current_replicas${inNamespace}` +
      ` >= kube_horizontalpodautoscaler_spec_max_replicas${inNamespace}`,
    for: "10m",
    severity: "warning",
    summary: "{{ $labels.horizontalpodautoscaler }} has been at its maximum of {{ $value }} pods for ten minutes",
  };
}

function metricPanels(inNamespace: string): Panel[] {
  return [
    { title: "Durable Objects", queries: { "{{pod}}": `dotdo_active_instances${inNamespace}` } },
    { title: "Requests", unit: "reqps", queries: { all: `sum(rate(dotdo_requests_total${inNamespace}[5m]))` } },
    { title: "Latency, 99th percentile", unit: "s", queries: { p99: p99(inNamespace) } },
  ];
}
