import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { tokenKubeconfig, type ClusterAddress } from "./kubeconfig.ts";

/** Objects keep their names, so a ConfigMap or Secret must change in place instead of being replaced. */
export const providerOptions = {
  enableServerSideApply: true,
  enableConfigMapMutable: true,
  enableSecretMutable: true,
};

/**
 * For kinds that a cluster brings itself. Not for anything else: with it a resource that was renamed without an alias is first
 * taken over and then deleted.
 */
export const adopterOptions = { ...providerOptions, upsertExistingObjects: true, enablePatchForce: true };

/** A provider for a DOKS cluster. */
export function doksProvider(
  name: string,
  args: {
    address: pulumi.Output<ClusterAddress>;
    clusterId: pulumi.Output<string>;
    /** DigitalOcean's API token, which the cluster accepts too. */
    token: pulumi.Output<string>;
    /** @default those for what this program makes */
    options?: typeof providerOptions;
  },
  parent: pulumi.Resource,
): k8s.Provider {
  const kubeconfig = pulumi.all([args.address, args.token]).apply(([to, token]) => tokenKubeconfig(to, token));
  return new k8s.Provider(
    name,
    {
      kubeconfig: pulumi.secret(kubeconfig),
      // Without it a new token would be a new provider, and a new provider replaces everything it made.
      clusterIdentifier: args.clusterId,
      ...(args.options ?? providerOptions),
    },
    { parent },
  );
}
