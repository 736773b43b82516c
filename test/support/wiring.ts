/**
 * Whether everything that a stack's objects name exists, and whatever is to reach pods is let through: routes → Services →
 * ports → pods → policies, monitors, alerts, certificates and the pods that cert-manager makes for them.
 *
 * Pure, on the rendered stack; the real parts are tried in other tiers.
 */
import { allows, peerFits, type NetworkPolicy, type Peer, type Pods } from "../../policy/reachability.ts";
import { selects } from "../../graph/pods.ts";
import type { Resource } from "../../graph/resource.ts";
import { RenderedStack, type Loose } from "./stack.ts";

type Someone = Omit<Pods, "ports">;

/** Who is not in the rendering, as charts and DOKS label their pods. */
const prometheus = named("monitoring", { "app.kubernetes.io/name": "prometheus" });
const dns = named("kube-system", { "k8s-app": "kube-dns" });
const proxies = {
  gateway: named("envoy-gateway-system", { "app.kubernetes.io/name": "envoy" }),
  ingress: named("ingress-nginx", { "app.kubernetes.io/name": "ingress-nginx" }),
};
/** cert-manager v1.21.1, `pkg/issuer/acme/http`: labels of its pods, and the port that they listen on. */
const solver = { labels: { "acme.cert-manager.io/http01-solver": "true" }, port: 8089 };

function named(namespace: string, labels: Record<string, string>): Someone {
  return { name: namespace, namespace, labels };
}

/** What is wired wrong, a sentence each. */
export function wiringFaults(resources: readonly Resource[]): string[] {
  const wiring = new Wiring(resources);
  return [
    ...wiring.services(),
    ...wiring.routes(),
    ...wiring.monitors(),
    ...wiring.alerts(),
    ...wiring.certificates(),
    ...wiring.policies(),
    ...wiring.priorities(),
  ].toSorted();
}

class Wiring {
  readonly #objects: readonly Loose[];
  readonly #releases: readonly Loose[];
  readonly #pods: readonly (Someone & { ports: Record<string, number>; template: Loose })[];
  readonly #policies: readonly NetworkPolicy[];
  readonly #edge: Someone;

  constructor(resources: readonly Resource[]) {
    const stack = new RenderedStack({ resources } as Loose);
    this.#objects = stack.objects();
    this.#releases = stack.all("Release").map(({ inputs }) => inputs);
    this.#policies = this.#of("NetworkPolicy");
    this.#edge = this.#of("Ingress").length > 0 ? proxies.ingress : proxies.gateway;
    this.#pods = stack.podTemplates().map(({ owner, namespace, template }) => ({
      name: owner,
      namespace,
      labels: template.metadata.labels,
      ports: Object.fromEntries(
        template.spec.containers.flatMap(({ ports = [] }: Loose) =>
          ports.map(({ name, containerPort }: Loose) => [name, containerPort]),
        ),
      ),
      template,
    }));
  }

  services(): string[] {
    return this.#of("Service")
      .filter(({ spec }) => spec.selector !== undefined)
      .flatMap((service) => service.spec.ports.flatMap((port: Loose) => this.#port(service, port)));
  }

  routes(): string[] {
    const routes = this.#of("HTTPRoute").flatMap((route) => [
      ...route.spec.parentRefs.flatMap((ref: Loose) => this.#parent(route, ref)),
      ...route.spec.rules.flatMap(({ backendRefs = [], filters = [] }: Loose) => [
        ...backendRefs.flatMap(({ name, port }: Loose) => this.#backend(route, name, port)),
        ...filters.flatMap(({ extensionRef: ref }: Loose) =>
          ref === undefined ? [] : this.#exists(route, ref.kind, ref.name),
        ),
      ]),
    ]);
    const ingresses = this.#of("Ingress").flatMap((ingress) =>
      ingress.spec.rules
        .flatMap(({ http }: Loose) => http.paths)
        .flatMap(({ backend: { service } }: Loose) => this.#backend(ingress, service.name, service.port.number)),
    );
    const policies = ["BackendTrafficPolicy", "ClientTrafficPolicy"].flatMap((kind) =>
      this.#of(kind).flatMap((policy) =>
        policy.spec.targetRefs.flatMap(({ kind: of, name, sectionName }: Loose) => {
          const route = this.#find(of, policy.metadata.namespace, name);
          if (route === undefined) return [`${label(policy)}: no ${of} ${name}`];
          const found = sectionName === undefined || route.spec.rules.some((rule: Loose) => rule.name === sectionName);
          return found ? [] : [`${label(policy)}: ${name} has no rule ${sectionName}`];
        }),
      ),
    );
    return [...routes, ...ingresses, ...policies];
  }

  monitors(): string[] {
    const services = this.#of("ServiceMonitor").flatMap((monitor) => {
      const { namespace } = monitor.metadata;
      const found = this.#of("Service").filter(
        ({ metadata }) => metadata.namespace === namespace && selects(monitor.spec.selector, metadata.labels ?? {}),
      );
      if (found.length === 0) return [`${label(monitor)}: selects no Service`];
      return monitor.spec.endpoints.flatMap(({ port: portName }: Loose) =>
        found.flatMap((service) => {
          const port = service.spec.ports.find(({ name }: Loose) => name === portName);
          return port === undefined
            ? [`${label(monitor)}: ${label(service)} has no port ${portName}`]
            : this.#admitted(monitor, prometheus, this.#podsOf(service), port.targetPort);
        }),
      );
    });
    const pods = this.#of("PodMonitor").flatMap((monitor) => {
      const found = this.#selected(monitor.metadata.namespace, monitor.spec.selector);
      if (found.length === 0) return [`${label(monitor)}: selects no pods`];
      return monitor.spec.podMetricsEndpoints.flatMap(({ port }: Loose) =>
        this.#admitted(monitor, prometheus, found, port),
      );
    });
    return [...services, ...pods];
  }

  /** The operator gives a namespace's AlertmanagerConfig the alerts that carry its name, and no others. */
  alerts(): string[] {
    return this.#of("PrometheusRule").flatMap((rule) =>
      rule.spec.groups
        .flatMap(({ rules }: Loose) => rules)
        .filter(({ alert }: Loose) => alert !== undefined)
        .flatMap(({ alert, expr, labels = {} }: Loose) => [
          ...(labels.namespace === rule.metadata.namespace ? [] : [`${label(rule)}: ${alert} is of no namespace`]),
          ...this.#series(`${label(rule)}: ${alert}`, expr),
        ]),
    );
  }

  certificates(): string[] {
    const of = (holder: Loose, issuer: string) => [
      ...this.#issuer(holder, issuer),
      ...this.#admitted(holder, this.#edge, [named(holder.metadata.namespace, solver.labels)], solver.port),
    ];
    const listeners = this.#of("ListenerSet").flatMap((set) => [
      ...this.#parent(set, set.spec.parentRef),
      ...set.spec.listeners.flatMap(({ hostname, tls }: Loose) => {
        const [{ name }] = tls.certificateRefs;
        const covered = this.#of("Certificate").some(
          ({ metadata, spec }) =>
            metadata.namespace === set.metadata.namespace &&
            spec.secretName === name &&
            spec.dnsNames.includes(hostname),
        );
        return covered ? [] : [`${label(set)}: no certificate of ${hostname} in Secret ${name}`];
      }),
    ]);
    return [
      ...listeners,
      ...this.#of("Certificate").flatMap((one) => of(one, one.spec.issuerRef.name)),
      ...this.#of("Ingress").flatMap((one) => {
        const issuer: string | undefined = one.metadata.annotations?.["cert-manager.io/cluster-issuer"];
        return issuer === undefined ? [] : of(one, issuer);
      }),
    ];
  }

  /** Every policy selects pods, and every peer of it that could be ours means some. */
  policies(): string[] {
    const namespaces = new Set(this.#pods.map(({ namespace }) => namespace));
    const challenged = [...namespaces].map((namespace) => named(namespace, solver.labels));
    const everyone = [...this.#pods, ...challenged, prometheus, dns, ...Object.values(proxies)];
    const known = new Set(everyone.map(({ namespace }) => namespace));
    return this.#policies.flatMap((policy) => {
      const { spec, metadata } = policy;
      const here = metadata.namespace ?? "default";
      const own = everyone.filter(({ namespace, labels }) => namespace === here && selects(spec.podSelector, labels));
      const peers: Peer[] = [...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap(
        ({ from, to }) => from ?? to ?? [],
      );
      const empty = peers.filter((peer) => {
        const namespace: string = (peer as Loose).namespaceSelector?.matchLabels["kubernetes.io/metadata.name"] ?? here;
        if (peer.ipBlock !== undefined || !known.has(namespace)) return false;
        return !everyone.some((pods) => peerFits(peer, pods, here));
      });
      return [
        ...(own.length === 0 ? [`${label(policy)}: selects no pods`] : []),
        ...empty.map((peer) => `${label(policy)}: nobody is ${JSON.stringify(peer)}`),
      ];
    });
  }

  priorities(): string[] {
    return this.#pods.flatMap(({ name, template }) => {
      const priority: string | undefined = template.spec.priorityClassName;
      const found = priority === undefined || this.#of("PriorityClass").some((one) => one.metadata.name === priority);
      return found ? [] : [`${name}: no PriorityClass ${priority}`];
    });
  }

  #of(kind: string): Loose[] {
    return this.#objects.filter((object) => object.kind === kind);
  }

  #find(kind: string, namespace: string, name: string): Loose {
    return this.#of(kind).find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  #exists(from: Loose, kind: string, name: string): string[] {
    return this.#find(kind, from.metadata.namespace, name) === undefined ? [`${label(from)}: no ${kind} ${name}`] : [];
  }

  #selected(namespace: string, selector: Loose) {
    return this.#pods.filter((pods) => pods.namespace === namespace && selects(selector, pods.labels));
  }

  #podsOf({ metadata, spec }: Loose) {
    return this.#selected(metadata.namespace, { matchLabels: spec.selector });
  }

  #port(service: Loose, { targetPort }: Loose): string[] {
    const pods = this.#podsOf(service);
    if (pods.length === 0) return [`${label(service)}: selects no pods`];
    return pods
      .filter(({ ports }) => !(targetPort in ports) && !Object.values(ports).includes(targetPort))
      .map(({ name }) => `${label(service)}: ${name} does not listen on ${targetPort}`);
  }

  #backend(route: Loose, name: string, portNumber: number): string[] {
    const service = this.#find("Service", route.metadata.namespace, name);
    const port = service?.spec.ports.find((one: Loose) => one.port === portNumber);
    if (port === undefined) return [`${label(route)}: no Service ${name} with port ${portNumber}`];
    return this.#admitted(route, this.#edge, this.#podsOf(service), port.targetPort);
  }

  #admitted(what: Loose, from: Someone, to: readonly (Someone & { ports?: Loose })[], port: number | string): string[] {
    return to
      .filter((pods) => !allows(this.#policies, "Ingress", pods, from, pods.ports?.[port] ?? port))
      .map((pods) => `${label(what)}: ${pods.name} does not admit ${from.namespace} on ${port}`);
  }

  /** The Gateway, or a set of listeners, that something attaches to; of another stack's cluster none is here. */
  #parent(from: Loose, { kind = "Gateway", name, namespace, sectionName }: Loose): string[] {
    if (kind === "Gateway" && this.#of("Gateway").length === 0) return [];
    const parent = this.#find(kind, namespace ?? from.metadata.namespace, name);
    const found =
      parent !== undefined &&
      (sectionName === undefined || parent.spec.listeners.some((one: Loose) => one.name === sectionName));
    return found ? [] : [`${label(from)}: no ${kind} ${name} ${sectionName ?? ""}`.trimEnd()];
  }

  #issuer(from: Loose, name: string): string[] {
    if (this.#of("ClusterIssuer").length === 0) return [];
    const issuer = this.#of("ClusterIssuer").find(({ metadata }) => metadata.name === name);
    if (issuer === undefined) return [`${label(from)}: no ClusterIssuer ${name}`];
    return issuer.spec.acme.solvers.flatMap(({ http01 }: Loose) =>
      (http01.gatewayHTTPRoute?.parentRefs ?? []).flatMap((ref: Loose) => this.#parent(issuer, ref)),
    );
  }

  /** cert-manager's chart makes its monitor only where it is told to. */
  #series(what: string, expression: string): string[] {
    const charts = this.#releases.filter(({ name }) => name === "cert-manager");
    const silent = charts.some(({ values }) => values.prometheus?.servicemonitor?.enabled !== true);
    return expression.includes("certmanager_") && silent ? [`${what}: nobody reads cert-manager's metrics`] : [];
  }
}

function label({ kind, metadata }: Loose): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}
