/** Which resources hold data that a new one would not have. */
import { kindOf, metadataOf, type Resource } from "./resource.ts";

type Holder = Pick<Resource, "urn" | "type" | "inputs" | "dependsOn">;

const always: ReadonlySet<string> = new Set([
  ...["KubernetesCluster", "DatabaseCluster", "DatabaseDb", "SpacesBucket", "ContainerRegistry", "Domain"],
  "PersistentVolumeClaim",
]);

/**
 * URNs. A set counts if it has claims; a namespace if something in it counts; a key unless it is only a certificate's, which
 * is issued anew with it.
 */
export function dataHolders(resources: readonly Holder[]): Set<string> {
  const requested = new Set(resources.filter((one) => kindOf(one) === "CertRequest").flatMap((one) => one.dependsOn));
  const holders = resources.filter((one) => {
    const kind = kindOf(one);
    if (kind === "PrivateKey") return !requested.has(one.urn);
    return always.has(kind) || (kind === "StatefulSet" && claimTemplates(one).length > 0);
  });
  const namespaces = new Set(holders.map((one) => metadataOf(one)?.namespace));
  const around = resources.filter((one) => kindOf(one) === "Namespace" && namespaces.has(metadataOf(one)?.name));
  return new Set([...holders, ...around].map(({ urn }) => urn));
}

export interface Claim {
  readonly metadata?: { readonly name?: string };
  readonly spec: { readonly storageClassName?: string };
}

export function claimTemplates({ inputs }: Pick<Resource, "inputs">): readonly Claim[] {
  return (inputs["spec"] as { volumeClaimTemplates?: readonly Claim[] }).volumeClaimTemplates ?? [];
}
