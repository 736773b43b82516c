/** Images that a node needs for itself. */

/** Of the container that holds a pod's namespaces. */
export const pauseImage = "registry.k8s.io/pause:3.10";
/** Of the cluster's name server. */
export const dnsImage = "registry.k8s.io/coredns/coredns:v1.14.7";
