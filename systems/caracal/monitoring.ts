import type * as pulumi from "@pulumi/pulumi";
import { renewalDays } from "../../components/secrets/certificate-authority.ts";
import { alertRules, backupAlerts, podAlerts, volumeAlert, type Alert } from "../../components/monitoring/alerts.ts";
import { dashboard, podPanels } from "../../components/monitoring/dashboard.ts";
import { scrapeTarget } from "../../components/monitoring/scrape-target.ts";
import type { Workload } from "../../components/workload/workload.ts";
import type { Keys } from "./keys.ts";
import type { Backing } from "./workloads.ts";

/** Scrape targets, alerts and dashboard of "Health and metrics". */
export function caracalMonitoring(
  name: string,
  { site, namespace, settings }: Backing,
  keys: Keys,
  workloads: { gateway: Workload; adapter: Workload; aggregator: Workload },
  parent: pulumi.Resource,
): void {
  const targets: [Workload, string][] = [
    [workloads.gateway, "metrics"],
    [workloads.adapter, "http"],
    [workloads.aggregator, "metrics"],
  ];
  for (const [to, portName] of targets) scrapeTarget(`${name}-${to.workloadName}`, { site, to, portName }, parent);
  const own = namespace.namespaceName;
  const { kafka, database, redis, backup } = settings;
  const inCluster = [kafka, database, redis].some(({ kind }) => kind === "in-cluster");
  const alerts = [
    ...ledgerAlerts,
    ...(kafka.kind === "in-cluster" ? [brokersAlert(own, kafka.brokers)] : []),
    ...(keys.serverEndsAt === undefined ? [] : [certificateAlert(keys.serverEndsAt)]),
    ...podAlerts(own),
    ...(inCluster ? [volumeAlert(own)] : []),
    ...(backup === false ? [] : backupAlerts(own, "caracal-backup")),
  ];
  alertRules(`${name}-alerts`, { site, namespace, groupName: "caracal-alerts", alerts }, parent);
  const panels = [
    ...podPanels(own),
    {
      title: "Consumer lag",
      queries: { "{{consumer_group}}": "sum by (consumer_group) (caracal_kafka_consumer_lag)" },
    },
    { title: "Dead letters", queries: { size: "max(caracal_dlq_size)" } },
    {
      title: "Merkle batches in 15 minutes",
      queries: { batches: "sum(increase(caracal_merkle_batches_created_total[15m]))" },
    },
  ];
  dashboard(
    `${name}-dashboard`,
    { site, namespace, objectName: "caracal-dashboard", title: "Caracal", panels },
    parent,
  );
}

/** Of the ledger: series that the public code names. Where a consumer does not export one, its alert is silent. */
const ledgerAlerts: Alert[] = [
  {
    name: "CaracalConsumerLag",
    expr: "sum by (consumer_group) (caracal_kafka_consumer_lag) > 10000",
    for: "5m",
    severity: "warning",
    summary: "{{ $labels.consumer_group }} is {{ $value }} events behind",
  },
  {
    name: "CaracalDeadLetters",
    expr: "max(caracal_dlq_size) > 0",
    for: "10m",
    severity: "warning",
    summary: "{{ $value }} events could not be processed and wait in caracal.dlq",
  },
  {
    name: "CaracalMerkleStalled",
    expr:
      "sum(increase(caracal_merkle_batches_created_total[15m])) == 0" +
      " and on () sum(increase(caracal_metering_events_total[15m])) > 0",
    for: "5m",
    severity: "critical",
    summary: "events arrive and no Merkle batch was made for 15 minutes: the ledger is not being signed",
  },
  {
    name: "CaracalMerkleVerificationFailed",
    expr: "increase(caracal_merkle_verification_failures_total[5m]) > 0",
    for: "0m",
    severity: "critical",
    summary: "a ledger entry does not verify: it was changed, or signed with another key",
  },
];

function brokersAlert(namespace: string, brokers: number): Alert {
  return {
    name: "CaracalBrokersMissing",
    expr: `kube_statefulset_status_replicas_ready{namespace="${namespace}", statefulset="caracal-kafka"} < ${brokers}`,
    for: "5m",
    severity: "critical",
    summary: `only {{ $value }} of ${brokers} brokers are ready; below two of three no write succeeds`,
  };
}

/** No exporter knows a certificate in a Secret; the program knows when it ends. */
function certificateAlert(endsAt: pulumi.Output<string>): Alert {
  return {
    name: "CaracalCertificateExpiring",
    expr: endsAt.apply((end) => `vector(${Math.floor(Date.parse(end) / 1000)}) - time() < 21 * 86400`),
    for: "1h",
    severity: "critical",
    summary: `the gateway's certificate ends in {{ $value | humanizeDuration }}; any update in its last ${renewalDays} days renews it`,
  };
}
