/** Who can reach whom under a set of NetworkPolicies, as Kubernetes defines it: policies add up, and select pods by label. */

import { selects, type Labels, type Selector } from "../graph/pods.ts";

export interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
}
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port?: number }[];
}
export interface NetworkPolicy {
  readonly metadata: { readonly namespace?: string };
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

/** Pods of one workload. */
export interface Pods {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly ports: readonly number[];
}

/** Every `caller → callee:port` that both sides allow, sorted. */
export function reachable(policies: readonly NetworkPolicy[], pods: readonly Pods[]): string[] {
  const edges = pods.flatMap((from) =>
    pods.flatMap((to) =>
      to.ports
        .filter(
          (port) =>
            from !== to && allows(policies, "Egress", from, to, port) && allows(policies, "Ingress", to, from, port),
        )
        .map((port) => `${from.name} → ${to.name}:${port}`),
    ),
  );
  return edges.toSorted();
}

/** Whether the policies of one side let the peer through; a side that no policy selects lets everything through. */
export function allows(
  policies: readonly NetworkPolicy[],
  side: "Ingress" | "Egress",
  own: Omit<Pods, "ports">,
  peer: Omit<Pods, "ports">,
  port: number,
): boolean {
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      (metadata.namespace ?? "default") === own.namespace &&
      spec.policyTypes.includes(side) &&
      selects(spec.podSelector, own.labels),
  );
  if (selecting.length === 0) return true;
  return selecting.some(({ metadata, spec }) =>
    (side === "Ingress" ? spec.ingress : spec.egress)?.some((rule) => {
      const peers = side === "Ingress" ? rule.from : rule.to;
      const portFits =
        rule.ports === undefined || rule.ports.some((one) => one.port === undefined || one.port === port);
      return (
        portFits && (peers === undefined || peers.some((one) => peerFits(one, peer, metadata.namespace ?? "default")))
      );
    }),
  );
}

/** Whether a peer of a policy means these pods. */
export function peerFits(peer: Peer, pods: Omit<Pods, "ports">, policyNamespace: string): boolean {
  // Address blocks mean what is outside the cluster; ours leave private ranges out.
  if (peer.ipBlock !== undefined) return false;
  const namespaceFits =
    peer.namespaceSelector === undefined
      ? pods.namespace === policyNamespace
      : selects(peer.namespaceSelector, { "kubernetes.io/metadata.name": pods.namespace });
  return namespaceFits && (peer.podSelector === undefined || selects(peer.podSelector, pods.labels));
}
