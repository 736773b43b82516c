import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chartSource, type ChartSource } from "./chart.ts";
import { ownedKind, type ChartObject } from "./owned-kind.ts";

/** Keeps a kind that Helm brings in a template when its release goes: with a kind goes every object of it. */
export const keptByHelm = { "helm.sh/resource-policy": "keep" };

/**
 * The kinds of a chart that Helm cannot upgrade: it never touches what is in a `crds` folder once it exists, and a release of
 * more than 1 MiB fits into no Secret. Each kind is a resource of its own, applied on the API server over whatever is there,
 * before the chart that uses it, and kept when the stack or the add-on goes.
 *
 * @param provider takes over what exists, and forces fields that another owns
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
      // Pulumi's mocks refuse transforms. In the offline preview the chart stands for its kinds, and is kept as they are.
      ...(pulumi.runtime.hasEngine() ? { transforms: [ownKinds] } : { retainOnDelete: true }),
    },
  );
}

/**
 * Reaches what the provider makes of the chart. The chart itself is left alone: Pulumi's SDK for Node loses a component's providers
 * on the way back, and its objects would go to whatever cluster the user's own kubeconfig names.
 */
export function ownKinds({
  custom,
  props,
  opts,
}: pulumi.ResourceTransformArgs): pulumi.ResourceTransformResult | undefined {
  if (!custom) return undefined;
  return { props: ownedKind(props as ChartObject), opts: { ...opts, retainOnDelete: true } };
}
