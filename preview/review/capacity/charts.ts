/**
 * The pods of the Helm charts that this program installs, derived from the values it gives them. The pods of charts in
 * `addons.charts` are not known. Sidecars such as config reloaders request little and are left out.
 */
import { kindOf } from "../../../graph/resource.ts";
import { poolLabel } from "../../../catalogue/doks.ts";
import type { Resource } from "../../../graph/resource.ts";
import { anywhere, requested, type PodGroup } from "./pod-group.ts";

/** Values for one workload of a chart, under the keys that most charts have. */
interface Part {
  readonly replicas?: number;
  readonly replicaCount?: number;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly storageSpec?: unknown;
}
type Values = Readonly<Record<string, unknown>>;

const charts: Readonly<Record<string, (values: Values) => Readonly<Record<string, Part>>>> = {
  "cert-manager": (values) => ({
    controller: values,
    webhook: at(values, "webhook"),
    cainjector: at(values, "cainjector"),
  }),
  "gateway-helm": (values) => ({
    controller: {
      ...at(values, "deployment", "envoyGateway"),
      ...at(values, "deployment"),
      ...at(values, "deployment", "pod"),
    },
  }),
  "metrics-server": (values) => ({ server: values }),
  "kube-prometheus-stack": (values) => ({
    prometheus: at(values, "prometheus", "prometheusSpec"),
    alertmanager: at(values, "alertmanager", "alertmanagerSpec"),
    operator: at(values, "prometheusOperator"),
    grafana: at(values, "grafana"),
    "kube-state-metrics": at(values, "kube-state-metrics"),
    "node-exporter": at(values, "prometheus-node-exporter"),
  }),
  "prometheus-adapter": (values) => ({ adapter: values }),
  "prometheus-operator-crds": () => ({}),
};

/** Pods of a known chart's release, or of Envoy's proxies; empty for other resources and for unknown charts. */
export function chartPods(resource: Resource): PodGroup[] {
  const kind = kindOf(resource);
  if (kind === "EnvoyProxy") {
    const { provider } = resource.inputs["spec"] as { provider: { kubernetes: Values } };
    const deployment = at(provider.kubernetes, "envoyDeployment");
    const part = { ...deployment, ...at(deployment, "pod"), ...at(deployment, "container") };
    return [group(resource, "proxy", part)];
  }
  if (kind !== "Release") return [];
  const { values } = resource.inputs as { values: Values };
  const parts = charts[chartName(resource)]?.(values) ?? {};
  return Object.entries(parts).map(([name, part]) => group(resource, name, part));
}

/** Names of the releases whose pods are not counted. */
export function uncountedCharts(resources: readonly Resource[]): string[] {
  return resources
    .filter((resource) => resource.type.endsWith(":Release") && charts[chartName(resource)] === undefined)
    .map(({ inputs }) => String(inputs["name"]));
}

function group(resource: Resource, partName: string, part: Part): PodGroup {
  const count = part.replicas ?? part.replicaCount ?? 1;
  const { name: release, metadata } = resource.inputs as { name?: string; metadata?: { name: string } };
  const name = `${release ?? metadata?.name ?? resource.name}/${partName}`;
  // Of what this program installs, only Prometheus itself takes its requests from the settings.
  const isPrometheus = name === "prometheus/prometheus";
  return {
    ...{ name, urn: resource.urn, resource: `${kindOf(resource)} ${name}`, min: count, max: count },
    setting: isPrometheus ? "platform.monitoring" : undefined,
    ...(name.startsWith("prometheus/") && partName !== "node-exporter" && { poolSetting: "platform.monitoring.pool" }),
    pool: part.nodeSelector?.[poolLabel],
    each: requested(part),
    beside: { milliCpu: 0, mebibytes: 0 },
    ...{ priority: 0, apart: anywhere },
    volumes: part.storageSpec === undefined ? 0 : 1,
    // These workloads replace their pods one by one or in place, so at most one small pod is missing from the count.
    ...{ surge: 0, task: false, everyNode: partName === "node-exporter" },
  };
}

function chartName({ inputs }: Resource): string {
  return String(inputs["chart"]).split("/").at(-1) ?? "";
}

function at(values: Values, ...path: readonly string[]): Values {
  return path.reduce<Values>((value, step) => (value[step] ?? {}) as Values, values);
}
