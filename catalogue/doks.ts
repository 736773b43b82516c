/** What DOKS and its drivers add to Kubernetes: labels, storage classes, annotations, and limits. */

/** Label that DOKS gives every node, with the name of its node pool; node selectors use it. */
export const poolLabel = "doks.digitalocean.com/node-pool";

/** Name of the built-in node pool in every cluster that this program makes. */
export const systemPool = "system";

/** Most nodes of a cluster. Source: DigitalOcean, "Kubernetes Limits", edited 2025-12-03. */
export const nodesPerCluster = 512;
/** Most pods on a node. Source: DigitalOcean, "Kubernetes Limits", edited 2025-12-03. */
export const podsPerNode = 110;
/** Most volumes on a node, as the CSI driver limits them; a newer note of DigitalOcean says 15. */
export const volumesPerNode = 7;

/**
 * Smallest and largest size of a block volume, in bytes. The CSI driver makes a claim for less as large as the
 * smallest. Source: DigitalOcean, "Volumes Limits".
 */
export const volumeBytes = { smallest: 2 ** 30, largest: 16 * 2 ** 40 } as const;

/**
 * Storage classes of block volumes: `deleted` deletes a volume with its claim, `kept` keeps it. Source:
 * csi-digitalocean 4.9.0.
 */
export const storageClasses = { deleted: "do-block-storage", kept: "do-block-storage-retain" } as const;

/** Whether a storage class makes DigitalOcean's block volumes, which cost money. */
export function isBlockStorage(storageClass: string): boolean {
  return storageClass.startsWith(storageClasses.deleted);
}

/**
 * An annotation of a Service that configures its DigitalOcean load balancer. Source: digitalocean-cloud-controller-manager,
 * `docs/controllers/services/annotations.md`.
 *
 * @param about end of the annotation's name: `name`, `type`, `size-unit`
 */
export function balancerAnnotation(about: string): string {
  return `service.beta.kubernetes.io/do-loadbalancer-${about}`;
}
