import * as pulumi from "@pulumi/pulumi";
import { networkPolicy, planVisit } from "./connections.ts";
import { addressRecords } from "./dns.ts";
import type { RouteArgs } from "./route-args.ts";
import { gatewayRoute } from "./route-gateway.ts";
import { ingressRoute } from "./route-ingress.ts";

/**
 * Public hosts: TLS with a certificate that renews itself, HTTP redirected, paths to workloads, DNS records in the zones
 * this stack writes. Rendered as Gateway API or as a classic Ingress, whichever the stack's edge is.
 */
export class Route extends pulumi.ComponentResource {
  constructor(name: string, args: RouteArgs, opts?: pulumi.ComponentResourceOptions) {
    const hosts = args.groups.flatMap((group) => group.hosts);
    super("doks-systems:network:Route", name, { hosts }, opts);
    const address = args.edge.kind === "gateway" ? gatewayRoute(name, args, this) : ingressRoute(name, args, this);
    const targets = new Set(args.groups.flatMap((group) => group.rules.map((rule) => rule.to)));
    const proxies = { name: "edge", from: args.edge.proxyNamespace };
    for (const target of targets) networkPolicy(name, planVisit(proxies, target.at().endpoint), this);
    addressRecords(name, { dns: args.site.dns, hosts, address }, this);
    this.registerOutputs({});
  }
}
