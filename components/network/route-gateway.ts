/** A Route as Gateway API objects for Envoy Gateway, in the system's own namespace. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { acmeIssuer } from "./edge.ts";
import type { RouteArgs, RouteGroup, RouteRule } from "./route-args.ts";

const gatewayApi = "gateway.networking.k8s.io/v1";
const envoyApi = "gateway.envoyproxy.io/v1alpha1";

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
  const listeners = make("listeners", gatewayApi, "ListenerSet", args.routeName, {
    parentRef: { name: gateway.name, namespace: gateway.namespace },
    listeners: hosts.map((host) => ({
      name: host.replaceAll(".", "-"),
      port: 443,
      protocol: "HTTPS",
      hostname: host,
      tls: { mode: "Terminate", certificateRefs: [{ name: args.tlsSecretName }] },
    })),
  });
  make("redirect", gatewayApi, "HTTPRoute", `${args.routeName}-redirect`, {
    parentRefs: [{ name: gateway.name, namespace: gateway.namespace, sectionName: "http" }],
    hostnames: hosts,
    rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }],
  });
  const notFound =
    hiddenPaths(args).length === 0
      ? []
      : [
          make("hidden", envoyApi, "HTTPRouteFilter", notFoundName(args), {
            directResponse: {
              statusCode: 404,
              contentType: "text/plain",
              body: { type: "Inline", inline: "not found\n" },
            },
          }),
        ];
  for (const group of args.groups) {
    const routeName = args.groups.length === 1 ? args.routeName : `${args.routeName}-${group.name}`;
    const spec = httpRoute(args, group);
    const route = make(group.name, gatewayApi, "HTTPRoute", routeName, spec, [listeners, ...notFound]);
    make(`${group.name}-limits`, envoyApi, "BackendTrafficPolicy", routeName, limits(args, routeName), [route]);
    for (const variant of variantsOf(group)) {
      if (variant.policy === undefined) continue;
      const policy = { ...target(routeName, variant.name), ...variant.policy(args) };
      make(`${group.name}-${variant.part}`, envoyApi, "BackendTrafficPolicy", `${routeName}-${variant.part}`, policy, [
        route,
      ]);
    }
  }
  return address;
}

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
      { apiVersion, kind, metadata: args.namespace.meta(objectName), spec },
      { parent, dependsOn: [...args.namespace.ready, ...args.edge.ready, ...dependsOn] },
    );
}

/**
 * One rule of an HTTPRoute. A path has several where its requests are treated differently: Envoy Gateway attaches policies
 * to whole rules.
 */
interface Variant {
  /** Section name; a DNS subdomain: `/graphql` → `paving-graphql`, `/` → `paving`. */
  readonly name: string;
  /** What its policy's name ends with; unique in the group. */
  readonly part: string;
  readonly rule: RouteRule;
  readonly headers: readonly object[];
  readonly webSocket: boolean;
  /** Its own policy, in place of the route's; Envoy Gateway does not merge the two. */
  readonly policy: ((args: RouteArgs) => object) | undefined;
}

function variantsOf(group: RouteGroup): Variant[] {
  return group.rules.flatMap((rule) => {
    const name = ruleName(group, rule);
    const part = name === group.name ? "" : `${name.slice(group.name.length + 1)}-`;
    const { hashHeader } = rule;
    const keyed = hashHeader === undefined ? [] : [{ type: "RegularExpression", name: hashHeader, value: ".+" }];
    const upgrade = { type: "RegularExpression", name: "upgrade", value: "(?i)websocket" };
    const variants: Variant[] = [];
    const add = (suffix: string, headers: object[], webSocket: boolean, hashBy: string | undefined) => {
      const plain = !webSocket && hashBy === undefined;
      variants.push({
        name: suffix === "" ? name : `${name}-${suffix}`,
        part: `${part}${suffix === "" ? "path" : suffix}`,
        rule,
        headers,
        webSocket,
        policy: plain ? undefined : (args) => variantPolicy(args, webSocket, hashBy),
      });
    };
    // Hashing combines headers and knows no "else", so requests with the header and without are rules of their own.
    const byPath = hashHeader === undefined ? undefined : ":path";
    if (rule.webSockets === true) {
      if (hashHeader !== undefined) add("websocket-keyed", [upgrade, ...keyed], true, hashHeader);
      add("websocket", [upgrade], true, byPath);
    }
    if (hashHeader !== undefined) add("keyed", keyed, false, hashHeader);
    add("", [], false, byPath);
    return variants;
  });
}

function httpRoute(args: RouteArgs, group: RouteGroup): object {
  return {
    parentRefs: [{ group: "gateway.networking.k8s.io", kind: "ListenerSet", name: args.routeName }],
    hostnames: group.hosts,
    rules: [
      ...hiddenPaths(args).map((path) => ({
        name: `hidden${path.replaceAll("/", "-")}`,
        matches: [{ path: { type: "PathPrefix", value: path } }],
        filters: [
          {
            type: "ExtensionRef",
            extensionRef: { group: "gateway.envoyproxy.io", kind: "HTTPRouteFilter", name: notFoundName(args) },
          },
        ],
      })),
      ...variantsOf(group).map(({ name, rule, headers, webSocket }) => ({
        name,
        matches: [{ path: { type: "PathPrefix", value: rule.path }, ...(headers.length === 0 ? {} : { headers }) }],
        backendRefs: backend(rule),
        // A request time-out would end a socket that is in use.
        timeouts: { request: webSocket ? "0s" : `${args.timeoutSeconds}s` },
      })),
    ],
  };
}

function limits(args: RouteArgs, routeName: string): object {
  return { ...target(routeName), requestBuffer: { limit: `${args.maxBodyMiB}Mi` } };
}

/** Envoy Gateway refuses a body limit and an upgrade in one policy. */
function variantPolicy(args: RouteArgs, webSocket: boolean, hashBy: string | undefined): object {
  return {
    ...(hashBy === undefined
      ? {}
      : { loadBalancer: { type: "ConsistentHash", consistentHash: { type: "Headers", headers: [{ name: hashBy }] } } }),
    ...(webSocket
      ? {
          httpUpgrade: [{ type: "websocket" }],
          timeout: { http: { streamIdleTimeout: `${args.timeoutSeconds}s` } },
        }
      : { requestBuffer: { limit: `${args.maxBodyMiB}Mi` } }),
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

function hiddenPaths(args: RouteArgs): readonly string[] {
  return args.hiddenPaths ?? [];
}

function notFoundName(args: RouteArgs): string {
  return `${args.routeName}-not-found`;
}

function ruleName(group: RouteGroup, rule: RouteRule): string {
  const path = rule.path
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return path === "" ? group.name : `${group.name}-${path}`;
}
