import type * as pulumi from "@pulumi/pulumi";
import { renewalDays } from "../../components/secrets/certificate-authority.ts";
import { alertRules, backupAlerts, podAlerts, volumeAlert, type Alert } from "../../components/monitoring/alerts.ts";
import { dashboard, podPanels } from "../../components/monitoring/dashboard.ts";
import { scrapeTarget } from "../../components/monitoring/scrape-target.ts";
import type { Workload } from "../../components/workload/workload.ts";
import type { Keys } from "./keys.ts";
import type { Backing } from "./workloads.ts";

/**
 * Scrape target, alerts and dashboard from section "Health and metrics" of the README. Only the metrics aggregator has metrics that
 * Prometheus can scrape.
 */
export function caracalMonitoring(
  name: string,
  { site, namespace, settings }: Backing,
  keys: Keys,
  aggregator: Workload,
  parent: pulumi.Resource,
): void {
  scrapeTarget(`${name}-${aggregator.workloadName}`, { site, to: aggregator, portName: "metrics" }, parent);
  const own = namespace.namespaceName;
  const { kafka, database, redis, backup } = settings;
  const inCluster = [kafka, database, redis].some(({ kind }) => kind === "in-cluster");
  const alerts = [
    ...ledgerAlerts(own),
    ...(kafka.kind === "in-cluster" ? [brokersAlert(own, kafka.brokers)] : []),
    ...(keys.serverEndsAt === undefined ? [] : [certificateAlert(keys.serverEndsAt)]),
    ...podAlerts(own),
    ...(inCluster ? [volumeAlert(own)] : []),
    ...(backup === false ? [] : backupAlerts(own, "caracal-backup", backup.schedule)),
  ];
  alertRules(`${name}-alerts`, { site, namespace, groupName: "caracal-alerts", alerts }, parent);
  const panels = [
    ...podPanels(own),
    {
      title: "Metering events processed",
      unit: "reqps" as const,
      queries: { all: `sum(rate(caracal_metering_events_processed_total{namespace="${own}"}[5m]))` },
    },
  ];
  dashboard(
    `${name}-dashboard`,
    { site, namespace, objectName: "caracal-dashboard", title: "Caracal", panels },
    parent,
  );
}

/**
 * Alerts about the ledger, from metrics that the images export. They export none about consumer lag, dead letters or Merkle
 * batches: an alert about those would never fire, or always.
 */
function ledgerAlerts(namespace: string): Alert[] {
  const own = `namespace="${namespace}"`;
  return [
    {
      name: "CaracalMeteringStalled",
      expr:
        `sum(increase(caracal_metering_events_processed_total{${own}}[30m])) == 0` +
        ` and on () sum(increase(caracal_metering_events_processed_total{${own}}[6h] offset 30m)) > 0`,
      for: "15m",
      severity: "warning",
      summary: "no metering event was processed for half an hour, after hours in which some were",
    },
    {
      name: "CaracalMerkleVerificationFailed",
      expr: `increase(caracal_merkle_verification_failures_total{${own}}[5m]) > 0`,
      for: "0m",
      severity: "critical",
      summary: "a ledger entry does not verify: it was changed, or signed with another key",
    },
  ];
}

function brokersAlert(namespace: string, brokers: number): Alert {
  return {
    name: "CaracalBrokersMissing",
    expr: `kube_statefulset_status_replicas_ready{namespace="${namespace}", statefulset="caracal-kafka"} < ${brokers}`,
    for: "5m",
    severity: "critical",
    summary: `only {{ $value }} of ${brokers} brokers are ready; below two of three no write succeeds`,
  };
}

/** No exporter reads certificates in Secrets, so the program writes the date on which this one expires into the alert. */
function certificateAlert(endsAt: pulumi.Output<string>): Alert {
  return {
    name: "CaracalCertificateExpiring",
    expr: endsAt.apply((end) => `vector(${Math.floor(Date.parse(end) / 1000)}) - time() < 21 * 86400`),
    for: "1h",
    severity: "critical",
    summary: `the gateway's certificate ends in {{ $value | humanizeDuration }}; any update in its last ${renewalDays} days renews it`,
  };
}
