import * as digitalocean from "@pulumi/digitalocean";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

/** The private network of one stack: cluster and managed databases meet in it. Free of charge. */
export class Vpc extends Component {
  readonly vpcId: pulumi.Output<string>;

  constructor(
    name: string,
    args: ComponentArgs & { vpcName: string; region: string; range: string; production: boolean },
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
