/**
 * The Gateway that all systems of a cluster share: Envoy Gateway's proxies behind one DigitalOcean load balancer.
 *
 * Paths and headers reach workloads exactly as the client sent them. However many slow clients there are, a proxy stays
 * within its memory limit: Envoy's budget is four fifths of the limit; at 95 % of that it frees memory, at 98 % it
 * refuses requests.
 */
import { balancerAnnotation } from "../../catalogue/doks.ts";
import { addonNamespaces } from "../../catalogue/kubernetes.ts";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Namespace of the Gateway, and of the proxies that Envoy Gateway makes for it. */
export const gatewayNamespace = addonNamespaces.envoyGateway;
/** `metadata.name` of the Gateway and of its GatewayClass; stacks on another stack's cluster attach routes by this name. */
export const gatewayName = "edge";

const gatewayApi = "gateway.networking.k8s.io/v1";
const envoyApi = "gateway.envoyproxy.io/v1alpha1";

/** Seconds in which a request must have arrived completely: enough for 100 MiB at 1.4 Mbit/s. */
const receiveSeconds = 600;

/** Arguments of `sharedGateway`. */
export interface GatewayArgs {
  /** Add-ons that bring the kinds used here, to wait for. */
  readonly addons: readonly pulumi.Resource[];
  /** Number of Envoy pods; from two on they have a disruption budget. */
  readonly replicas: number;
  /** Labels of the nodes that Envoy runs on; undefined means any node. */
  readonly nodeSelector: Record<string, string> | undefined;
}

/**
 * Makes the Gateway with its class, its proxies and its policy for clients.
 *
 * @returns the Gateway, for routes to wait for, and its load balancer's address; empty while there is none
 */
export function sharedGateway(
  name: string,
  args: GatewayArgs,
  parent: pulumi.Resource,
): { resource: pulumi.Resource; address: pulumi.Output<string> } {
  const opts = { parent, dependsOn: [...args.addons] };
  const proxy = new k8s.apiextensions.CustomResource(
    `${name}-proxy`,
    {
      apiVersion: envoyApi,
      kind: "EnvoyProxy",
      metadata: { name: gatewayName, namespace: gatewayNamespace },
      spec: { provider: { type: "Kubernetes", kubernetes: proxies(args) } },
    },
    opts,
  );
  const gatewayClass = new k8s.apiextensions.CustomResource(
    `${name}-class`,
    {
      apiVersion: gatewayApi,
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
      apiVersion: gatewayApi,
      kind: "Gateway",
      metadata: {
        name: gatewayName,
        namespace: gatewayNamespace,
        // DNS records need the address, which the Gateway has once it is programmed.
        annotations: { "pulumi.com/waitFor": "condition=Programmed" },
      },
      spec: {
        gatewayClassName: gatewayName,
        // Port 80 serves only redirects to HTTPS and ACME challenges. Listeners for HTTPS come with each route's ListenerSet.
        listeners: [{ name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "All" } } }],
        allowedListeners: { namespaces: { from: "All" } },
      },
      status: undefined,
    },
    { ...opts, dependsOn: [gatewayClass] },
  );
  new k8s.apiextensions.CustomResource(
    `${name}-clients`,
    {
      apiVersion: envoyApi,
      kind: "ClientTrafficPolicy",
      metadata: { name: gatewayName, namespace: gatewayNamespace },
      spec: {
        targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: gatewayName }],
        ...unchangedRequests,
      },
    },
    { ...opts, dependsOn: [gateway] },
  );
  return { resource: gateway, address: gateway.status.apply((status) => status?.addresses?.[0]?.value ?? "") };
}

/**
 * Settings that pass requests on unchanged. By default Envoy Gateway redirects paths with `%2F` or `//` in them, such as
 * `/fetch/https://x`, and refuses headers with `_` in their name.
 */
const unchangedRequests = {
  path: { escapedSlashesAction: "KeepUnchanged", disableMergeSlashes: true },
  headers: { withUnderscoresAction: "Allow" },
  timeout: { http: { requestReceivedTimeout: `${receiveSeconds}s` } },
};

function proxies({ replicas, nodeSelector }: GatewayArgs): object {
  return {
    envoyService: {
      // Always set, because DigitalOcean changed the default once, and with it what the load balancer forwards.
      annotations: { [balancerAnnotation("type")]: "REGIONAL_NETWORK" },
    },
    envoyDeployment: {
      replicas,
      // Envoy Gateway configures Envoy's overload manager from the memory limit, and configures none without a limit.
      container: { resources: { requests: { cpu: "100m", memory: "512Mi" }, limits: { memory: "1Gi" } } },
      pod: nodeSelector && { nodeSelector },
    },
    envoyPDB: replicas > 1 ? { maxUnavailable: 1 } : undefined,
  };
}

/**
 * A Gateway with a readable `status`. Pulumi fills in only properties of a custom resource that its arguments name,
 * even as undefined.
 */
class GatewayResource extends k8s.apiextensions.CustomResource {
  declare readonly status: pulumi.Output<{ addresses?: { value: string }[] } | undefined>;
}
