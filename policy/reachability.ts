/** Which pods can connect to which under a set of NetworkPolicies. Policies that select the same pods add up. Pure. */

import { selects, type Labels, type Selector } from "../graph/pods.ts";

/** One entry under `from` or `to` of a NetworkPolicy's rule. */
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
/** A NetworkPolicy, with the fields that are read. */
export interface NetworkPolicy {
  readonly metadata: { readonly namespace?: string };
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

/** The pods of one workload. */
export interface Pods {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly ports: readonly number[];
}

/** Every connection that the policies on both sides allow, as `caller → callee:port`, sorted. */
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

/**
 * Whether the policies on one side of a connection allow it. If no policy selects the pods on that side, everything is
 * allowed.
 *
 * @param side `Ingress` for the pods that listen, `Egress` for those that connect
 * @param own pods on that side
 * @param peer pods on the other side
 */
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

/** Whether a peer in a NetworkPolicy selects these pods. */
export function peerFits(peer: Peer, pods: Omit<Pods, "ports">, policyNamespace: string): boolean {
  // CIDR blocks are for addresses outside the cluster, and those of this program leave the pods' ranges out.
  if (peer.ipBlock !== undefined) return false;
  const namespaceFits =
    peer.namespaceSelector === undefined
      ? pods.namespace === policyNamespace
      : selects(peer.namespaceSelector, { "kubernetes.io/metadata.name": pods.namespace });
  return namespaceFits && (peer.podSelector === undefined || selects(peer.podSelector, pods.labels));
}

/** Whether the policies let addresses outside of the cluster connect to pods; if no policy selects them, they do. */
export function admitsAddresses(
  policies: readonly NetworkPolicy[],
  { namespace, labels }: Pick<Pods, "namespace" | "labels">,
  port: number,
): boolean {
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      (metadata.namespace ?? "default") === namespace &&
      spec.policyTypes.includes("Ingress") &&
      selects(spec.podSelector, labels),
  );
  const rules = selecting.flatMap(({ spec }) => spec.ingress ?? []);
  return (
    selecting.length === 0 ||
    rules.some(
      ({ from, ports }) =>
        (from === undefined || from.some(({ ipBlock }) => ipBlock !== undefined)) &&
        (ports === undefined || ports.some((one) => one.port === undefined || one.port === port)),
    )
  );
}
