/** What the program says of Envoy Gateway, for its release and for whoever installs the same. */

/** Version of both of its charts: the controller needs the kinds of its own version. */
export const envoyGatewayVersion = "1.9.0";

/** Values of Envoy Gateway's chart over its own. */
export function envoyGatewayValues(nodeSelector: Record<string, string> | undefined, production: boolean) {
  return {
    // `gatewayKinds` applies them: Helm would never upgrade the chart's own, nor install them over those of DOKS.
    crds: { enabled: false },
    deployment: {
      replicas: production ? 2 : 1,
      pod: { nodeSelector },
      envoyGateway: { resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } } },
    },
    podDisruptionBudget: production ? { maxUnavailable: 1 } : undefined,
  };
}
