import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chartSource, type ChartSource } from "./chart.ts";
import { ownedKind, type ChartObject } from "./owned-kind.ts";

/**
 * Annotation of a kind in a chart's templates: Helm keeps it on uninstall, because deleting a kind deletes every object
 * of it.
 */
export const keptByHelm = { "helm.sh/resource-policy": "keep" };

/**
 * Makes the kinds (custom resource definitions) of a chart that Helm itself cannot upgrade: Helm never updates those in
 * a `crds` folder, and a release of more than 1 MiB does not fit into the Secret that Helm keeps it in.
 *
 * Each kind becomes a resource of its own, applied over an existing one, and retained when the stack or the add-on goes.
 *
 * @param provider must take over existing objects and force fields of other field managers, as `Cluster.adopter` makes it
 * @returns the chart, for the release that uses the kinds to wait for
 */
export function chartKinds(
  name: string,
  args: ChartSource & { readonly values: Record<string, unknown> },
  provider: k8s.Provider,
  parent: pulumi.Resource,
): pulumi.Resource {
  return new k8s.helm.v4.Chart(
    name,
    { ...chartSource(args), values: args.values },
    {
      parent,
      provider,
      // Pulumi's mocks, on which the offline preview runs, refuse transforms. The preview shows the chart instead of
      // its kinds, and shows it as retained, as the kinds are.
      ...(pulumi.runtime.hasEngine() ? { transforms: [ownKinds] } : { retainOnDelete: true }),
    },
  );
}

/**
 * Transform of the objects that the provider renders from the chart. The chart itself stays as it is: for a component,
 * Pulumi's SDK for Node drops the providers from the options that a transform returns, and the objects would go to the
 * cluster in the user's own kubeconfig.
 */
export function ownKinds({
  custom,
  props,
  opts,
}: pulumi.ResourceTransformArgs): pulumi.ResourceTransformResult | undefined {
  if (!custom) return undefined;
  return { props: ownedKind(props as ChartObject), opts: { ...opts, retainOnDelete: true } };
}
