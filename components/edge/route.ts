import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { networkPolicy, planVisit } from "../connections/policies.ts";
import { addressRecords } from "./dns.ts";
import type { RouteArgs } from "./route-args.ts";
import { gatewayRoute } from "./route-gateway.ts";
import { ingressRoute } from "./route-ingress.ts";

/**
 * Labels and port of the pods with which cert-manager answers an ACME HTTP-01 challenge. It makes them in the namespace
 * of the certificate, which denies undeclared connections: without a policy no challenge would succeed. An adopted namespace
 * denies nothing, and has such pods for others' certificates too, which the policy would keep from their own edge.
 */
const challengeSolvers = { labels: { "acme.cert-manager.io/http01-solver": "true" }, ports: [8089] };

/**
 * Public hosts of a system: TLS with a certificate that cert-manager renews, HTTP redirected to HTTPS, paths routed to
 * workloads, and DNS records in the stack's zones. Made of Gateway API's objects or of a classic Ingress, by the kind
 * of the edge.
 */
export class Route extends Component {
  constructor(name: string, args: RouteArgs, opts?: pulumi.ComponentResourceOptions) {
    const hosts = args.groups.flatMap((group) => group.hosts);
    super("doks-systems:network:Route", name, { hosts }, args, opts);
    const address = args.edge.kind === "gateway" ? gatewayRoute(name, args, this) : ingressRoute(name, args, this);
    const targets = new Set(args.groups.flatMap((group) => group.rules.map((rule) => rule.to)));
    const proxies = { name: "edge", from: args.edge.proxyNamespace };
    for (const target of targets) networkPolicy(name, planVisit(proxies, target.at().endpoint), this);
    if (!args.namespace.adopted) {
      const solvers = { name: `${args.routeName}-challenges`, namespace: args.namespace, ...challengeSolvers };
      networkPolicy(name, { ...planVisit(proxies, solvers), part: "-to-challenges" }, this);
    }
    addressRecords(name, { dns: args.site.dns, hosts, address }, this);
    this.registerOutputs({});
  }
}
