/**
 * Ways in through Gateway API: listeners, routes, and what their rules do. Source: Gateway API 1.5, "HTTPRoute",
 * "ListenerSet". Pure.
 */
import { kindOf, type Resource } from "../../../../graph/resource.ts";
import { certificateIn } from "../certificates.ts";
import { isCutOff, type Caller } from "../admission.ts";
import { namespaceOf, ownersOf, type ClusterView, type ServiceSpec } from "../cluster-view.ts";
import type { DnsEntry, Entry, HiddenPath, Link } from "../entry.ts";
import { linkTo } from "../entry.ts";
import { gatewayEntrance } from "../fronts.ts";
import { plainPath } from "../hidden-paths.ts";

interface Listener {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly hostname?: string;
  readonly tls?: {
    readonly mode?: string;
    readonly certificateRefs?: readonly { readonly name: string; readonly namespace?: string }[];
  };
}
interface ParentRef {
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly sectionName?: string;
}
interface ListenerSetSpec {
  readonly parentRef: ParentRef;
  readonly listeners: readonly Listener[];
}
interface Match {
  readonly path?: { readonly type?: string; readonly value?: string };
  readonly headers?: readonly unknown[];
}
interface BackendRef {
  readonly name: string;
  readonly namespace?: string;
  readonly port?: number;
}
interface Rule {
  readonly matches?: readonly Match[];
  readonly backendRefs?: readonly BackendRef[];
  readonly filters?: readonly {
    readonly type: string;
    readonly requestRedirect?: { readonly scheme?: string };
    readonly extensionRef?: { readonly kind: string; readonly name: string };
  }[];
}
interface RouteSpec {
  readonly parentRefs?: readonly ParentRef[];
  readonly hostnames?: readonly string[];
  readonly rules?: readonly Rule[];
}

/** Where a route is attached: the Gateway, and those of its listeners that take the route. */
interface Attachment {
  readonly gateway: { readonly namespace: string; readonly name: string };
  /** Namespace in which Secrets of the listeners are. */
  readonly namespace: string;
  /** Undefined if the listeners are another stack's. */
  readonly listeners: readonly Listener[] | undefined;
}

/** Every way in through routes, and the paths that they hide. */
export function routeEntries(
  view: ClusterView,
  dns: ReadonlyMap<string, DnsEntry>,
): { entries: Entry[]; hidden: HiddenPath[] } {
  const routes = view.of("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute");
  const redirected = new Set(routes.filter(redirects).flatMap((route) => specOf(route).hostnames ?? []));
  const entries = routes
    .filter((route) => !redirects(route))
    .flatMap((route) => attachments(view, route).flatMap((one) => entriesOf(view, route, one, dns, redirected)));
  return { entries, hidden: routes.flatMap((route) => hiddenBy(view, route)) };
}

function specOf(route: Resource): RouteSpec {
  return route.inputs["spec"] as RouteSpec;
}

/** Whether a route only sends clients to HTTPS. */
function redirects(route: Resource): boolean {
  const { rules = [] } = specOf(route);
  return (
    rules.length > 0 &&
    rules.every(({ filters = [] }) => filters.some(({ requestRedirect }) => requestRedirect?.scheme === "https"))
  );
}

function attachments(view: ClusterView, route: Resource): Attachment[] {
  return (specOf(route).parentRefs ?? []).map((parent): Attachment => {
    const namespace = parent.namespace ?? namespaceOf(route);
    const taken = (listeners: readonly Listener[]) =>
      listeners.filter(({ name }) => parent.sectionName === undefined || parent.sectionName === name);
    if (parent.kind === "ListenerSet") {
      // Without its ListenerSet, a route is attached to nothing.
      const spec = view.find("ListenerSet", namespace, parent.name)?.inputs["spec"] as ListenerSetSpec | undefined;
      const { parentRef: to, listeners } = spec ?? { parentRef: parent, listeners: [] };
      const gateway = { name: to.name, namespace: to.namespace ?? namespace };
      return { gateway, namespace, listeners: taken(listeners) };
    }
    const own = view.find("Gateway", namespace, parent.name)?.inputs["spec"] as
      { readonly listeners?: readonly Listener[] } | undefined;
    return { gateway: { name: parent.name, namespace }, namespace, listeners: own && taken(own.listeners ?? []) };
  });
}

function entriesOf(
  view: ClusterView,
  route: Resource,
  { gateway, namespace, listeners }: Attachment,
  dns: ReadonlyMap<string, DnsEntry>,
  redirected: ReadonlySet<string>,
): Entry[] {
  const entrance = gatewayEntrance(view, gateway.namespace, gateway.name);
  // Envoy Gateway runs the proxies of this program's Gateway in the namespace of the Gateway.
  const paths = pathsOf(view, route, { namespace: gateway.namespace });
  const hosts = specOf(route).hostnames ?? listeners?.flatMap(({ hostname }) => hostname ?? []) ?? [];
  return hosts.flatMap((host) => {
    const taking = listeners?.filter(({ hostname }) => hostname === undefined || fits(hostname, host)) ?? [undefined];
    return taking.flatMap((listener) =>
      paths.map(({ path, to, cutOff }): Entry => {
        const secret = listener?.tls?.certificateRefs?.[0];
        const certificate = secret && certificateIn(view, secret.namespace ?? namespace, secret.name);
        const protocol = listener?.protocol ?? "HTTP";
        return {
          ...{ id: `${host}${path ?? `:${listener?.port ?? ""}`}`, kind: "host", host, path, port: listener?.port },
          ...{ protocol, redirectsHttp: protocol === "HTTPS" && redirected.has(host), by: linkTo(route) },
          ...{ owner: view.ownerOf(route), to, cutOff, certificate, dns: dns.get(host), ...entrance },
        };
      }),
    );
  });
}

/** Whether a listener's host name, which may begin with `*.`, takes a host. */
function fits(hostname: string, host: string): boolean {
  return hostname === host || (hostname.startsWith("*.") && host.endsWith(hostname.slice(1)));
}

/** Paths of a route that reach workloads, with the workloads; one without a path for routes that know none. */
function pathsOf(
  view: ClusterView,
  route: Resource,
  caller: Caller,
): ({ readonly path: string | undefined } & Backend)[] {
  const found = new Map<string | undefined, Backend[]>();
  const hasPaths = kindOf(route) === "HTTPRoute";
  for (const { matches = [{}], backendRefs = [] } of specOf(route).rules ?? []) {
    if (backendRefs.length === 0) continue;
    const backends = backendRefs.map((ref) => backendOf(view, route, ref, caller));
    for (const { path } of matches) {
      const key = hasPaths ? (path?.value ?? "/") : undefined;
      const all = [...(found.get(key) ?? []), ...backends];
      found.set(key, all);
    }
  }
  return [...found].map(([path, backends]) => ({
    path,
    to: [...new Map(backends.flatMap(({ to }) => to).map((link) => [link.urn, link])).values()],
    cutOff: backends.some(({ cutOff }) => cutOff),
  }));
}

/** Workloads behind a backend, and whether policies keep the proxies from them. */
interface Backend {
  readonly to: readonly Link[];
  readonly cutOff: boolean;
}

function backendOf(view: ClusterView, route: Resource, { name, namespace, port }: BackendRef, caller: Caller): Backend {
  const service = view.find("Service", namespace ?? namespaceOf(route), name);
  if (service === undefined) return { to: [], cutOff: false };
  const pods = view.podsBehind(service);
  const found = (service.inputs["spec"] as ServiceSpec).ports?.find((one) => one.port === port);
  return { to: ownersOf(pods), cutOff: found !== undefined && isCutOff(view, pods, found, caller) };
}

/** Paths that a route answers with 403 or 404 itself, whatever else a request has. */
function hiddenBy(view: ClusterView, route: Resource): HiddenPath[] {
  const { hostnames = [], rules = [] } = specOf(route);
  const paths = rules
    .filter(({ backendRefs = [], filters = [] }) => backendRefs.length === 0 && filters.some(refuses))
    .flatMap(({ matches = [] }) => matches.filter(({ headers = [] }) => headers.length === 0))
    .flatMap(({ path }) => (path?.value === undefined ? [] : [plainPath(path.value)]));
  return hostnames.flatMap((host) => paths.map((path) => ({ host, path, by: linkTo(route) })));

  function refuses({ extensionRef }: NonNullable<Rule["filters"]>[number]): boolean {
    if (extensionRef?.kind !== "HTTPRouteFilter") return false;
    const filter = view.find("HTTPRouteFilter", namespaceOf(route), extensionRef.name)?.inputs["spec"] as
      { readonly directResponse?: { readonly statusCode?: number } } | undefined;
    return [403, 404].includes(filter?.directResponse?.statusCode ?? 0);
  }
}
