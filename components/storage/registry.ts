import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { PlatformSetting } from "../../settings/platform.ts";

const secondsOfAYear = 31_536_000;

/**
 * The account's container registry, made here or by another stack, and a read-only credential for pulling.
 *
 * The credential lasts a year and is left to expire when replaced: the provider revokes it at a host outside DigitalOcean's
 * API and crashes where it cannot reach it. Costs 0, 5 or 20 $ a month by tier.
 */
export class Registry extends Component {
  readonly registryName: pulumi.Output<string>;
  /** What the names of its images begin with: `registry.digitalocean.com/geo`. */
  readonly path: string;
  /** Docker configuration (JSON) for pull Secrets; secret. */
  readonly dockerConfig: pulumi.Output<string>;

  constructor(
    name: string,
    args: ComponentArgs & {
      setting: Exclude<PlatformSetting["registry"], { kind: "none" }>;
      region: string;
      production: boolean;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:storage:Registry", name, {}, args, opts);
    const { setting } = args;
    this.path = `registry.digitalocean.com/${setting.name}`;
    this.registryName =
      setting.kind === "existing"
        ? pulumi.output(setting.name)
        : new digitalocean.ContainerRegistry(
            name,
            { name: setting.name, subscriptionTierSlug: setting.tier, region: args.region },
            { parent: this, protect: args.production, retainOnDelete: args.production },
          ).name;
    const credentials = new digitalocean.ContainerRegistryDockerCredentials(
      `${name}-pull`,
      { registryName: this.registryName, write: false, expirySeconds: secondsOfAYear },
      { parent: this, retainOnDelete: true },
    );
    this.dockerConfig = pulumi.secret(credentials.dockerCredentials);
    this.registerOutputs({});
  }
}
