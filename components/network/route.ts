import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { networkPolicy, planVisit } from "./connections.ts";
import { zoneRecord } from "./dns.ts";
import type { RouteArgs } from "./route-args.ts";
import { gatewayRoute } from "./route-gateway.ts";
import { ingressRoute } from "./route-ingress.ts";

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
    const proxies = { name: "edge", from: edge.proxyNamespace };
    for (const target of targets) networkPolicy(name, planVisit(proxies, target.at().endpoint), this);
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
