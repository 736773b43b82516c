/**
 * Kubernetes minors of DOKS, oldest first. As of 2026-10-05: the slugs on offer were 1.34.10, 1.35.7 and 1.36.3 (several
 * teams' notes of September and October 2026); "How to Create Kubernetes Clusters" says that the three newest minors are.
 */
export const kubernetesMinors: readonly string[] = ["1.34", "1.35", "1.36"];

/**
 * Namespaces that are not a system's to have: Kubernetes', DOKS' and the add-ons'. Network policies that deny would cut off
 * what the whole cluster stands on.
 */
export function isReservedNamespace(name: string): boolean {
  return name.startsWith("kube-") || name.startsWith("cilium-") || reserved.has(name);
}

const reserved: ReadonlySet<string> = new Set(["gatekeeper-system", "linkerd", "linkerd-viz"]);

/** Bytes that a ConfigMap or a Secret holds at most. Source: Kubernetes' validation of them. */
export const objectLimit = 1024 * 1024;

/** Namespaces of the add-ons that a stack installs, as their own documentation names them. */
export const addonNamespaces = { envoyGateway: "envoy-gateway-system", certManager: "cert-manager" } as const;
