/** A Route as Gateway API objects for Envoy Gateway, in the system's own namespace. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { RouteArgs, RouteGroup } from "./route-args.ts";
import { anySpelling, planRules, type RulePlan, type Variant } from "./route-rules.ts";

/** Most host names that one HTTPRoute may have (Gateway API). */
const hostsPerRoute = 16;

const gatewayApi = "gateway.networking.k8s.io/v1";
const envoyApi = "gateway.envoyproxy.io/v1alpha1";

/**
 * Limits of each proxy for a rule. Envoy's default is 1,024 connections and as many requests, and an open WebSocket counts as
 * one of both. These are above the 50,000 clients that a proxy of Envoy Gateway takes, so that they never apply: the workload
 * itself limits how much it takes at once.
 */
const breakers = { maxConnections: 65_536, maxParallelRequests: 65_536, maxPendingRequests: 65_536 };

type Make = ReturnType<typeof resourceMaker>;

/**
 * Makes the objects of a Route.
 *
 * @returns the address of the shared Gateway's load balancer
 * @throws {Error} if the edge has no Gateway
 */
export function gatewayRoute(name: string, args: RouteArgs, parent: pulumi.Resource): pulumi.Output<string> {
  const { gateway, address } = args.edge;
  if (gateway === undefined || address === undefined) throw new Error(`${name}: the edge has no gateway to attach to`);
  const make = resourceMaker(name, args, parent);
  const hosts = args.groups.flatMap((group) => group.hosts);
  const secretOf = certificates(make, args, hosts);
  const listeners = make("listeners", gatewayApi, "ListenerSet", args.routeName, {
    parentRef: { name: gateway.name, namespace: gateway.namespace },
    listeners: hosts.map((host) => ({
      name: host.replaceAll(".", "-"),
      port: 443,
      protocol: "HTTPS",
      hostname: host,
      tls: { mode: "Terminate", certificateRefs: [{ name: secretOf(host) }] },
    })),
  });
  for (let first = 0; first < hosts.length; first += hostsPerRoute) {
    const part = first === 0 ? "redirect" : `redirect-${first / hostsPerRoute + 1}`;
    make(part, gatewayApi, "HTTPRoute", `${args.routeName}-${part}`, {
      parentRefs: [{ name: gateway.name, namespace: gateway.namespace, sectionName: "http" }],
      hostnames: hosts.slice(first, first + hostsPerRoute),
      rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }],
    });
  }
  const answer = (part: string, suffix: string, statusCode: number, inline: string) =>
    make(part, envoyApi, "HTTPRouteFilter", `${args.routeName}-${suffix}`, {
      directResponse: { statusCode, contentType: "text/plain", body: { type: "Inline", inline: `${inline}\n` } },
    });
  const answers = [
    answer("too-large", tooLarge, 413, `a body may have ${args.maxBodyMiB} MiB`),
    ...(hiddenPaths(args).length === 0 ? [] : [answer("hidden", notFound, 404, "not found")]),
  ];
  for (const group of args.groups) {
    const routeName = args.groups.length === 1 ? args.routeName : `${args.routeName}-${group.name}`;
    const plan = planRules(group, args);
    const route = make(group.name, gatewayApi, "HTTPRoute", routeName, httpRoute(args, group, plan), [
      listeners,
      ...answers,
    ]);
    const policy = (part: string, objectName: string, spec: object) =>
      make(part, envoyApi, "BackendTrafficPolicy", objectName, spec, [route]);
    const plain = { webSocket: false, hashBy: undefined, buffered: true };
    policy(`${group.name}-limits`, routeName, { ...target(routeName), ...treatment(args, plain) });
    // Without a policy of its own, the rule that refuses large bodies would get the route's, and wait for the whole
    // body first.
    policy(`${group.name}-${tooLarge}`, `${routeName}-${tooLarge}`, {
      ...target(routeName, `${group.name}-${tooLarge}`),
      ...treatment(args, { ...plain, buffered: false }),
    });
    for (const variant of [...plan.first, ...plan.then]) {
      // A variant that differs in nothing else is under the route's policy. The others need a complete policy of their own:
      // Envoy Gateway does not merge the two.
      if (variant.buffered && variant.hashBy === undefined) continue;
      const spec = { ...target(routeName, variant.name), ...treatment(args, variant) };
      policy(`${group.name}-${variant.part}`, `${routeName}-${variant.part}`, spec);
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
 * Makes one certificate for each host, or one for all of them, as `edge.certificates` says. With a certificate in
 * common, browsers send requests for one host over the connection to another, so Envoy Gateway turns HTTP/2 off for
 * these listeners (`OverlappingTLSConfig`).
 *
 * @returns a function from a host to the name of the Secret with its certificate
 */
function certificates(make: Make, args: RouteArgs, hosts: readonly string[]): (host: string) => string {
  const { edge, tlsSecretName } = args;
  const certificate = (part: string, secretName: string, dnsNames: readonly string[]) =>
    make(part, "cert-manager.io/v1", "Certificate", secretName, {
      secretName,
      dnsNames,
      issuerRef: { name: edge.issuer, kind: "ClusterIssuer" },
    });
  const [first, ...others] = hosts;
  if (edge.certificates === "system" || first === undefined) {
    certificate("certificate", tlsSecretName, hosts);
    return () => tlsSecretName;
  }
  // The first host's Secret has the name that the system's document gives, so that a running stack keeps its certificate.
  certificate("certificate", tlsSecretName, [first]);
  const suffix = (host: string) => host.replaceAll(".", "-");
  for (const host of others) certificate(`certificate-${suffix(host)}`, `${tlsSecretName}-${suffix(host)}`, [host]);
  return (host) => (host === first ? tlsSecretName : `${tlsSecretName}-${suffix(host)}`);
}

function httpRoute(args: RouteArgs, group: RouteGroup, plan: RulePlan): object {
  const seconds = `${args.timeoutSeconds}s`;
  const toWorkload = ({ name, paths, to, headers, webSocket }: Variant) => ({
    name,
    matches: paths.map((value) => ({
      path: { type: "PathPrefix", value },
      headers: headers.length === 0 ? undefined : headers,
    })),
    backendRefs: backend(to),
    // A request time-out would close a WebSocket in use.
    timeouts: { request: webSocket ? "0s" : seconds },
  });
  return {
    parentRefs: [{ group: "gateway.networking.k8s.io", kind: "ListenerSet", name: args.routeName }],
    hostnames: group.hosts,
    rules: [
      ...hiddenPaths(args).map((path) => ({
        name: `hidden${path.replaceAll("/", "-")}`,
        matches: [{ path: { type: "RegularExpression", value: `(?i)${anySpelling(path)}(/.*)?` } }],
        filters: [answeredBy(args, notFound)],
      })),
      ...plan.first.map(toWorkload),
      {
        name: `${group.name}-${tooLarge}`,
        matches: plan.tooLarge.map(({ path, headers }) => ({ path: { type: "PathPrefix", value: path }, headers })),
        filters: [answeredBy(args, tooLarge)],
        timeouts: { request: seconds },
      },
      ...plan.then.map(toWorkload),
    ],
  };
}

/**
 * The part of a BackendTrafficPolicy that says how requests are treated. Envoy Gateway refuses a body limit and an
 * upgrade in one policy.
 */
function treatment(
  args: RouteArgs,
  { webSocket, hashBy, buffered }: Pick<Variant, "webSocket" | "hashBy" | "buffered">,
) {
  return {
    ...(hashBy === undefined
      ? {}
      : { loadBalancer: { type: "ConsistentHash", consistentHash: { type: "Headers", headers: [{ name: hashBy }] } } }),
    httpUpgrade: webSocket ? [{ type: "websocket" }] : undefined,
    requestBuffer: buffered ? { limit: `${args.maxBodyMiB}Mi` } : undefined,
    // A body that stops arriving is given up after the same time as a response that does not come.
    timeout: { http: { streamIdleTimeout: `${args.timeoutSeconds}s` } },
    circuitBreaker: breakers,
  };
}

function target(routeName: string, sectionName?: string): object {
  const ref = { group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: routeName };
  return { targetRefs: [sectionName === undefined ? ref : { ...ref, sectionName }] };
}

function backend(to: Variant["to"]): object[] {
  const { serviceName, port } = to.at();
  return [{ name: serviceName, port: port.port }];
}

const notFound = "not-found";
const tooLarge = "too-large";

function answeredBy(args: RouteArgs, suffix: string): object {
  const extensionRef = {
    group: "gateway.envoyproxy.io",
    kind: "HTTPRouteFilter",
    name: `${args.routeName}-${suffix}`,
  };
  return { type: "ExtensionRef", extensionRef };
}

function hiddenPaths(args: RouteArgs): readonly string[] {
  return args.hiddenPaths ?? [];
}
