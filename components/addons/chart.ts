import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** A Helm chart at a version, and where it is fetched from. */
export interface ChartSource {
  /** OCI address, `oci://quay.io/jetstack/charts/cert-manager`, or the chart's name in `repository`. */
  readonly chart: string;
  /** Address of a classic chart repository, `https://…`. @default - none: `chart` is an OCI address */
  readonly repository?: string;
  /** Exact version of the chart, `4.11.0`. */
  readonly version: string;
  /**
   * OCI address of a registry with copies of all charts, `oci://mirror.example.com/charts`; undefined to use the
   * charts' own homes.
   */
  readonly mirror: string | undefined;
}

/** Arguments of `chart`. */
export interface ChartArgs extends ChartSource {
  /** Name of the Helm release, which prefixes the names of its objects; a change installs a second one. */
  readonly release: string;
  /** Namespace that the release is installed in. */
  readonly namespace: string;
  /** Pod Security level to make the namespace with; `exists` makes none, because the cluster or another chart has it. */
  readonly podSecurity: "restricted" | "privileged" | "exists";
  /** Further namespaces to make for the chart's pods, with their Pod Security level. @default {} */
  readonly furtherNamespaces?: Readonly<Record<string, "restricted" | "privileged">>;
  /** Helm values over the chart's own; kept in Pulumi's state in clear text, so never a secret. */
  readonly values: Record<string, unknown>;
}

/**
 * The arguments that say where a chart is, for both of Pulumi's chart resources. A mirror has a chart under its own name:
 * `oci://mirror.example.com/charts/cert-manager`.
 */
export function chartSource({ chart, repository, version, mirror }: ChartSource) {
  if (mirror !== undefined) return { chart: `${mirror}/${chart.split("/").at(-1) ?? ""}`, version };
  return { chart, version, repositoryOpts: repository === undefined ? undefined : { repo: repository } };
}

/** Installs a chart as a Helm release, which runs the chart's hooks: a hook makes Envoy Gateway's certificates, for one. */
export function chart(
  name: string,
  args: ChartArgs,
  parent: pulumi.Resource,
  after: readonly pulumi.Resource[] = [],
): pulumi.Resource {
  const ownNamespace = args.podSecurity === "exists" ? {} : { [args.namespace]: args.podSecurity };
  const namespaces = Object.entries({ ...ownNamespace, ...args.furtherNamespaces }).map(([namespace, level]) =>
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
