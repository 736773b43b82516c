/** What can be reached from outside of the cluster, as data. */
import { label, type Resource } from "../../../graph/resource.ts";
import type { Sources } from "./sources.ts";

/** A resource as reports name it. */
export interface Link {
  readonly urn: string;
  /** Kind and name: `Deployment gx/svc-identity`. */
  readonly label: string;
}

/** The link to a resource. */
export function linkTo(resource: Resource): Link {
  return { urn: resource.urn, label: label(resource) };
}

/** The certificate that a client is shown. */
export interface Certificate {
  /** Where it is kept: `Secret gx/api-gxcoin-tls`, `certificate api-2026 of the account`. */
  readonly kept: string;
  /**
   * Who issues it: the host of an ACME server, `acme-v02.api.letsencrypt.org`; `the stack's own authority`; the name of an
   * issuer that is not in the stack. Undefined if nothing in the stack makes it.
   */
  readonly issuer: string | undefined;
  /** Whether browsers trust the issuer; undefined if nobody here knows. */
  readonly trusted: boolean | undefined;
  /** The resource that makes it; undefined if there is none in the stack. */
  readonly by: Link | undefined;
  /** The issuer; undefined if it is not in the stack. */
  readonly issuedBy?: Link | undefined;
}

/** The DNS record of a host, which the stack writes. */
export interface DnsEntry extends Link {
  readonly type: string;
  /** Seconds for which resolvers keep the record. */
  readonly ttl: number;
}

/** What takes the connections from outside, and has the address that clients connect to. */
export interface Front {
  /** The same at both revisions as long as it is the same one: kind, namespace and name. */
  readonly id: string;
  readonly kind: "gateway" | "ingress" | "balancer" | "nodes" | "digitalocean";
  /** Text for people: `load balancer of Gateway envoy-gateway-system/edge`. */
  readonly text: string;
  /** The resource that makes it; undefined if it is not in the stack. */
  readonly by: Link | undefined;
  /**
   * URNs of the resources that it is made of: if one of them is replaced, so is the load balancer, and its address with
   * it.
   */
  readonly madeOf: readonly string[];
}

/** One way in: a path of a host, a port of a load balancer or of the nodes, a managed database, a bucket, an API server. */
export interface Entry {
  /** The same at both revisions as long as clients use the same address: `app.bowmark.ca/graphql`, `gateway.example.com:8443`. */
  readonly id: string;
  readonly kind: "host" | "balancer" | "node-port" | "database" | "bucket" | "api-server";
  /** Host name; undefined if it is reached by an address only. */
  readonly host: string | undefined;
  /** Path prefix, `/graphql`; undefined where the protocol has none. */
  readonly path: string | undefined;
  /** Port that clients connect to; undefined if only another stack's Gateway knows it. */
  readonly port: number | undefined;
  /** `HTTPS`, `HTTP`, `TLS`, `TCP`, `UDP`. `TCP` is whatever the pods speak, TLS or not. */
  readonly protocol: string;
  /** Whether HTTP on port 80 is answered with a redirect to this entry. */
  readonly redirectsHttp: boolean;
  /** The resource that opens it: a route, a Service, a database. */
  readonly by: Link;
  /** Component that it belongs to; what it opens is said in one line. */
  readonly owner: string;
  /** Workloads that answer; empty if no pod of the stack does. */
  readonly to: readonly Link[];
  /** Whether a NetworkPolicy keeps the front from some of the pods, so that requests end there. @default false */
  readonly cutOff?: boolean;
  readonly certificate: Certificate | undefined;
  /** The host's record; undefined if the stack writes none. */
  readonly dns: DnsEntry | undefined;
  readonly front: Front;
  readonly from: Sources;
}

/** Paths of a host that its edge answers itself, so that nobody reaches them. */
export interface HiddenPath {
  readonly host: string;
  /** Path with everything below it: `/metrics`. */
  readonly path: string;
  readonly by: Link;
}

/** Everything of a stack that can be reached from outside of the cluster. */
export interface Exposure {
  /** By address, hosts first. */
  readonly entries: readonly Entry[];
  readonly hidden: readonly HiddenPath[];
}

/** Hosts of some entries, each once. */
export function hostsOf(entries: readonly Pick<Entry, "host">[]): string[] {
  return [...new Set(entries.flatMap(({ host }) => host ?? []))];
}

/** Whether an entry ends in TLS, at the edge, at the load balancer or in the pods. */
export function isEncrypted({ protocol, certificate }: Pick<Entry, "protocol" | "certificate">): boolean {
  return protocol === "HTTPS" || protocol === "TLS" || certificate !== undefined;
}

/** Address of an entry for people: `https://app.bowmark.ca/graphql`, `gateway.example.com:8443`. */
export function addressOf(entry: Pick<Entry, "host" | "path" | "protocol" | "id">): string {
  const { host, path, protocol, id } = entry;
  return host === undefined || path === undefined ? id : `${protocol.toLowerCase()}://${host}${path}`;
}
