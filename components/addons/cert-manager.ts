/** What the program says of cert-manager, for its release and for whoever installs the same. */
import type { Monitoring } from "../site/site.ts";

/** Version of its chart and of its images. */
export const certManagerVersion = "v1.21.1";

/** What differs between stacks. */
export interface CertManagerOptions {
  /** Whether it answers challenges over a Gateway. */
  readonly gateways: boolean;
  /** Who scrapes its metrics; without them the alert on certificates that expire soon never fires. */
  readonly monitoring: Pick<Monitoring, "labels"> | undefined;
  /** Labels of the nodes that it runs on; undefined means any node. */
  readonly nodeSelector: Record<string, string> | undefined;
  /** Runs at least two pods of each part, with disruption budgets; otherwise one, without. */
  readonly production: boolean;
}

/** Values of its chart over the chart's own. */
export function certManagerValues({ gateways, monitoring, nodeSelector, production }: CertManagerOptions) {
  // While the webhook is unreachable, the API server refuses every certificate, so it gets one replica more than the rest.
  const part = (replicaCount: number) => ({
    replicaCount: production ? replicaCount : 1,
    podDisruptionBudget: production ? { enabled: true } : undefined,
    nodeSelector,
    resources: { requests: { cpu: "10m", memory: "64Mi" } },
  });
  return {
    // This chart has its kinds among its templates, so Helm upgrades them, before the rest of the chart.
    crds: { enabled: true, keep: true },
    config: {
      apiVersion: "controller.config.cert-manager.io/v1alpha1",
      kind: "ControllerConfiguration",
      gatewayAPI: { enabled: gateways },
    },
    ...(monitoring === undefined
      ? {}
      : { prometheus: { servicemonitor: { enabled: true, labels: monitoring.labels } } }),
    ...part(2),
    webhook: part(3),
    cainjector: part(2),
  };
}
