import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

export interface ChartArgs {
  /** Release name. */
  readonly release: string;
  /** OCI address, or chart name in `repository`. */
  readonly chart: string;
  readonly repository?: string;
  readonly version: string;
  readonly namespace: string;
  /** `false` for a namespace that every cluster has. */
  readonly createNamespace: boolean;
  readonly values: Record<string, unknown>;
  /** OCI registry that holds copies of the charts under their own names. */
  readonly mirror: string | undefined;
}

/**
 * A Helm chart as a real Helm release, so that its hooks run: without them Envoy Gateway's certificates are never made.
 * Charts in a mirror keep their name: `oci://mirror.example.com/charts/cert-manager`.
 */
export function chart(
  name: string,
  args: ChartArgs,
  parent: pulumi.Resource,
  after: readonly pulumi.Resource[] = [],
): pulumi.Resource {
  const namespaces = args.createNamespace ? [chartNamespace(name, args.namespace, parent)] : [];
  const mirrored = args.mirror === undefined ? undefined : `${args.mirror}/${args.chart.split("/").at(-1) ?? ""}`;
  return new k8s.helm.v3.Release(
    name,
    {
      name: args.release,
      chart: mirrored ?? args.chart,
      version: args.version,
      namespace: args.namespace,
      ...(args.repository !== undefined && mirrored === undefined ? { repositoryOpts: { repo: args.repository } } : {}),
      values: args.values,
      // Each kept revision is a Secret in the cluster; unlimited by default.
      maxHistory: 5,
    },
    { parent, dependsOn: [...namespaces, ...after] },
  );
}

function chartNamespace(name: string, namespace: string, parent: pulumi.Resource): pulumi.Resource {
  const labels = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "v1.36",
  };
  return new k8s.core.v1.Namespace(name, { metadata: { name: namespace, labels } }, { parent });
}
