import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site/site.ts";
import type { Namespace } from "../site/namespace.ts";
import { longestGap } from "./schedule.ts";

/** A rule of Prometheus' alerting. */
export interface Alert {
  readonly name: string;
  /** PromQL; the alert is active for each series that it returns. */
  readonly expr: pulumi.Input<string>;
  /** How long it must be active: `5m`. */
  readonly for: string;
  readonly severity: "critical" | "warning";
  /** What is wrong, for whoever is woken; `{{ $value }}` and `{{ $labels.pod }}` are filled in. */
  readonly summary: string;
}

/** A system's alerts, where a Prometheus Operator reads them. */
export function alertRules(
  name: string,
  args: { site: Site; namespace: Namespace; groupName: string; alerts: readonly Alert[] },
  parent: pulumi.Resource,
): void {
  const { site, namespace, groupName } = args;
  if (site.monitoring === undefined) return;
  prometheusRule(
    name,
    { metadata: namespace.meta(groupName, { labels: site.monitoring.labels }), groupName, alerts: args.alerts },
    { parent, dependsOn: [...namespace.ready, ...site.monitoring.ready] },
  );
}

/**
 * A PrometheusRule of one group. Each alert is of the rule's namespace, whatever its expression keeps: an
 * AlertmanagerConfig gets the alerts of its own namespace only.
 */
export function prometheusRule(
  name: string,
  args: { metadata: { readonly namespace: string }; groupName: string; alerts: readonly Alert[] },
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

/** A pod that is not ready, or starts again and again, whatever it does. From kube-state-metrics. */
export function podAlerts(namespace: string): Alert[] {
  const own = `namespace="${namespace}"`;
  return [
    {
      name: "PodNotReady",
      // A Job's pod becomes ready for nobody, and may take hours.
      expr:
        `min by (namespace, pod) (kube_pod_status_ready{${own}, condition="true"}) == 0` +
        ` unless on (namespace, pod) kube_pod_owner{${own}, owner_kind="Job"}`,
      for: "10m",
      severity: "critical",
      summary: "{{ $labels.pod }} has not been ready for ten minutes",
    },
    {
      name: "PodRestarting",
      expr: `increase(kube_pod_container_status_restarts_total{${own}}[15m]) > 3`,
      for: "0m",
      severity: "warning",
      summary: "{{ $labels.container }} of {{ $labels.pod }} restarted {{ $value | humanize }} times in 15 minutes",
    },
  ];
}

/** A claim that fills up. From the kubelet. */
export function volumeAlert(namespace: string): Alert {
  const own = `{namespace="${namespace}"}`;
  return {
    name: "VolumeFillingUp",
    expr: `kubelet_volume_stats_used_bytes${own} / kubelet_volume_stats_capacity_bytes${own} > 0.8`,
    for: "10m",
    severity: "warning",
    summary: "{{ $labels.persistentvolumeclaim }} is {{ $value | humanizePercentage }} full; grow it by the runbook",
  };
}

/** A backup that is two hours late, or never succeeded, and a run or a drill that failed. From kube-state-metrics. */
export function backupAlerts(namespace: string, cronJob: string, schedule: string): Alert[] {
  const own = `{namespace="${namespace}", cronjob="${cronJob}"}`;
  const late = `${longestGap(schedule) / 60 + 120} * 60`;
  return [
    {
      name: "BackupStale",
      expr:
        `time() - max(kube_cronjob_status_last_successful_time${own}) > ${late}` +
        ` or (time() - max(kube_cronjob_created${own}) > ${late}` +
        ` unless max(kube_cronjob_status_last_successful_time${own}))`,
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

/** A public certificate that cert-manager should have renewed by now. */
export function certificateAlert(namespace: string, days: number): Alert {
  return {
    name: "CertificateExpiring",
    expr: `certmanager_certificate_expiration_timestamp_seconds{exported_namespace="${namespace}"} - time() < ${days} * 86400`,
    for: "1h",
    severity: "critical",
    summary: "certificate {{ $labels.name }} ends in {{ $value | humanizeDuration }} and was not renewed",
  };
}
