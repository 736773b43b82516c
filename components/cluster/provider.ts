import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { tokenKubeconfig, type ClusterAddress } from "./kubeconfig.ts";

/**
 * Options of every provider. ConfigMaps and Secrets are updated in place: a replacement would need a new name, and all
 * names are fixed.
 */
export const providerOptions = {
  enableServerSideApply: true,
  enableConfigMapMutable: true,
  enableSecretMutable: true,
};

/**
 * Options of a provider for custom resource definitions that a cluster has from the start. Not for other objects: a
 * resource that is renamed without an alias would be taken over under its new name, and then deleted under its old one.
 */
export const adopterOptions = { ...providerOptions, upsertExistingObjects: true, enablePatchForce: true };

/** A Kubernetes provider for a DOKS cluster, with DigitalOcean's API token as its credential. */
export function doksProvider(
  name: string,
  args: {
    /** API server of the cluster, and its authority. */
    address: pulumi.Output<ClusterAddress>;
    /** DigitalOcean's id of the cluster, a UUID; another id means another cluster, and replaces every object. */
    clusterId: pulumi.Output<string>;
    /** DigitalOcean's API token, which the API server of DOKS accepts as well; secret. */
    token: pulumi.Output<string>;
    /** What the provider does with objects that exist already. @default `providerOptions` */
    options?: typeof providerOptions;
  },
  parent: pulumi.Resource,
): k8s.Provider {
  const kubeconfig = pulumi.all([args.address, args.token]).apply(([to, token]) => tokenKubeconfig(to, token));
  return new k8s.Provider(
    name,
    {
      kubeconfig: pulumi.secret(kubeconfig),
      // Otherwise the kubeconfig identifies the cluster: a new token would replace the provider, and every object with it.
      clusterIdentifier: args.clusterId,
      ...(args.options ?? providerOptions),
    },
    { parent },
  );
}
