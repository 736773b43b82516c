/** What DOKS and its drivers add to Kubernetes: labels, classes, annotations, and what a node takes. */

/** By which pods choose a pool; DOKS puts it on every node. */
export const poolLabel = "doks.digitalocean.com/node-pool";

/** What every cluster of this program calls its built-in pool, whose size never changes. */
export const systemPool = "system";

/** Nodes of a cluster. Source: DigitalOcean, "Kubernetes Limits", edited 2025-12-03. */
export const nodesPerCluster = 512;
export const podsPerNode = 110;
/** The CSI driver's own limit; a newer note says 15. */
export const volumesPerNode = 7;

/** Bytes of a block volume. Source: DigitalOcean, "Volumes Limits"; the driver gives what asks for less as much. */
export const volumeBytes = { smallest: 2 ** 30, largest: 16 * 2 ** 40 } as const;

/** Classes of block volumes: the one deletes a volume with its claim, the other keeps it. Source: csi-digitalocean 4.9.0. */
export const storageClasses = { deleted: "do-block-storage", kept: "do-block-storage-retain" } as const;

/** Whether a class is of DigitalOcean's block volumes, which are paid for. */
export function isBlockStorage(storageClass: string): boolean {
  return storageClass.startsWith(storageClasses.deleted);
}

/**
 * An annotation that tells DigitalOcean's controller about a Service's load balancer: `name`, `type`, `size-unit`. Source:
 * digitalocean-cloud-controller-manager, `docs/controllers/services/annotations.md`.
 */
export function balancerAnnotation(about: string): string {
  return `service.beta.kubernetes.io/do-loadbalancer-${about}`;
}
