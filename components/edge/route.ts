import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { networkPolicy, planVisit } from "../connections/policies.ts";
import { addressRecords } from "./dns.ts";
import type { RouteArgs } from "./route-args.ts";
import { gatewayRoute } from "./route-gateway.ts";
import { ingressRoute } from "./route-ingress.ts";

/**
 * Pods that cert-manager makes in the namespace of a certificate while its issuer looks at the host, and their port. The
 * namespace denies what nobody declares, so without a policy no certificate would ever come.
 */
const challengeSolvers = { labels: { "acme.cert-manager.io/http01-solver": "true" }, ports: [8089] };

/**
 * Public hosts: TLS with a certificate that renews itself, HTTP redirected, paths to workloads, DNS records in the zones
 * this stack writes. Rendered as Gateway API or as a classic Ingress, whichever the stack's edge is.
 */
export class Route extends Component {
  constructor(name: string, args: RouteArgs, opts?: pulumi.ComponentResourceOptions) {
    const hosts = args.groups.flatMap((group) => group.hosts);
    super("doks-systems:network:Route", name, { hosts }, args, opts);
    const address = args.edge.kind === "gateway" ? gatewayRoute(name, args, this) : ingressRoute(name, args, this);
    const targets = new Set(args.groups.flatMap((group) => group.rules.map((rule) => rule.to)));
    const proxies = { name: "edge", from: args.edge.proxyNamespace };
    for (const target of targets) networkPolicy(name, planVisit(proxies, target.at().endpoint), this);
    const solvers = { name: `${args.routeName}-challenges`, namespace: args.namespace, ...challengeSolvers };
    networkPolicy(name, { ...planVisit(proxies, solvers), part: "-to-challenges" }, this);
    addressRecords(name, { dns: args.site.dns, hosts, address }, this);
    this.registerOutputs({});
  }
}
