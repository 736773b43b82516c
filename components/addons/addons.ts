import { addonNamespaces } from "../../catalogue/kubernetes.ts";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import type { Monitoring } from "../site/site.ts";
import type { AddonsArgs } from "./addons-args.ts";
import { certManagerValues, certManagerVersion } from "./cert-manager.ts";
import { chart } from "./chart.ts";
import { envoyGatewayValues, envoyGatewayVersion } from "./envoy-gateway.ts";
import { chartKinds } from "./kinds.ts";
import { gatewayKindsValues } from "./owned-kind.ts";
import { prometheusAdapter, prometheusStack } from "./prometheus.ts";

/**
 * What a cluster needs beside what DOKS brings, each from its own Helm chart at a pinned version: Envoy Gateway,
 * cert-manager, metrics-server, Prometheus. For an add-on that is `existing`, nothing is installed and the cluster's
 * own is used.
 *
 * The kinds (custom resource definitions) of an add-on are applied before its chart, at the first install and at each
 * upgrade, and stay when the add-on goes.
 */
export class Addons extends Component {
  /** Kinds and releases of Envoy Gateway and cert-manager, for resources of those kinds to wait for. */
  readonly installed: pulumi.Resource[];
  /** The Prometheus Operator, whether installed here or existing; undefined where there is none. */
  readonly monitoring: Monitoring | undefined;
  /** Password of Grafana's user `admin`, if this program installs Grafana; secret. */
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
    // cert-manager watches objects of Gateway API only if their kinds exist when it starts, and its chart makes a
    // ServiceMonitor.
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

  /**
   * Kinds of Gateway API and of Envoy Gateway, applied over the older ones of Gateway API that VPC-native DOKS clusters
   * have.
   */
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
        values: envoyGatewayValues(nodeSelector, production),
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
    const gateways = setting.envoyGateway !== "none";
    return chart(
      `${name}-cert-manager`,
      {
        release: "cert-manager",
        chart: "oci://quay.io/jetstack/charts/cert-manager",
        version: certManagerVersion,
        namespace: addonNamespaces.certManager,
        podSecurity: "restricted",
        mirror: setting.chartMirror,
        values: certManagerValues({ gateways, monitoring: this.monitoring, nodeSelector, production }),
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
          podDisruptionBudget: production ? { enabled: true, minAvailable: 1 } : undefined,
          nodeSelector,
        },
      },
      this,
    );
  }
}
