/** A Route as Gateway API objects for Envoy Gateway, in the system's own namespace. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { acmeIssuer } from "./edge.ts";
import type { RouteArgs, RouteGroup, RouteRule } from "./route-args.ts";

/** Makes the objects; returns the load balancer's address. */
export function gatewayRoute(name: string, args: RouteArgs, parent: pulumi.Resource): pulumi.Output<string> {
  const { gateway, address } = args.edge;
  if (gateway === undefined || address === undefined) throw new Error(`${name}: the edge has no gateway to attach to`);
  const make = resourceMaker(name, args, parent);
  const hosts = args.groups.flatMap((group) => group.hosts);

  make("certificate", "cert-manager.io/v1", "Certificate", args.tlsSecretName, {
    secretName: args.tlsSecretName,
    dnsNames: hosts,
    issuerRef: { name: acmeIssuer, kind: "ClusterIssuer" },
  });
  const listeners = make("listeners", "gateway.networking.k8s.io/v1", "ListenerSet", args.routeName, {
    parentRef: { name: gateway.name, namespace: gateway.namespace },
    listeners: hosts.map((host) => ({
      name: host.replaceAll(".", "-"),
      port: 443,
      protocol: "HTTPS",
      hostname: host,
      tls: { mode: "Terminate", certificateRefs: [{ name: args.tlsSecretName }] },
    })),
  });
  make("redirect", "gateway.networking.k8s.io/v1", "HTTPRoute", `${args.routeName}-redirect`, {
    parentRefs: [{ name: gateway.name, namespace: gateway.namespace, sectionName: "http" }],
    hostnames: hosts,
    rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }],
  });
  for (const group of args.groups) {
    const routeName = args.groups.length === 1 ? args.routeName : `${args.routeName}-${group.name}`;
    const route = make(group.name, "gateway.networking.k8s.io/v1", "HTTPRoute", routeName, httpRoute(args, group), [
      listeners,
    ]);
    make(`${group.name}-limits`, envoyApi, "BackendTrafficPolicy", routeName, limits(args, routeName), [route]);
    group.rules
      .filter((rule) => rule.webSockets)
      .forEach((rule, i) => {
        const suffix = i === 0 ? "sockets" : `sockets-${i}`;
        const spec = webSocketLimits(args, routeName, webSocketRuleName(group, rule));
        make(`${group.name}-${suffix}`, envoyApi, "BackendTrafficPolicy", `${routeName}-${suffix}`, spec, [route]);
      });
  }
  return address;
}

const envoyApi = "gateway.envoyproxy.io/v1alpha1";

function resourceMaker(name: string, args: RouteArgs, parent: pulumi.Resource) {
  return (
    part: string,
    apiVersion: string,
    kind: string,
    objectName: string,
    spec: object,
    dependsOn: pulumi.Resource[] = [],
  ): pulumi.Resource =>
    new k8s.apiextensions.CustomResource(
      `${name}-${part}`,
      { apiVersion, kind, metadata: { name: objectName, namespace: args.namespace.namespaceName }, spec },
      { parent, dependsOn: [...args.namespace.ready, ...args.edge.ready, ...dependsOn] },
    );
}

function httpRoute(args: RouteArgs, group: RouteGroup): object {
  return {
    parentRefs: [{ group: "gateway.networking.k8s.io", kind: "ListenerSet", name: args.routeName }],
    hostnames: group.hosts,
    rules: group.rules.flatMap((rule) => [
      ...(rule.webSockets === true ? [webSocketRule(group, rule)] : []),
      {
        name: ruleName(group, rule),
        matches: [{ path: { type: "PathPrefix", value: rule.path } }],
        backendRefs: backend(rule),
        timeouts: { request: `${args.timeoutSeconds}s` },
      },
    ]),
  };
}

/**
 * The same path for upgrades alone: Envoy Gateway refuses a body limit and an upgrade in one policy, and a request
 * time-out would end a socket that is in use.
 */
function webSocketRule(group: RouteGroup, rule: RouteRule): object {
  return {
    name: webSocketRuleName(group, rule),
    matches: [
      {
        path: { type: "PathPrefix", value: rule.path },
        headers: [{ type: "RegularExpression", name: "upgrade", value: "(?i)websocket" }],
      },
    ],
    backendRefs: backend(rule),
    timeouts: { request: "0s" },
  };
}

function limits(args: RouteArgs, routeName: string): object {
  return { ...target(routeName), requestBuffer: { limit: `${args.maxBodyMiB}Mi` } };
}

function webSocketLimits(args: RouteArgs, routeName: string, sectionName: string): object {
  return {
    ...target(routeName, sectionName),
    httpUpgrade: [{ type: "websocket" }],
    timeout: { http: { streamIdleTimeout: `${args.timeoutSeconds}s` } },
  };
}

function target(routeName: string, sectionName?: string): object {
  const ref = { group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: routeName };
  return { targetRefs: [sectionName === undefined ? ref : { ...ref, sectionName }] };
}

function backend(rule: RouteRule): object[] {
  const { serviceName, port } = rule.to.at();
  return [{ name: serviceName, port: port.port }];
}

/** Section names are DNS subdomains: `/graphql` → `paving-graphql`, `/` → `paving`. */
function ruleName(group: RouteGroup, rule: RouteRule): string {
  const path = rule.path
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return path === "" ? group.name : `${group.name}-${path}`;
}

function webSocketRuleName(group: RouteGroup, rule: RouteRule): string {
  return `${ruleName(group, rule)}-websocket`;
}
