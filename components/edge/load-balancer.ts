import { balancerAnnotation } from "../../catalogue/doks.ts";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import { cloudName } from "../../catalogue/names.ts";
import type { Site } from "../site/site.ts";
import type { ServicePort } from "../workload/service.ts";
import type { Workload } from "../workload/workload.ts";
import { networkPolicy, planVisit } from "../connections/policies.ts";
import { addressRecords } from "./dns.ts";

/** Arguments of `LoadBalancer`. */
export interface LoadBalancerArgs extends ComponentArgs {
  /** Says in which DNS zones the stack writes records for `hosts`. */
  readonly site: Site;
  /** `metadata.name` of the Service; DigitalOcean's name of the load balancer is `<stack>-<serviceName>`. */
  readonly serviceName: string;
  /** Workload whose pods take the connections. */
  readonly to: Workload;
  /** Port of the load balancer, and port of the containers behind it; TLS that ends at the load balancer is on port 443. */
  readonly port: ServicePort;
  /**
   * `passthrough` forwards TCP, so that TLS and client certificates reach the pods. `certificate` terminates TLS on port 443
   * with a certificate of the DigitalOcean account, named as DigitalOcean names it, and redirects HTTP there.
   */
  readonly tls: { readonly kind: "passthrough" } | { readonly kind: "certificate"; readonly certificateName: string };
  /** Addresses that may connect, as CIDR blocks such as `203.0.113.0/24`; empty means every address. */
  readonly sourceRanges: readonly string[];
  /** Host names to write DNS records for; one outside the stack's zones gets none. */
  readonly hosts: readonly string[];
  /** Seconds after its last connection for which a client still reaches the same pod. @default - any pod each time */
  readonly stickySeconds?: number;
}

const everyone = ["0.0.0.0/0"];

/**
 * A DigitalOcean load balancer for one workload, beside the shared edge: for protocols that the edge does not support.
 * Costs 15 $ a month, or 12 $ for one that terminates TLS. A retired system has none.
 */
export class LoadBalancer extends Component {
  /** IP address or host name, whichever DigitalOcean reports; empty while there is none, undefined in a retired system. */
  readonly address: pulumi.Output<string | undefined>;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:network:LoadBalancer", name, { hosts: args.hosts }, args, opts);
    this.address = args.to.endpoint.namespace.runs() ? this.balancer(name, args) : pulumi.output(undefined);
    this.registerOutputs({ address: this.address });
  }

  private balancer(name: string, args: LoadBalancerArgs): pulumi.Output<string> {
    const { to, sourceRanges } = args;
    const endpoint = { ...to.endpoint, ports: [args.port.targetPort] };
    // A load balancer that terminates TLS connects to the pods from the VPC, so a policy cannot tell clients apart;
    // `loadBalancerSourceRanges` alone limits who may connect.
    const addresses = args.tls.kind === "passthrough" && sourceRanges.length > 0 ? sourceRanges : everyone;
    const policies = networkPolicy(name, planVisit({ name: "internet", addresses }, endpoint), this);
    const service = this.service(name, args, policies);
    // DigitalOcean reports either an IP address or a host name.
    const address = service.status.apply(
      ({ loadBalancer: { ingress } }) => ingress[0]?.ip ?? ingress[0]?.hostname ?? "",
    );
    addressRecords(name, { dns: args.site.dns, hosts: args.hosts, address }, this);
    return address;
  }

  private service(name: string, args: LoadBalancerArgs, policies: readonly pulumi.Resource[]): k8s.core.v1.Service {
    const { to, port, sourceRanges, stickySeconds } = args;
    const tlsPort = { name: "https", port: 443, targetPort: port.targetPort };
    const ports = args.tls.kind === "certificate" ? [port, tlsPort] : [port];
    return new k8s.core.v1.Service(
      name,
      {
        metadata: to.endpoint.namespace.meta(args.serviceName, { annotations: annotations(args) }),
        spec: {
          type: "LoadBalancer",
          // Connections go only to nodes that run a pod, so that the pod sees the client's own address.
          externalTrafficPolicy: "Local",
          selector: to.endpoint.namespace.selecting(to.endpoint.labels),
          ports: ports.map((one) => ({ ...one, protocol: "TCP" })),
          loadBalancerSourceRanges: sourceRanges.length === 0 ? undefined : [...sourceRanges],
          ...(stickySeconds === undefined
            ? {}
            : {
                sessionAffinity: "ClientIP",
                sessionAffinityConfig: { clientIP: { timeoutSeconds: stickySeconds } },
              }),
        },
      },
      { parent: this, dependsOn: [...to.endpoint.ready, ...policies] },
    );
  }
}

/**
 * Annotations of the Service. The type is always set, because DigitalOcean changed its default once, and with it what
 * is forwarded.
 */
function annotations({ tls, serviceName }: LoadBalancerArgs): Record<string, string> {
  const named = { [balancerAnnotation("name")]: cloudName(pulumi.getStack(), serviceName) };
  if (tls.kind === "passthrough") return { ...named, [balancerAnnotation("type")]: "REGIONAL_NETWORK" };
  return {
    ...named,
    [balancerAnnotation("type")]: "REGIONAL",
    [balancerAnnotation("protocol")]: "http",
    [balancerAnnotation("tls-ports")]: "443",
    [balancerAnnotation("certificate-name")]: tls.certificateName,
    [balancerAnnotation("redirect-http-to-https")]: "true",
  };
}
