/** Which resources hold data that would be lost with them: a replacement would start empty. Pure. */
import { kindOf, metadataOf, type Resource } from "./resource.ts";

type Holder = Pick<Resource, "urn" | "type" | "inputs" | "dependsOn">;

/** Kinds of which every resource holds data. */
const dataKinds: ReadonlySet<string> = new Set([
  ...["KubernetesCluster", "DatabaseCluster", "DatabaseDb", "SpacesBucket", "ContainerRegistry", "Domain"],
  "PersistentVolumeClaim",
]);

/**
 * URNs of the resources that hold data. Among them are StatefulSets with claim templates, namespaces of such resources, and
 * private keys, except the key of a certificate that an authority signs: both can be made anew together.
 */
export function dataHolders(resources: readonly Holder[]): Set<string> {
  const requested = new Set(resources.filter((one) => kindOf(one) === "CertRequest").flatMap((one) => one.dependsOn));
  const holders = resources.filter((one) => {
    const kind = kindOf(one);
    if (kind === "PrivateKey") return !requested.has(one.urn);
    return dataKinds.has(kind) || (kind === "StatefulSet" && claimTemplates(one).length > 0);
  });
  const namespaces = new Set(holders.map((one) => metadataOf(one)?.namespace));
  const around = resources.filter((one) => kindOf(one) === "Namespace" && namespaces.has(metadataOf(one)?.name));
  return new Set([...holders, ...around].map(({ urn }) => urn));
}

/** A claim template of a StatefulSet, with the fields that rules and reviews read. */
export interface Claim {
  readonly metadata?: { readonly name?: string };
  readonly spec: { readonly storageClassName?: string };
}

/**
 * The number of pods of a StatefulSet, each of which has a claim of every template. One of a retired system has no pod, and says
 * in an annotation how many it keeps the claims of (components/workload/stateful-workload.ts).
 */
export function claimsOfEach({ inputs }: Pick<Resource, "inputs">): number {
  const { annotations } = (inputs["metadata"] ?? {}) as { annotations?: Readonly<Record<string, string>> };
  return Number(annotations?.["doks-systems/kept-claims"] ?? (inputs["spec"] as { replicas?: number }).replicas ?? 1);
}

/** The claim templates of a StatefulSet; empty if it has none. */
export function claimTemplates({ inputs }: Pick<Resource, "inputs">): readonly Claim[] {
  return (inputs["spec"] as { volumeClaimTemplates?: readonly Claim[] }).volumeClaimTemplates ?? [];
}
