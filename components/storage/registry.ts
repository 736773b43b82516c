import { registryHost } from "../../catalogue/image.ts";
import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { PlatformSetting } from "../../settings/platform.ts";

const secondsOfAYear = 31_536_000;

/**
 * The account's container registry, made by this stack or another one, and a credential that can only pull.
 *
 * The credential is valid for a year. A replaced one is not revoked but expires, because the provider revokes it at a host
 * outside DigitalOcean's API and crashes where it cannot reach that. Costs 0, 5 or 20 $ a month, depending on the tier.
 */
export class Registry extends Component {
  /** DigitalOcean's name of the registry, `geo`, once it exists. */
  readonly registryName: pulumi.Output<string>;
  /** Prefix of its image references, without a slash at the end: `registry.digitalocean.com/geo`. */
  readonly path: string;
  /** Content of `.dockerconfigjson` for pull Secrets, as JSON; secret. */
  readonly dockerConfig: pulumi.Output<string>;

  constructor(
    name: string,
    args: ComponentArgs & {
      /** Name of the registry, whether the stack makes it, and its tier: `platform.registry`. */
      setting: Exclude<PlatformSetting["registry"], { kind: "none" }>;
      /** DigitalOcean's slug of the region where a new registry stores its images, `nyc3`. */
      region: string;
      /** Protects a registry that the stack makes, and keeps it when it leaves the program. */
      production: boolean;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:storage:Registry", name, {}, args, opts);
    const { setting } = args;
    this.path = `${registryHost}/${setting.name}`;
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
