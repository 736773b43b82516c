/**
 * Ways in through Services of their own: load balancers, and ports of the nodes. Sources: DigitalOcean, "How to Configure
 * Advanced Load Balancer Settings"; digitalocean-cloud-controller-manager, README, "Firewall" (ports of the nodes). Pure.
 */
import { balancerAnnotation } from "../../../../catalogue/doks.ts";
import type { Resource } from "../../../../graph/resource.ts";
import { nameOf } from "../../../../graph/resource.ts";
import { accountCertificateOf, certificateOfPods } from "../certificates.ts";
import { isCutOff } from "../admission.ts";
import { annotationsOf, ownersOf, type ClusterView, type ServicePort, type ServiceSpec } from "../cluster-view.ts";
import { linkTo, type Certificate, type DnsEntry, type Entry, type Front } from "../entry.ts";
import { balancerOf } from "../fronts.ts";
import type { Sources } from "../sources.ts";

const firewallManaged = "kubernetes.digitalocean.com/firewall-managed";

/** Every way in through a Service of type LoadBalancer or NodePort. */
export function serviceEntries(view: ClusterView, dns: ReadonlyMap<string, DnsEntry>): Entry[] {
  return view.of("Service").flatMap((service) => {
    const { type } = service.inputs["spec"] as ServiceSpec;
    if (type === "LoadBalancer") return balancerEntries(view, service, dns);
    return type === "NodePort" ? nodePortEntries(view, service) : [];
  });
}

function balancerEntries(view: ClusterView, service: Resource, dns: ReadonlyMap<string, DnsEntry>): Entry[] {
  const entrance = balancerOf(service);
  if (entrance === undefined) return [];
  const { ports = [] } = service.inputs["spec"] as ServiceSpec;
  const annotations = annotationsOf(service);
  const redirects = annotations[balancerAnnotation("redirect-http-to-https")] === "true";
  const spoken = ports.map((port) => ({ port, ...speaks(view, service, port) }));
  const hosts = hostsOf(view, service, dns);
  const pods = view.podsBehind(service);
  return spoken
    .filter(({ protocol }) => !(redirects && protocol === "HTTP"))
    .flatMap(({ port, protocol, certificate }) =>
      (hosts.length === 0 ? [undefined] : hosts).map((host): Entry => ({
        id: `${host ?? `load balancer ${nameOf(service)}`}:${port.port}`,
        ...{
          kind: host === undefined ? "balancer" : "host",
          host,
          path: undefined,
          port: port.port,
          protocol,
          certificate,
        },
        ...{ redirectsHttp: redirects && protocol !== "HTTP", by: linkTo(service), owner: view.ownerOf(service) },
        ...{
          to: ownersOf(pods),
          cutOff: isCutOff(view, pods, port, "internet"),
          dns: host === undefined ? undefined : dns.get(host),
          ...entrance,
        },
      })),
    );
}

/** What a port of a load balancer speaks. Ports for TLS are 443 unless an annotation names others. */
function speaks(
  view: ClusterView,
  service: Resource,
  { port, protocol = "TCP" }: ServicePort,
): { protocol: string; certificate: Certificate | undefined } {
  const annotations = annotationsOf(service);
  const ends = accountCertificateOf(service);
  const named = ["tls-ports", "http2-ports", "http3-port"].flatMap(
    (about) => annotations[balancerAnnotation(about)]?.split(",").map((one) => one.trim()) ?? [],
  );
  const isTls = named.length === 0 ? port === 443 : named.includes(String(port));
  if (ends !== undefined && isTls) return { protocol: "HTTPS", certificate: ends };
  if (annotations[balancerAnnotation("protocol")]?.startsWith("http") === true)
    return { protocol: "HTTP", certificate: undefined };
  const certificate = certificateOfPods(view, view.podsBehind(service));
  return { protocol: certificate === undefined ? protocol : "TLS", certificate };
}

/** Hosts of a load balancer: those of the records that are made of its address, and those that its component names. */
function hostsOf(view: ClusterView, service: Resource, dns: ReadonlyMap<string, DnsEntry>): string[] {
  const records = new Set(view.following(service.urn, "DnsRecord").map(({ urn }) => urn));
  const recorded = [...dns].filter(([, { urn }]) => records.has(urn)).map(([host]) => host);
  const named = view.all.get(service.parent ?? "")?.inputs["hosts"];
  return [...new Set([...recorded, ...(Array.isArray(named) ? named.map(String) : [])])];
}

function nodePortEntries(view: ClusterView, service: Resource): Entry[] {
  const { ports = [] } = service.inputs["spec"] as ServiceSpec;
  const pods = view.podsBehind(service);
  const closed = annotationsOf(service)[firewallManaged] === "false";
  const from: Sources = !view.onDigitalOcean
    ? { kind: "private", text: "the nodes' own network" }
    : closed
      ? { kind: "private", text: "only the VPC" }
      : { kind: "anywhere", denied: [] };
  const front: Front = { id: "nodes", kind: "nodes", text: "every node", by: undefined, madeOf: [] };
  return ports.map(({ port, nodePort, targetPort = port, protocol = "TCP" }) => ({
    id: `node port ${nodePort ?? `of ${nameOf(service)}:${port}`}`,
    ...{ kind: "node-port", host: undefined, path: undefined, port: nodePort, protocol, redirectsHttp: false },
    ...{ by: linkTo(service), owner: view.ownerOf(service), to: ownersOf(pods) },
    ...{ certificate: undefined, dns: undefined, front, from },
    cutOff: isCutOff(view, pods, { port, protocol, targetPort }, "internet"),
  }));
}
