/**
 * Prometheus with its operator, Alertmanager and Grafana, and the adapter that serves its series to autoscalers as
 * metrics.
 */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { RotatingPassword } from "../secrets/rotating-password.ts";
import type { AddonsArgs } from "./addons-args.ts";
import { chart } from "./chart.ts";
import { keptByHelm } from "./kinds.ts";

const repository = "https://prometheus-community.github.io/helm-charts";
/** Name of the Helm release. Names of Services and the label by which monitors are selected contain it. */
const release = "prometheus";

/**
 * Installs kube-prometheus-stack, and its kinds (custom resource definitions) from a chart of their own, because Helm never
 * upgrades those in a chart's `crds` folder. DOKS runs etcd, scheduler and controller manager outside the cluster and has no
 * kube-proxy, so the alerts on these are left out: they would fire all the time.
 */
export function prometheusStack(
  name: string,
  args: AddonsArgs,
  parent: pulumi.Resource,
): { kinds: pulumi.Resource; ready: pulumi.Resource[]; grafanaPassword: pulumi.Output<string> } {
  const { setting, monitoring } = args;
  const kinds = chart(
    `${name}-kinds`,
    {
      release: "prometheus-operator-crds",
      chart: "prometheus-operator-crds",
      repository,
      version: "31.0.1",
      namespace: monitoring.namespace,
      podSecurity: "restricted",
      mirror: setting.chartMirror,
      values: { crds: { annotations: keptByHelm } },
    },
    parent,
  );
  const grafanaPassword = new RotatingPassword(
    `${name}-grafana`,
    { version: 1, taken: args.grafanaPassword },
    { parent },
  ).current;
  const admin = new k8s.core.v1.Secret(
    `${name}-grafana`,
    {
      metadata: { name: "grafana-admin", namespace: monitoring.namespace },
      stringData: { "admin-user": "admin", "admin-password": grafanaPassword },
    },
    { parent, dependsOn: kinds },
  );
  const stack = chart(
    name,
    {
      release,
      chart: "kube-prometheus-stack",
      repository,
      version: "88.5.3",
      namespace: monitoring.namespace,
      podSecurity: "exists",
      // node-exporter reads files and counters of the node, which Pod Security `restricted` refuses.
      furtherNamespaces: { [nodeExporterNamespace(args)]: "privileged" },
      mirror: setting.chartMirror,
      values: stackValues(args),
    },
    parent,
    [kinds, admin],
  );
  return { kinds, ready: [kinds, stack], grafanaPassword };
}

/** Lets Grafana's sidecar read ConfigMaps of all namespaces, because each system keeps its dashboard in its own. */
function grafanaRights({ monitoring }: AddonsArgs): object[] {
  const rbac = "rbac.authorization.k8s.io";
  const metadata = { name: `${release}-grafana-dashboards` };
  return [
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata,
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata,
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name: `${release}-grafana`, namespace: monitoring.namespace }],
    },
  ];
}

function nodeExporterNamespace({ monitoring }: AddonsArgs): string {
  return `${monitoring.namespace}-nodes`;
}

function stackValues(args: AddonsArgs): Record<string, unknown> {
  const { monitoring, storageClass, production } = args;
  const place = args.monitoringNodeSelector === undefined ? {} : { nodeSelector: args.monitoringNodeSelector };
  const off = { enabled: false };
  const small = { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } };
  return {
    crds: off,
    extraManifests: grafanaRights(args),
    kubeEtcd: off,
    kubeScheduler: off,
    kubeControllerManager: off,
    kubeProxy: off,
    defaultRules: {
      rules: { etcd: false, kubeSchedulerAlerting: false, kubeControllerManager: false, kubeProxy: false },
    },
    prometheus: {
      prometheusSpec: {
        ...place,
        retention: `${monitoring.retentionDays}d`,
        resources: monitoring.resources,
        // By default Prometheus selects only monitors and rules with this release's label; those of others count too.
        serviceMonitorSelectorNilUsesHelmValues: false,
        podMonitorSelectorNilUsesHelmValues: false,
        ruleSelectorNilUsesHelmValues: false,
        storageSpec: {
          volumeClaimTemplate: {
            spec: {
              storageClassName: storageClass,
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: monitoring.storage } },
            },
          },
        },
      },
    },
    alertmanager: { alertmanagerSpec: { ...place, replicas: production ? 3 : 1, resources: small } },
    prometheusOperator: { ...place, resources: small },
    grafana: {
      ...place,
      admin: { existingSecret: "grafana-admin" },
      // The chart's own ClusterRole may read every Secret of the cluster. `grafanaRights` makes one that may not, with
      // a binding of its own, because the role that a binding refers to cannot be changed.
      rbac: { create: false },
      sidecar: {
        dashboards: { searchNamespace: "ALL", resource: "configmap" },
        datasources: { resource: "configmap" },
      },
      initChownData: off,
      resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "512Mi" } },
    },
    "kube-state-metrics": {
      ...place,
      metricLabelsAllowlist: [`nodes=[${args.poolLabel}]`],
      resources: small,
    },
    "prometheus-node-exporter": {
      namespaceOverride: nodeExporterNamespace(args),
      resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "64Mi" } },
    },
  };
}

/**
 * Installs prometheus-adapter, which serves Prometheus' series to autoscalers as custom metrics. Beside its default
 * rules (gauges under their own name, counters as a rate without `_total`) it serves `…_requests_total` as
 * `…_requests_per_second`.
 */
export function prometheusAdapter(
  name: string,
  args: AddonsArgs,
  after: pulumi.Resource[] | undefined,
  parent: pulumi.Resource,
): void {
  const { setting, monitoring, nodeSelector, production } = args;
  chart(
    name,
    {
      release: "prometheus-adapter",
      chart: "prometheus-adapter",
      repository,
      version: "4.11.0",
      namespace: monitoring.namespace,
      podSecurity: "exists",
      mirror: setting.chartMirror,
      values: {
        replicas: production ? 2 : 1,
        nodeSelector,
        podDisruptionBudget: production ? { enabled: true } : undefined,
        resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } },
        prometheus: { url: `http://${release}-kube-prometheus-prometheus.${monitoring.namespace}.svc`, port: 9090 },
        rules: {
          default: true,
          custom: [
            {
              seriesQuery: '{__name__=~"^.*_requests_total$",namespace!="",pod!=""}',
              resources: { overrides: { namespace: { resource: "namespace" }, pod: { resource: "pod" } } },
              name: { matches: "^(.*)_requests_total$", as: "${1}_requests_per_second" },
              metricsQuery: "sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)",
            },
          ],
        },
      },
    },
    parent,
    after ?? [],
  );
}
