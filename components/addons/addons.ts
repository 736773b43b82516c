import { addonNamespaces } from "../../catalogue/kubernetes.ts";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import type { Monitoring } from "../site/site.ts";
import type { AddonsArgs } from "./addons-args.ts";
import { chart } from "./chart.ts";
import { chartKinds } from "./kinds.ts";
import { gatewayKindsValues } from "./owned-kind.ts";
import { prometheusAdapter, prometheusStack } from "./prometheus.ts";

/** Of both of Envoy Gateway's charts: the kinds are those that the controller was built with. */
const envoyGatewayVersion = "1.9.0";

/**
 * What a cluster needs beside DOKS itself, each from its own chart at a pinned version: Envoy Gateway, cert-manager,
 * metrics-server, Prometheus. `existing` installs nothing and relies on the cluster's own; a resource of their kinds exists only where
 * they do. Kinds come before the chart that uses them, at the first install and at each upgrade, and stay when it goes.
 */
export class Addons extends Component {
  /** What resources of the add-ons' kinds wait for. */
  readonly installed: pulumi.Resource[];
  /** The Prometheus Operator, installed or existing. */
  readonly monitoring: Monitoring | undefined;
  /** Of Grafana's user `admin`, where this program installs it; secret. */
  readonly grafanaPassword: pulumi.Output<string> | undefined;

  constructor(name: string, args: AddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:addons:Addons", name, {}, args, opts);
    const { setting } = args;
    const gatewayKinds = setting.envoyGateway === "install" ? [this.gatewayKinds(name, args)] : [];
    const gateway = setting.envoyGateway === "install" ? [this.envoyGateway(name, args, gatewayKinds)] : [];
    if (setting.metricsServer === "install") this.metricsServer(name, args);
    const stack = setting.prometheus === "install" ? prometheusStack(`${name}-prometheus`, args, this) : undefined;
    this.grafanaPassword = stack?.grafanaPassword;
    this.monitoring =
      setting.prometheus === "none"
        ? undefined
        : { namespace: args.monitoring.namespace, labels: { release: "prometheus" }, ready: stack?.ready ?? [] };
    // cert-manager watches routes only if their kinds exist when it starts, and its chart's monitor needs its kind.
    const kinds = [...gatewayKinds, ...(stack === undefined ? [] : [stack.kinds])];
    const certificates = setting.certManager === "install" ? [this.certManager(name, args, kinds)] : [];
    if (setting.prometheusAdapter === "install")
      prometheusAdapter(`${name}-prometheus-adapter`, args, stack?.ready, this);
    for (const [release, { repository, ...further }] of Object.entries(setting.charts)) {
      const mirror = setting.chartMirror;
      chart(`${name}-${release}`, { ...further, ...(repository && { repository }), release, mirror }, this);
    }
    this.installed = [...gatewayKinds, ...gateway, ...certificates];
    this.registerOutputs({});
  }

  /** Gateway API's and Envoy Gateway's own, over the older ones that VPC-native clusters of DOKS bring. */
  private gatewayKinds(name: string, { setting, adopter }: AddonsArgs): pulumi.Resource {
    const source = {
      chart: "oci://docker.io/envoyproxy/gateway-crds-helm",
      version: envoyGatewayVersion,
      mirror: setting.chartMirror,
      values: gatewayKindsValues,
    };
    return chartKinds(`${name}-gateway-kinds`, source, adopter(`${name}-adopter`, this), this);
  }

  private envoyGateway(
    name: string,
    { setting, nodeSelector, production }: AddonsArgs,
    kinds: pulumi.Resource[],
  ): pulumi.Resource {
    return chart(
      `${name}-envoy-gateway`,
      {
        release: "envoy-gateway",
        chart: "oci://docker.io/envoyproxy/gateway-helm",
        version: envoyGatewayVersion,
        namespace: addonNamespaces.envoyGateway,
        podSecurity: "restricted",
        mirror: setting.chartMirror,
        values: {
          // Its own are never upgraded, and would not come where DOKS has brought older ones.
          crds: { enabled: false },
          deployment: {
            replicas: production ? 2 : 1,
            pod: { ...(nodeSelector && { nodeSelector }) },
            envoyGateway: { resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } } },
          },
          ...(production ? { podDisruptionBudget: { maxUnavailable: 1 } } : {}),
        },
      },
      this,
      kinds,
    );
  }

  private certManager(
    name: string,
    { setting, nodeSelector, production }: AddonsArgs,
    after: pulumi.Resource[],
  ): pulumi.Resource {
    // An expired or unreachable webhook refuses every certificate, so it gets one replica more than the rest.
    const part = (replicaCount: number) => ({
      replicaCount: production ? replicaCount : 1,
      ...(production ? { podDisruptionBudget: { enabled: true } } : {}),
      ...(nodeSelector && { nodeSelector }),
      resources: { requests: { cpu: "10m", memory: "64Mi" } },
    });
    return chart(
      `${name}-cert-manager`,
      {
        release: "cert-manager",
        chart: "oci://quay.io/jetstack/charts/cert-manager",
        version: "v1.21.1",
        namespace: addonNamespaces.certManager,
        podSecurity: "restricted",
        mirror: setting.chartMirror,
        values: {
          // Templates of the chart: Helm upgrades them, before everything else of it.
          crds: { enabled: true, keep: true },
          config: {
            apiVersion: "controller.config.cert-manager.io/v1alpha1",
            kind: "ControllerConfiguration",
            gatewayAPI: { enabled: setting.envoyGateway !== "none" },
          },
          // Without it nobody knows when a certificate ends, and the alert on that is silent.
          ...(this.monitoring === undefined
            ? {}
            : { prometheus: { servicemonitor: { enabled: true, labels: this.monitoring.labels } } }),
          ...part(2),
          webhook: part(3),
          cainjector: part(2),
        },
      },
      this,
      after,
    );
  }

  private metricsServer(name: string, { setting, nodeSelector, production }: AddonsArgs): pulumi.Resource {
    return chart(
      `${name}-metrics-server`,
      {
        release: "metrics-server",
        chart: "metrics-server",
        repository: "https://kubernetes-sigs.github.io/metrics-server",
        version: "3.13.1",
        namespace: "kube-system",
        podSecurity: "exists",
        mirror: setting.chartMirror,
        values: {
          replicas: production ? 2 : 1,
          resources: { requests: { cpu: "100m", memory: "200Mi" } },
          ...(production ? { podDisruptionBudget: { enabled: true, minAvailable: 1 } } : {}),
          ...(nodeSelector && { nodeSelector }),
        },
      },
      this,
    );
  }
}
