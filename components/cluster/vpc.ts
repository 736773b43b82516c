import * as digitalocean from "@pulumi/digitalocean";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

/** The private network of one stack, in which its cluster and managed databases reach each other. Free of charge. */
export class Vpc extends Component {
  /** DigitalOcean's id of the VPC, a UUID. */
  readonly vpcId: pulumi.Output<string>;

  constructor(
    name: string,
    args: ComponentArgs & {
      /** DigitalOcean's name of the VPC; one account has each name once. */
      vpcName: string;
      /** DigitalOcean's slug, `nyc1`; a change replaces the VPC, and the cluster in it. */
      region: string;
      /**
       * CIDR block, `10.20.0.0/20`, that overlaps no other VPC of the account; a change replaces the VPC, and the
       * cluster in it.
       */
      range: string;
      /** Protects the VPC. */
      production: boolean;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:cluster:Vpc", name, {}, args, opts);
    const vpc = new digitalocean.Vpc(
      name,
      { name: args.vpcName, region: args.region, ipRange: args.range },
      { parent: this, protect: args.production },
    );
    this.vpcId = vpc.id;
    this.registerOutputs({});
  }
}
