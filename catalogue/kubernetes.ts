/**
 * Minor versions of Kubernetes that DOKS offers, oldest first. As of 2026-10-05: the version slugs were 1.34.10, 1.35.7
 * and 1.36.3 (several teams' notes of September and October 2026). "How to Create Kubernetes Clusters" says that DOKS
 * offers the three newest minor versions.
 */
export const kubernetesMinors: readonly string[] = ["1.34", "1.35", "1.36"];

/**
 * Whether a namespace belongs to Kubernetes, DOKS or an add-on, so that no system may have it. The policy with which a
 * system's namespace denies undeclared connections would cut off what the whole cluster needs.
 */
export function isReservedNamespace(name: string): boolean {
  return name.startsWith("kube-") || name.startsWith("cilium-") || reserved.has(name);
}

const reserved: ReadonlySet<string> = new Set(["gatekeeper-system", "linkerd", "linkerd-viz"]);

/** Most bytes that a ConfigMap or a Secret may hold. Source: validation in Kubernetes' API server. */
export const objectLimit = 1024 * 1024;

/** Namespaces of the add-ons that a stack installs, as their own documentation names them. */
export const addonNamespaces = { envoyGateway: "envoy-gateway-system", certManager: "cert-manager" } as const;
