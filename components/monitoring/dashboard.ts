import type * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site/site.ts";
import { ConfigObject } from "../workload/config-objects.ts";
import type { Namespace } from "../site/namespace.ts";

/** A time series panel of a dashboard. */
export interface Panel {
  /** Heading above the graph: `Requests per second`. */
  readonly title: string;
  /** PromQL query by its legend; Grafana fills in labels such as `{{pod}}` in a legend. */
  readonly queries: Readonly<Record<string, string>>;
  /** Grafana's id of the unit on the axis; `percentunit` takes 0 to 1, `s` seconds. @default "short", a plain number */
  readonly unit?: "short" | "s" | "bytes" | "percentunit" | "reqps";
}

/**
 * Makes the ConfigMap of a system's dashboard, which Grafana's sidecar finds by its label. Makes nothing without
 * Prometheus, nor of a retired system.
 */
export function dashboard(
  name: string,
  args: {
    /** Says whether the cluster has Prometheus, and with it Grafana. */
    site: Site;
    /** The system's namespace, which the ConfigMap is made in. */
    namespace: Namespace;
    /** `metadata.name` of the ConfigMap, and Grafana's uid of the dashboard: part of its address, so never changed. */
    objectName: string;
    /** Heading of the dashboard in Grafana's list. */
    title: string;
    /** Panels in reading order, two a row. */
    panels: readonly Panel[];
  },
  parent: pulumi.Resource,
): void {
  const { site, namespace, objectName, title, panels } = args;
  if (site.monitoring === undefined || !namespace.runs()) return;
  const data = { [`${objectName}.json`]: JSON.stringify(dashboardModel(objectName, title, panels), null, 2) };
  new ConfigObject(name, { site, namespace, objectName, data, labels: { grafana_dashboard: "1" } }, { parent });
}

const width = 12;
const height = 8;

/** A dashboard as Grafana's JSON model, two panels a row. Pure. */
function dashboardModel(uid: string, title: string, panels: readonly Panel[]): object {
  return {
    uid,
    title,
    schemaVersion: 39,
    editable: false,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    templating: { list: [{ name: "datasource", type: "datasource", query: "prometheus" }] },
    panels: panels.map((panel, i) => ({
      id: i + 1,
      type: "timeseries",
      title: panel.title,
      datasource: { type: "prometheus", uid: "${datasource}" },
      gridPos: { x: (i % 2) * width, y: Math.floor(i / 2) * height, w: width, h: height },
      fieldConfig: { defaults: { unit: panel.unit ?? "short" }, overrides: [] },
      targets: Object.entries(panel.queries).map(([legendFormat, expr], n) => ({
        refId: String.fromCharCode(65 + n),
        expr,
        legendFormat,
      })),
    })),
  };
}

/** The panels that every system's dashboard begins with: ready pods, restarts, and CPU and memory in use. */
export function podPanels(namespace: string): Panel[] {
  const matcher = `namespace="${namespace}"`;
  return [
    {
      title: "Pods that are ready",
      queries: {
        ready: `sum(kube_pod_status_ready{${matcher}, condition="true"})`,
        all: `count(kube_pod_info{${matcher}})`,
      },
    },
    {
      title: "Restarts in 15 minutes",
      queries: { "{{pod}}": `sum by (pod) (increase(kube_pod_container_status_restarts_total{${matcher}}[15m])) > 0` },
    },
    {
      title: "CPU used of requested",
      unit: "percentunit",
      queries: {
        "{{pod}}":
          `sum by (pod) (rate(container_cpu_usage_seconds_total{${matcher}, container!=""}[5m]))` +
          ` / sum by (pod) (kube_pod_container_resource_requests{${matcher}, resource="cpu"})`,
      },
    },
    {
      title: "Memory",
      unit: "bytes",
      queries: { "{{pod}}": `sum by (pod) (container_memory_working_set_bytes{${matcher}, container!=""})` },
    },
  ];
}
