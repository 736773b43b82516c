import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { EdgeSetting } from "../../settings/platform.ts";
import type { SharedEdge } from "../cluster/cluster.ts";
import { acmeIssuer, usualIssuer } from "./acme.ts";
import type { Edge } from "../site/site.ts";
import { gatewayName, gatewayNamespace, sharedGateway } from "./gateway.ts";

export interface EdgeArgs extends ComponentArgs {
  readonly setting: Extract<EdgeSetting, { kind: "gateway" | "ingress" }>;
  readonly addons: readonly pulumi.Resource[];
  readonly nodeSelector: Record<string, string> | undefined;
}

/** The Gateway of the stack that made the cluster, for routes of this one. */
export function sharedEdge(setting: Extract<EdgeSetting, { kind: "stack" }>, of: SharedEdge | undefined): Edge {
  return {
    kind: "gateway",
    proxyNamespace: gatewayNamespace,
    address: of?.address ?? pulumi.output(""),
    ingressClass: undefined,
    gateway: { name: gatewayName, namespace: gatewayNamespace },
    issuer: of?.issuer.apply((issuer) => issuer ?? usualIssuer) ?? usualIssuer,
    certificates: setting.certificates,
    ready: [],
  };
}

/**
 * The edge of a stack: an issuer of certificates and, for the gateway kind, one Gateway on one DigitalOcean load balancer
 * that all systems share. Systems bring their own listeners, so that none can break another's.
 *
 * Costs one network load balancer: 15 $ a month.
 */
export class EdgeComponent extends Component implements Edge {
  readonly kind: "gateway" | "ingress";
  readonly proxyNamespace: string;
  readonly address: pulumi.Output<string> | undefined;
  readonly ingressClass: string | undefined;
  readonly gateway: { readonly name: string; readonly namespace: string } | undefined;
  readonly issuer: string;
  readonly certificates: "host" | "system";
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:network:Edge", name, {}, args, opts);
    const { setting } = args;
    const issuer = this.createIssuer(name, args);
    this.kind = setting.kind;
    this.issuer = acmeIssuer(setting.acmeServer).name;
    if (setting.kind === "ingress") {
      this.proxyNamespace = setting.controllerNamespace;
      this.ingressClass = setting.className;
      // nginx serves every host on whatever connection it comes, and the documents name one Secret.
      this.certificates = "system";
      this.ready = [issuer];
    } else {
      const gateway = sharedGateway(name, { ...args, replicas: setting.replicas }, this);
      this.proxyNamespace = gatewayNamespace;
      this.gateway = { name: gatewayName, namespace: gatewayNamespace };
      this.certificates = setting.certificates;
      this.address = gateway.address;
      this.ready = [issuer, gateway.resource];
    }
    this.registerOutputs({ address: this.address });
  }

  private createIssuer(name: string, { setting, addons }: EdgeArgs): pulumi.Resource {
    // By default its Service would open a port on every node.
    const serviceType = "ClusterIP";
    const parentRefs = [{ name: gatewayName, namespace: gatewayNamespace, sectionName: "http" }];
    const solver =
      setting.kind === "gateway"
        ? { gatewayHTTPRoute: { serviceType, parentRefs } }
        : { ingress: { serviceType, ingressClassName: setting.className } };
    const { name: issuerName, directory } = acmeIssuer(setting.acmeServer);
    return new k8s.apiextensions.CustomResource(
      `${name}-issuer`,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: { name: issuerName },
        spec: {
          acme: {
            email: setting.acmeEmail,
            server: directory,
            privateKeySecretRef: { name: `${issuerName}-account` },
            solvers: [{ http01: solver }],
          },
        },
      },
      { parent: this, dependsOn: [...addons] },
    );
  }
}
