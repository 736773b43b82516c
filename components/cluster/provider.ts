import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { tokenKubeconfig, type ClusterAddress } from "./kubeconfig.ts";

/** Objects keep their names, so a ConfigMap or Secret must change in place instead of being replaced. */
export const providerOptions = {
  enableServerSideApply: true,
  enableConfigMapMutable: true,
  enableSecretMutable: true,
};

/** A provider for a DOKS cluster. */
export function doksProvider(
  name: string,
  args: {
    address: pulumi.Output<ClusterAddress>;
    clusterId: pulumi.Output<string>;
    /** DigitalOcean's API token, which the cluster accepts too. */
    token: pulumi.Output<string>;
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
      ...providerOptions,
    },
    { parent },
  );
}
