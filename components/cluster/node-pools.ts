import * as digitalocean from "@pulumi/digitalocean";
import type * as pulumi from "@pulumi/pulumi";
import type { PlatformSetting } from "../../settings/platform.ts";

/** Makes the autoscaled node pools of `platform.pools` in a DOKS cluster; those that the cluster has already are left alone. */
export function nodePools(
  name: string,
  args: {
    /** DigitalOcean's id of the cluster, a UUID. */
    clusterId: pulumi.Input<string>;
    /** `platform.pools`. */
    pools: PlatformSetting["pools"];
    /** Protects the pools. */
    production: boolean;
  },
  parent: pulumi.Resource,
): digitalocean.KubernetesNodePool[] {
  const { clusterId, pools, production } = args;
  return Object.entries(pools).flatMap(([pool, setting]) => {
    if (setting.kind === "existing") return [];
    const { size, min, max } = setting;
    return [
      new digitalocean.KubernetesNodePool(
        `${name}-${pool}`,
        // Without a node count: the autoscaler changes it, and every preview would show a difference.
        { clusterId, name: pool, size, autoScale: true, minNodes: min, maxNodes: max },
        { parent, protect: production },
      ),
    ];
  });
}
