/** Rules on resources that hold data: protection, retention, and claims. */
import { claimTemplates, dataHolders } from "../../graph/data.ts";
import { each, type Rule } from "../rule.ts";
import type { Stack } from "../../graph/stack.ts";
import { kindOf, type Resource } from "../../graph/resource.ts";

/** What holds data that is to stay. What a system's settings give up (`retired.dataGoes`) is to go. */
function holders(stack: Stack): Resource[] {
  const urns = dataHolders(stack.resources);
  return stack.resources.filter((one) => urns.has(one.urn) && !stack.isGivenUp(one));
}

/** StatefulSets whose data is to stay. */
function keeping(stack: Stack): Resource[] {
  return stack.of("StatefulSet").filter((one) => !stack.isGivenUp(one));
}

/**
 * Kinds that need no `retainOnDelete`. A retained cluster or StatefulSet would go on costing its machines, and its
 * volumes are kept by other means (`volumes-retained`, `claims-retained`, `cluster-keeps-volumes`).
 */
const notRetained = new Set(["KubernetesCluster", "StatefulSet"]);

export const dataRules: readonly Rule[] = [
  {
    name: "data-protected",
    level: "mandatory",
    description: "In production, what holds data is protected.",
    why: "A change of one field can mean a new resource, and a removed setting a deletion; protection makes the engine refuse both, in its preview.",
    example: "new digitalocean.SpacesBucket(name, args, { protect: production })",
    check: (stack) => (stack.production ? each(holders(stack), ({ protect }) => !protect && "is not protected") : []),
  },
  {
    name: "data-retained",
    level: "mandatory",
    description: "In production, what holds data at a provider stays there when Pulumi is told to forget it.",
    why: "Protection is taken off by one command; retention is what remains when somebody did. The engine does not show it to policies, so only the offline preview checks it.",
    example: "new digitalocean.DatabaseCluster(name, args, { protect: true, retainOnDelete: true })",
    check: (stack) =>
      stack.production
        ? each(
            holders(stack).filter((one) => !notRetained.has(kindOf(one))),
            ({ retainOnDelete }) => retainOnDelete === false && "is deleted with its resource",
          )
        : [],
  },
  {
    name: "volumes-retained",
    level: "mandatory",
    description: "In production, claims use a storage class that keeps the volume.",
    why: "The other classes delete the volume with its claim: one `kubectl delete pvc`, and only the backup is left.",
    example: "storageClassName: do-block-storage-retain",
    check: (stack) =>
      stack.production
        ? each(stack.of("StatefulSet", "PersistentVolumeClaim"), (resource) => {
            const claims =
              kindOf(resource) === "StatefulSet"
                ? claimTemplates(resource)
                : [resource.inputs as unknown as { spec: { storageClassName?: string } }];
            const lost = claims.find(({ spec }) => !(spec.storageClassName ?? "").includes("retain"));
            return lost && `its claims use ${lost.spec.storageClassName ?? "the default storage class"}`;
          })
        : [],
  },
  {
    name: "claims-retained",
    level: "mandatory",
    description: "Claims outlive their StatefulSet.",
    why: "A set that is replaced or scaled down would delete its claims, and with them what it stored.",
    example: "persistentVolumeClaimRetentionPolicy: { whenDeleted: Retain, whenScaled: Retain }",
    check: (stack) =>
      each(keeping(stack), ({ inputs }) => {
        const { persistentVolumeClaimRetentionPolicy: policy = {} } = inputs["spec"] as {
          persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string };
        };
        return Object.values(policy).includes("Delete") && "deletes its claims";
      }),
  },
  {
    name: "cluster-keeps-volumes",
    level: "mandatory",
    description: "In production, a cluster's end is not the end of its volumes.",
    why: "`destroyAllAssociatedResources` deletes volumes and their snapshots with the cluster, retained or not.",
    example: "destroyAllAssociatedResources: false",
    check: (stack) =>
      stack.production
        ? each(
            stack.of("KubernetesCluster"),
            ({ inputs }) => inputs["destroyAllAssociatedResources"] === true && "takes its volumes with it",
          )
        : [],
  },
  {
    name: "volume-owners",
    level: "mandatory",
    description: "Block volumes belong to StatefulSets.",
    why: "A volume is on one node: a Deployment starts its next pod before the last one has let go of it, and waits for ever.",
    example: "a StatefulSet with volumeClaimTemplates",
    check: (stack) =>
      each(
        stack.pods

          .filter(({ spec }) => (spec.volumes ?? []).some((volume) => "persistentVolumeClaim" in volume))
          .map(({ owner }) => owner),
        (owner) => ["Deployment", "DaemonSet"].includes(kindOf(owner)) && "mounts a claim",
      ),
  },
];
