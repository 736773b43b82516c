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

export interface LoadBalancerArgs extends ComponentArgs {
  readonly site: Site;
  /** `metadata.name` of the Service. */
  readonly serviceName: string;
  readonly to: Workload;
  readonly port: ServicePort;
  /**
   * `passthrough` forwards TCP, so that TLS and client certificates reach the pods; `certificate` ends TLS on port 443 with
   * a certificate of the DigitalOcean account, and redirects HTTP to it.
   */
  readonly tls: { readonly kind: "passthrough" } | { readonly kind: "certificate"; readonly certificateName: string };
  /** Addresses that may connect, as CIDR blocks. @default all */
  readonly sourceRanges: readonly string[];
  /** Hosts that point at it, where the stack writes their zone. */
  readonly hosts: readonly string[];
  /** Keeps a client at one pod for so long after its last connection. @default not kept */
  readonly stickySeconds?: number;
}

const everyone = ["0.0.0.0/0"];

/**
 * A DigitalOcean load balancer of a workload's own, beside the shared edge: for protocols that the edge does not speak.
 * Costs 15 $ a month, or 12 $ for one that ends TLS.
 */
export class LoadBalancer extends Component {
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:network:LoadBalancer", name, { hosts: args.hosts }, args, opts);
    const { to, sourceRanges } = args;
    const endpoint = { ...to.endpoint, ports: [args.port.targetPort] };
    // One that ends TLS connects from the VPC; who may connect to it is then its own rule.
    const addresses = args.tls.kind === "passthrough" && sourceRanges.length > 0 ? sourceRanges : everyone;
    const policy = networkPolicy(name, planVisit({ name: "internet", addresses }, endpoint), this);
    const service = this.service(name, args, policy);
    // DigitalOcean gives one of the two.
    this.address = service.status.apply(
      ({ loadBalancer: { ingress } }) => ingress[0]?.ip ?? ingress[0]?.hostname ?? "",
    );
    addressRecords(name, { dns: args.site.dns, hosts: args.hosts, address: this.address }, this);
    this.registerOutputs({ address: this.address });
  }

  private service(name: string, args: LoadBalancerArgs, policy: pulumi.Resource): k8s.core.v1.Service {
    const { to, port, sourceRanges, stickySeconds } = args;
    const tlsPort = { name: "https", port: 443, targetPort: port.targetPort };
    const ports = args.tls.kind === "certificate" ? [port, tlsPort] : [port];
    return new k8s.core.v1.Service(
      name,
      {
        metadata: to.endpoint.namespace.meta(args.serviceName, { annotations: annotations(args) }),
        spec: {
          type: "LoadBalancer",
          // Straight to nodes that have a pod, so that the client's address arrives with the connection.
          externalTrafficPolicy: "Local",
          selector: to.endpoint.labels,
          ports: ports.map((one) => ({ ...one, protocol: "TCP" })),
          ...(sourceRanges.length === 0 ? {} : { loadBalancerSourceRanges: [...sourceRanges] }),
          ...(stickySeconds === undefined
            ? {}
            : {
                sessionAffinity: "ClientIP",
                sessionAffinityConfig: { clientIP: { timeoutSeconds: stickySeconds } },
              }),
        },
      },
      { parent: this, dependsOn: [...to.endpoint.ready, policy] },
    );
  }
}

/** The type is written out: its default changed once already, and with it what the load balancer forwards. */
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
