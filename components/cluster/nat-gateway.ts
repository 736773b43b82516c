import * as digitalocean from "@pulumi/digitalocean";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

/** Arguments of `NatGateway`. */
export interface NatGatewayArgs extends ComponentArgs {
  /** DigitalOcean's name of the gateway. */
  readonly gatewayName: string;
  /** DigitalOcean's slug of the region, `nyc1`. */
  readonly region: string;
  /** DigitalOcean's id of the VPC that the cluster is in, a UUID. */
  readonly vpcId: pulumi.Input<string>;
  /** Size of the gateway, as DigitalOcean counts it. */
  readonly size: number;
  /** Protects the gateway: another one has another address, which nobody's access list admits. */
  readonly production: boolean;
  /** Provider of the cluster, whose routing agent is on. */
  readonly provider: k8s.Provider;
}

/**
 * A NAT gateway in the cluster's VPC, and the route that sends what pods ask of the internet through it: the world then sees one
 * address, which access lists can admit. Nodes keep their own addresses for what comes in.
 *
 * Sources: DigitalOcean API, VPC NAT Gateways; DigitalOcean, "How to Use the Routing Agent in Kubernetes Clusters": a `Route`
 * for `0.0.0.0/0` overrides the default route of every node. Costs a fixed price by size, and the traffic beyond its allowance.
 */
export class NatGateway extends Component {
  /** Public IPv4 addresses that requests come from. */
  readonly addresses: pulumi.Output<string[]>;
  /** Resource to wait for: from then on, requests take the gateway. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: NatGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:cluster:NatGateway", name, {}, args, opts);
    const { gatewayName, region, size, vpcId, production, provider } = args;
    const gateway = new digitalocean.VpcNatGateway(
      name,
      { name: gatewayName, type: "PUBLIC", region, size, vpcs: [{ vpcUuid: vpcId }] },
      { parent: this, protect: production },
    );
    const inside = gateway.vpcs.apply((all) => all.flatMap(({ gatewayIp }) => (gatewayIp ? [gatewayIp] : [])));
    this.ready = new k8s.apiextensions.CustomResource(
      `${name}-route`,
      {
        apiVersion: "networking.doks.digitalocean.com/v1alpha1",
        kind: "Route",
        metadata: { name: "default-egress-via-nat" },
        spec: { destinations: ["0.0.0.0/0"], gateways: inside },
      },
      { parent: this, provider },
    );
    this.addresses = gateway.egresses.apply((all) =>
      all.flatMap(({ publicGateways = [] }) => publicGateways.flatMap(({ ipv4 }) => (ipv4 ? [ipv4] : []))),
    );
    this.registerOutputs({ addresses: this.addresses });
  }
}
