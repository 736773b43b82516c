import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site/site.ts";
import type { Namespace } from "../site/namespace.ts";
import { longestGap } from "./schedule.ts";

/** An alerting rule of Prometheus. */
export interface Alert {
  /** Label `alertname` in Alertmanager and in notifications: `PodNotReady`. */
  readonly name: string;
  /** PromQL; the alert is active for each series that the expression returns. */
  readonly expr: pulumi.Input<string>;
  /** Time that the expression must hold before the alert fires: `5m`. */
  readonly for: string;
  /** `critical` if it needs action at once, `warning` if it can wait until the next working day. */
  readonly severity: "critical" | "warning";
  /** What is wrong, for whoever gets the alert; Prometheus fills in `{{ $value }}` and labels such as `{{ $labels.pod }}`. */
  readonly summary: string;
}

/** Makes a PrometheusRule of a system's alerts; none without a Prometheus Operator, and none of a retired system. */
export function alertRules(
  name: string,
  args: {
    /** Says whether there is a Prometheus Operator, and which labels it selects rules by. */
    site: Site;
    /** The system's namespace, which the rule is made in and its alerts carry as a label. */
    namespace: Namespace;
    /** `metadata.name` of the PrometheusRule, and name of its one group. */
    groupName: string;
    /** Alerts of the group; Prometheus evaluates them in this order. */
    alerts: readonly Alert[];
  },
  parent: pulumi.Resource,
): void {
  const { site, namespace, groupName } = args;
  if (site.monitoring === undefined || !namespace.runs()) return;
  prometheusRule(
    name,
    { metadata: namespace.meta(groupName, { labels: site.monitoring.labels }), groupName, alerts: args.alerts },
    { parent, dependsOn: [...namespace.ready, ...site.monitoring.ready] },
  );
}

/**
 * Makes a PrometheusRule with one group. Every alert gets the rule's namespace as its label `namespace`, even if its
 * expression drops or changes that label, because an AlertmanagerConfig receives only alerts with the label of its own
 * namespace.
 */
export function prometheusRule(
  name: string,
  args: {
    /** `metadata` of the PrometheusRule, with the labels that Prometheus selects rules by. */
    metadata: { readonly namespace: string };
    /** Name of the one group in the rule. */
    groupName: string;
    /** Alerts of the group; Prometheus evaluates them in this order. */
    alerts: readonly Alert[];
  },
  opts: pulumi.CustomResourceOptions,
): void {
  const rules = args.alerts.map((alert) => ({
    alert: alert.name,
    expr: alert.expr,
    for: alert.for,
    labels: { severity: alert.severity, namespace: args.metadata.namespace },
    annotations: { summary: alert.summary },
  }));
  new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: args.metadata,
      spec: { groups: [{ name: args.groupName, rules }] },
    },
    opts,
  );
}

/** Alerts on pods of a namespace that stay not ready or keep restarting. Their series come from kube-state-metrics. */
export function podAlerts(namespace: string): Alert[] {
  const matcher = `namespace="${namespace}"`;
  return [
    {
      name: "PodNotReady",
      // Pods of Jobs are left out: they serve nobody, may never be ready, and may run for hours.
      expr:
        `min by (namespace, pod) (kube_pod_status_ready{${matcher}, condition="true"}) == 0` +
        ` unless on (namespace, pod) kube_pod_owner{${matcher}, owner_kind="Job"}`,
      for: "10m",
      severity: "critical",
      summary: "{{ $labels.pod }} has not been ready for ten minutes",
    },
    {
      name: "PodRestarting",
      expr: `increase(kube_pod_container_status_restarts_total{${matcher}}[15m]) > 3`,
      for: "0m",
      severity: "warning",
      summary: "{{ $labels.container }} of {{ $labels.pod }} restarted {{ $value | humanize }} times in 15 minutes",
    },
  ];
}

/** Alert on volumes of a namespace that are more than 80 % full. Its series come from the kubelet. */
export function volumeAlert(namespace: string): Alert {
  const selector = `{namespace="${namespace}"}`;
  return {
    name: "VolumeFillingUp",
    expr: `kubelet_volume_stats_used_bytes${selector} / kubelet_volume_stats_capacity_bytes${selector} > 0.8`,
    for: "10m",
    severity: "warning",
    summary: "{{ $labels.persistentvolumeclaim }} is {{ $value | humanizePercentage }} full; grow it by the runbook",
  };
}

/**
 * Alerts on a backup that is more than two hours late or never succeeded, and on a failed run of the backup or its restore
 * drill. Their series come from kube-state-metrics.
 *
 * @param cronJob `metadata.name` of the backup's CronJob; the drill's is the same with `-drill`
 * @param schedule of the CronJob, in UTC
 */
export function backupAlerts(namespace: string, cronJob: string, schedule: string): Alert[] {
  const selector = `{namespace="${namespace}", cronjob="${cronJob}"}`;
  const late = `${longestGap(schedule) / 60 + 120} * 60`;
  return [
    {
      name: "BackupStale",
      expr:
        `time() - max(kube_cronjob_status_last_successful_time${selector}) > ${late}` +
        ` or (time() - max(kube_cronjob_created${selector}) > ${late}` +
        ` unless max(kube_cronjob_status_last_successful_time${selector}))`,
      for: "10m",
      severity: "critical",
      summary: `${cronJob} has not succeeded for {{ $value | humanizeDuration }}`,
    },
    {
      name: "BackupFailed",
      expr: `kube_job_status_failed{namespace="${namespace}", job_name=~"${cronJob}(-drill)?-[0-9]+"} > 0`,
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.job_name }} failed; its logs say why",
    },
  ];
}

/**
 * Alert on certificates of a namespace that cert-manager has not renewed in time.
 *
 * @param days before expiry from which on the alert fires
 */
export function certificateAlert(namespace: string, days: number): Alert {
  return {
    name: "CertificateExpiring",
    expr: `certmanager_certificate_expiration_timestamp_seconds{exported_namespace="${namespace}"} - time() < ${days} * 86400`,
    for: "1h",
    severity: "critical",
    summary: "certificate {{ $labels.name }} ends in {{ $value | humanizeDuration }} and was not renewed",
  };
}
