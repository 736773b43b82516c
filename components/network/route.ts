import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { Site } from "../platform/site.ts";
import type { Namespace } from "../workload/namespace.ts";
import type { Workload } from "../workload/workload.ts";
import { networkPolicy, planEdgePolicy } from "./connections.ts";
import { zoneRecord } from "./dns.ts";
import type { Edge } from "./edge.ts";
import { gatewayRoute } from "./route-gateway.ts";
import { ingressRoute } from "./route-ingress.ts";

export interface RouteRule {
  /** Path prefix; the longest one that fits decides. */
  readonly path: string;
  readonly to: Workload;
  /** Lets connections on this path become WebSockets. @default false */
  readonly webSockets?: boolean;
}

/** Hosts that are served alike. */
export interface RouteGroup {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly rules: readonly RouteRule[];
}

export interface RouteArgs {
  readonly site: Site;
  readonly edge: Edge;
  readonly namespace: Namespace;
  /** Name of the Ingress, or of the HTTPRoutes (followed by the group where there are several). */
  readonly routeName: string;
  /** Secret that the certificate of all hosts is kept in. */
  readonly tlsSecretName: string;
  /** Largest request body, in MiB; a larger one is refused with 413. */
  readonly maxBodyMiB: number;
  /** Seconds until an unanswered request is given up; on WebSockets, of silence. */
  readonly timeoutSeconds: number;
  readonly groups: readonly RouteGroup[];
}

/**
 * Public hosts: TLS with a certificate that renews itself, HTTP redirected, paths to workloads, DNS records in the zones
 * this stack writes. Rendered as Gateway API or as a classic Ingress, whichever the stack's edge is.
 */
export class Route extends pulumi.ComponentResource {
  constructor(name: string, args: RouteArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:network:Route", name, { hosts: args.groups.flatMap((group) => group.hosts) }, opts);
    const address = args.edge.kind === "gateway" ? gatewayRoute(name, args, this) : ingressRoute(name, args, this);
    this.admitProxies(name, args);
    this.records(name, args, address);
    this.registerOutputs({});
  }

  private admitProxies(name: string, { groups, edge }: RouteArgs): void {
    const targets = new Set(groups.flatMap((group) => group.rules.map((rule) => rule.to)));
    for (const target of targets) networkPolicy(name, planEdgePolicy(target.endpoint, edge.proxyNamespace), this);
  }

  private records(name: string, { groups, edge }: RouteArgs, address: pulumi.Output<string>): void {
    for (const host of groups.flatMap((group) => group.hosts)) {
      const record = zoneRecord(host, edge.domains);
      if (record === undefined) continue;
      new digitalocean.DnsRecord(
        `${name}-${host.replaceAll(".", "-")}`,
        { domain: record.zone, type: "A", name: record.name, value: address, ttl: 300 },
        { parent: this, dependsOn: [...edge.ready] },
      );
    }
  }
}
