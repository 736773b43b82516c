import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Where a chart is had. */
export interface ChartSource {
  /** OCI address, or chart name in `repository`. */
  readonly chart: string;
  readonly repository?: string;
  readonly version: string;
  /** OCI registry that holds copies of the charts under their own names. */
  readonly mirror: string | undefined;
}

export interface ChartArgs extends ChartSource {
  /** Release name. */
  readonly release: string;
  readonly namespace: string;
  /** Pod Security level of a namespace of its own; `exists` for one that every cluster has, or another chart made. */
  readonly podSecurity: "restricted" | "privileged" | "exists";
  /** Further namespaces that its pods go to, with their Pod Security level. @default none */
  readonly furtherNamespaces?: Readonly<Record<string, "restricted" | "privileged">>;
  readonly values: Record<string, unknown>;
}

/** As Pulumi's two kinds of charts take it. A chart in a mirror keeps its name: `oci://mirror.example.com/charts/cert-manager`. */
export function chartSource({ chart, repository, version, mirror }: ChartSource) {
  if (mirror !== undefined) return { chart: `${mirror}/${chart.split("/").at(-1) ?? ""}`, version };
  return { chart, version, ...(repository === undefined ? {} : { repositoryOpts: { repo: repository } }) };
}

/** A Helm chart as a real Helm release, so that its hooks run: without them Envoy Gateway's certificates are never made. */
export function chart(
  name: string,
  args: ChartArgs,
  parent: pulumi.Resource,
  after: readonly pulumi.Resource[] = [],
): pulumi.Resource {
  const own = args.podSecurity === "exists" ? {} : { [args.namespace]: args.podSecurity };
  const namespaces = Object.entries({ ...own, ...args.furtherNamespaces }).map(([namespace, level]) =>
    chartNamespace(namespace === args.namespace ? name : `${name}-${namespace}`, namespace, level, parent),
  );
  return new k8s.helm.v3.Release(
    name,
    {
      name: args.release,
      ...chartSource(args),
      namespace: args.namespace,
      values: args.values,
      // Each kept revision is a Secret in the cluster; unlimited by default.
      maxHistory: 5,
    },
    { parent, dependsOn: [...namespaces, ...after] },
  );
}

function chartNamespace(name: string, namespace: string, level: string, parent: pulumi.Resource): pulumi.Resource {
  const labels = {
    "pod-security.kubernetes.io/enforce": level,
    "pod-security.kubernetes.io/enforce-version": "v1.36",
  };
  return new k8s.core.v1.Namespace(name, { metadata: { name: namespace, labels } }, { parent });
}
