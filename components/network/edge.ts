import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { EdgeSetting } from "../../settings/platform.ts";

export const acmeIssuer = "letsencrypt-prod";
const gatewayNamespace = "envoy-gateway-system";
const gatewayName = "edge";

/** How traffic from the internet reaches the cluster, and what routes attach to. */
export interface Edge {
  readonly kind: "gateway" | "ingress";
  /** Namespace of the proxies, as NetworkPolicies name it. */
  readonly proxyNamespace: string;
  /** The shared Gateway's load balancer; an Ingress brings its own. */
  readonly address: pulumi.Output<string> | undefined;
  readonly ingressClass: string | undefined;
  readonly gateway: { readonly name: string; readonly namespace: string } | undefined;
  /** What routes wait for. */
  readonly ready: readonly pulumi.Resource[];
}

export interface EdgeArgs {
  readonly setting: Extract<EdgeSetting, { kind: "gateway" | "ingress" }>;
  readonly addons: readonly pulumi.Resource[];
  readonly nodeSelector: Record<string, string> | undefined;
}

/** The Gateway of the stack that made the cluster, for routes of this one. */
export function sharedEdge(address: pulumi.Output<string>): Edge {
  const gateway = { name: gatewayName, namespace: gatewayNamespace };
  return { kind: "gateway", proxyNamespace: gatewayNamespace, address, ingressClass: undefined, gateway, ready: [] };
}

/**
 * The edge of a stack: a Let's Encrypt issuer and, for the gateway kind, one Gateway on one DigitalOcean load balancer
 * that all systems share. Systems bring their own listeners, so that none can break another's.
 *
 * Costs one network load balancer: 15 $ a month.
 */
export class EdgeComponent extends pulumi.ComponentResource implements Edge {
  readonly kind: "gateway" | "ingress";
  readonly proxyNamespace: string;
  readonly address: pulumi.Output<string> | undefined;
  readonly ingressClass: string | undefined;
  readonly gateway: { readonly name: string; readonly namespace: string } | undefined;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:network:Edge", name, {}, opts);
    const { setting } = args;
    const issuer = this.issuer(name, args);
    this.kind = setting.kind;
    if (setting.kind === "ingress") {
      this.proxyNamespace = setting.controllerNamespace;
      this.ingressClass = setting.className;
      this.ready = [issuer];
    } else {
      const gateway = this.createGateway(name, setting.replicas, args);
      this.proxyNamespace = gatewayNamespace;
      this.gateway = { name: gatewayName, namespace: gatewayNamespace };
      this.address = gateway.address;
      this.ready = [issuer, gateway.resource];
    }
    this.registerOutputs({ address: this.address });
  }

  private issuer(name: string, args: EdgeArgs): pulumi.Resource {
    const { setting } = args;
    const solver =
      setting.kind === "gateway"
        ? {
            gatewayHTTPRoute: { parentRefs: [{ name: gatewayName, namespace: gatewayNamespace, sectionName: "http" }] },
          }
        : { ingress: { ingressClassName: setting.className } };
    return new k8s.apiextensions.CustomResource(
      `${name}-issuer`,
      {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: { name: acmeIssuer },
        spec: {
          acme: {
            email: setting.acmeEmail,
            server: "https://acme-v02.api.letsencrypt.org/directory",
            privateKeySecretRef: { name: `${acmeIssuer}-account` },
            solvers: [{ http01: solver }],
          },
        },
      },
      { parent: this, dependsOn: [...args.addons] },
    );
  }

  private createGateway(
    name: string,
    replicas: number,
    args: EdgeArgs,
  ): { resource: pulumi.Resource; address: pulumi.Output<string> } {
    const opts = { parent: this, dependsOn: [...args.addons] };
    const proxy = new k8s.apiextensions.CustomResource(
      `${name}-proxy`,
      {
        apiVersion: "gateway.envoyproxy.io/v1alpha1",
        kind: "EnvoyProxy",
        metadata: { name: gatewayName, namespace: gatewayNamespace },
        spec: {
          provider: {
            type: "Kubernetes",
            kubernetes: {
              envoyService: {
                // Written out: the default type changed once already, and with it what the load balancer forwards.
                annotations: { "service.beta.kubernetes.io/do-loadbalancer-type": "REGIONAL_NETWORK" },
              },
              envoyDeployment: {
                replicas,
                container: { resources: { requests: { cpu: "100m", memory: "512Mi" } } },
                ...(args.nodeSelector === undefined ? {} : { pod: { nodeSelector: args.nodeSelector } }),
              },
              ...(replicas > 1 ? { envoyPDB: { maxUnavailable: 1 } } : {}),
            },
          },
        },
      },
      opts,
    );
    const gatewayClass = new k8s.apiextensions.CustomResource(
      `${name}-class`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "GatewayClass",
        metadata: { name: gatewayName },
        spec: {
          controllerName: "gateway.envoyproxy.io/gatewayclass-controller",
          parametersRef: {
            group: "gateway.envoyproxy.io",
            kind: "EnvoyProxy",
            name: gatewayName,
            namespace: gatewayNamespace,
          },
        },
      },
      { ...opts, dependsOn: [proxy] },
    );
    const gateway = new GatewayResource(
      `${name}-gateway`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: {
          name: gatewayName,
          namespace: gatewayNamespace,
          // Its address is an output that DNS records need.
          annotations: { "pulumi.com/waitFor": "condition=Programmed" },
        },
        spec: {
          gatewayClassName: gatewayName,
          // Plain HTTP only redirects, and answers certificate challenges.
          listeners: [{ name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "All" } } }],
          allowedListeners: { namespaces: { from: "All" } },
        },
        status: undefined,
      },
      { ...opts, dependsOn: [gatewayClass] },
    );
    return { resource: gateway, address: gateway.status.apply((status) => status?.addresses?.[0]?.value ?? "") };
  }
}

/** A Gateway whose status can be read: a custom resource resolves only the properties that its arguments name. */
class GatewayResource extends k8s.apiextensions.CustomResource {
  declare readonly status: pulumi.Output<{ addresses?: { value: string }[] } | undefined>;
}
