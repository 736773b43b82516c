import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { EdgeSetting } from "../../settings/platform.ts";
import type { SharedEdge } from "../cluster/cluster.ts";
import { acmeIssuer, defaultIssuer } from "./acme.ts";
import type { Edge } from "../site/site.ts";
import { gatewayName, gatewayNamespace, sharedGateway } from "./gateway.ts";

/** Arguments of `EdgeComponent`. */
export interface EdgeArgs extends ComponentArgs {
  /** Kind of edge, ACME server and account, number of proxies: `platform.edge`. */
  readonly setting: Extract<EdgeSetting, { kind: "gateway" | "ingress" }>;
  /** Add-ons that bring the kinds used here, Envoy Gateway's and cert-manager's, to wait for. */
  readonly addons: readonly pulumi.Resource[];
  /** Labels of the nodes that the proxies run on; undefined means any node. */
  readonly nodeSelector: Record<string, string> | undefined;
}

/**
 * The edge of a stack whose routes attach to the Gateway of another stack, the one that made the cluster.
 *
 * @param of what that stack's outputs say of its Gateway
 */
export function sharedEdge(setting: Extract<EdgeSetting, { kind: "stack" }>, of: SharedEdge | undefined): Edge {
  return {
    kind: "gateway",
    proxyNamespace: gatewayNamespace,
    address: of?.address ?? pulumi.output(""),
    ingressClass: undefined,
    gateway: { name: gatewayName, namespace: gatewayNamespace },
    issuer: of?.issuer.apply((issuer) => issuer ?? defaultIssuer) ?? defaultIssuer,
    certificates: setting.certificates,
    ready: [],
  };
}

/**
 * The edge of a stack: a ClusterIssuer and, for the kind `gateway`, one Gateway behind one DigitalOcean load balancer
 * that all systems share. Each system attaches its listeners as a ListenerSet of its own, so that an error in one
 * leaves the others alone.
 *
 * The Gateway's load balancer costs 15 $ a month.
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
      // The systems' documents name one Secret for all hosts. nginx serves any host on any connection, so sharing does
      // no harm.
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
    // cert-manager's default, NodePort, would open a port on every node while a challenge runs.
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
