/** What a cluster has beside DOKS itself: add-ons, and how much monitoring keeps. */
import { z } from "zod";
import { days, dnsLabel, labels, resources, volumeSize } from "../slices/fields.ts";

const addon = z.enum(["install", "existing", "none"]).default("none");

const chart = z.strictObject({
  chart: z
    .string()
    .min(1)
    .describe("OCI address, or the chart's name in `repository`.")
    .meta({ examples: ["oci://registry.example.com/charts/exporter", "exporter"] }),
  repository: z
    .url({ protocol: /^https$/ })
    .optional()
    .meta({
      description: "Address of a Helm repository.",
      form: "https URL",
      unset: "none: `chart` is an OCI address",
      examples: ["https://charts.example.com"],
    }),
  version: z
    .string()
    .min(1)
    .describe("Version of the chart.")
    .meta({ examples: ["1.2.3", "1.2.4"] }),
  namespace: dnsLabel.describe("Namespace of the release.").meta({ examples: ["exporters", "others"] }),
  podSecurity: z
    .enum(["restricted", "privileged", "exists"])
    .default("restricted")
    .describe("Pod Security level of the namespace that is made for it; `exists` makes none."),
  values: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("The chart's own values. Never a secret.")
    .meta({ examples: [{ replicas: 2 }] }),
});

export const addonsSetting = z
  .strictObject({
    envoyGateway: addon.describe("Envoy Gateway with the kinds of Gateway API, for the edge `gateway`."),
    certManager: addon.describe("cert-manager, which gets the edge's certificates."),
    metricsServer: addon.describe("metrics-server, which autoscalers and `kubectl top` ask for CPU and memory."),
    prometheus: addon.describe("kube-prometheus-stack: Prometheus, Alertmanager, Grafana."),
    prometheusAdapter: addon.describe("Gives autoscalers Prometheus' series as custom metrics."),
    linkerd: z
      .enum(["existing", "none"])
      .default("none")
      .describe("Whether the cluster has Linkerd. It is not installed: its releases do not list Kubernetes 1.36 yet."),
    charts: z
      .record(dnsLabel, chart)
      .default({})
      .describe("Further charts by release name: a log shipper, an exporter.")
      .meta({
        examples: [
          {
            exporter: { chart: "oci://registry.example.com/charts/exporter", version: "1.0.0", namespace: "exporter" },
          },
        ],
      }),
    chartMirror: z
      .string()
      .startsWith("oci://", "use an OCI address, such as oci://mirror.example.com/charts")
      .optional()
      .meta({
        description: "An OCI registry that mirrors the charts, for clusters without internet.",
        form: "OCI address",
        unset: "the charts' own homes",
        examples: ["oci://mirror.example.com/charts"],
      }),
  })
  .prefault({})
  .describe(
    "What the cluster has beside DOKS itself: `install` brings a chart at a pinned version, `existing` relies on the cluster's own.",
  );

export const monitoringSetting = z
  .strictObject({
    namespace: dnsLabel
      .default("monitoring")
      .meta({ description: "Namespace of Prometheus, Alertmanager and Grafana.", examples: ["observability"] }),
    scrapedBy: z
      .strictObject({
        namespace: dnsLabel.describe("Namespace of its pods.").meta({ examples: ["observability", "metrics"] }),
        labels: labels.optional().meta({ description: "Labels of its pods.", unset: "every pod of the namespace" }),
      })
      .optional()
      .meta({
        description: "Another Prometheus than the add-on's: whose pods may read the metrics of every workload.",
        unset: "the add-on's, in `namespace`, with the label `app.kubernetes.io/name: prometheus`",
        examples: [{ namespace: "observability" }],
      }),
    pool: dnsLabel
      .optional()
      .meta({ description: "Node pool where Prometheus runs.", examples: ["general"], unset: "the system pool" }),
    storage: volumeSize.default("20Gi").describe("Size of Prometheus' volume."),
    retentionDays: days.default(15).describe("Days until Prometheus deletes what it measured."),
    resources: resources
      .default({ requests: { cpu: "500m", memory: "2Gi" }, limits: { cpu: "2", memory: "3Gi" } })
      .describe("Of Prometheus itself."),
  })
  .prefault({})
  .describe("Of the add-on `prometheus`, and of a Prometheus that the cluster has without it.");
