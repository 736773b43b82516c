/**
 * The Gateway that all systems of a cluster share: Envoy Gateway's proxies behind one DigitalOcean load balancer.
 *
 * Promises: what a client sends arrives as it was sent (paths, headers), and no number of slow clients takes more memory
 * than the proxies' limit: from 95 % of four fifths of it on Envoy gives back what it can, at 98 % it refuses requests.
 */
import { balancerAnnotation } from "../../catalogue/doks.ts";
import { addonNamespaces } from "../../catalogue/kubernetes.ts";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

export const gatewayNamespace = addonNamespaces.envoyGateway;
export const gatewayName = "edge";

const gatewayApi = "gateway.networking.k8s.io/v1";
const envoyApi = "gateway.envoyproxy.io/v1alpha1";

/** Seconds for a request to arrive whole: 100 MiB at 1.4 Mbit/s. */
const receiveSeconds = 600;

export interface GatewayArgs {
  readonly addons: readonly pulumi.Resource[];
  /** Envoy pods. */
  readonly replicas: number;
  readonly nodeSelector: Record<string, string> | undefined;
}

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
  new k8s.apiextensions.CustomResource(
    `${name}-clients`,
    {
      apiVersion: envoyApi,
      kind: "ClientTrafficPolicy",
      metadata: { name: gatewayName, namespace: gatewayNamespace },
      spec: { targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: gatewayName }], ...asSent },
    },
    { ...opts, dependsOn: [gateway] },
  );
  return { resource: gateway, address: gateway.status.apply((status) => status?.addresses?.[0]?.value ?? "") };
}

/** By default `a%2Fb` and `https://x` inside a path are redirected to something else, and a header with `_` is an error. */
const asSent = {
  path: { escapedSlashesAction: "KeepUnchanged", disableMergeSlashes: true },
  headers: { withUnderscoresAction: "Allow" },
  timeout: { http: { requestReceivedTimeout: `${receiveSeconds}s` } },
};

function proxies({ replicas, nodeSelector }: GatewayArgs): object {
  return {
    envoyService: {
      // Written out: the default type changed once already, and with it what the load balancer forwards.
      annotations: { [balancerAnnotation("type")]: "REGIONAL_NETWORK" },
    },
    envoyDeployment: {
      replicas,
      // Envoy Gateway sets Envoy's overload manager by the limit; without one there is none.
      container: { resources: { requests: { cpu: "100m", memory: "512Mi" }, limits: { memory: "1Gi" } } },
      ...(nodeSelector === undefined ? {} : { pod: { nodeSelector } }),
    },
    ...(replicas > 1 ? { envoyPDB: { maxUnavailable: 1 } } : {}),
  };
}

/** A Gateway whose status can be read: a custom resource resolves only the properties that its arguments name. */
class GatewayResource extends k8s.apiextensions.CustomResource {
  declare readonly status: pulumi.Output<{ addresses?: { value: string }[] } | undefined>;
}
