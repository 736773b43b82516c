/**
 * NetworkPolicies from connections: each workload's own policy selects its pods for both directions, so that everything which
 * nobody declares is denied; one at each pod that it may reach lets it in there.
 */
import { notInternet } from "../../catalogue/networks.ts";
import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Site } from "../site/site.ts";
import type { Namespace } from "../site/namespace.ts";
import type { Destination, Endpoint } from "./destinations.ts";

/** A workload that connects to others. */
export interface Caller {
  readonly name: string;
  readonly namespace: Namespace;
  readonly labels: Record<string, string>;
}

type PolicySpec = types.input.networking.v1.NetworkPolicySpec;

/** One NetworkPolicy to be made. */
export interface PolicyPlan {
  /** What the resource's name ends with, after the caller's; empty for the caller's own policy. */
  readonly part: string;
  /** `metadata.name`. */
  readonly name: string;
  readonly namespace: Namespace;
  readonly spec: PolicySpec;
}

/** The caller's own policy, and one policy at each pod that it may reach. Pure. */
export function planPolicies(caller: Caller, connectsTo: readonly Destination[]): PolicyPlan[] {
  const egress = connectsTo.map(egressRule).filter((rule) => rule !== undefined);
  const own: PolicyPlan = {
    part: "",
    name: caller.name,
    namespace: caller.namespace,
    spec: {
      podSelector: { matchLabels: caller.labels },
      policyTypes: ["Ingress", "Egress"],
      // Absent means none. An empty list means the same, but the API drops it, and each update would set it again.
      ...(connectsTo.length === 0 ? {} : { egress: [dnsRule, ...egress] }),
    },
  };
  const peers = connectsTo.flatMap((to): PolicyPlan[] =>
    to.kind === "pods"
      ? [
          {
            part: `-to-${to.name}`,
            name: `${caller.name}-to-${to.name}`,
            namespace: to.namespace,
            spec: {
              podSelector: { matchLabels: to.labels },
              policyTypes: ["Ingress"],
              ingress: [{ from: [podPeer(caller, to.namespace)], ports: tcp(to.ports) }],
            },
          },
        ]
      : [],
  );
  return [own, ...peers];
}

/** Who may come in without being a workload of this program. */
export type Visitor =
  /** Pods of a namespace; of all its pods where no labels are given. */
  | { readonly name: string; readonly from: string; readonly labels?: Record<string, string> | undefined }
  /** Addresses, as CIDR blocks. */
  | { readonly name: string; readonly addresses: readonly string[] };

/** The policy that lets a visitor reach pods. Pure. */
export function planVisit(visitor: Visitor, to: Pick<Endpoint, "name" | "namespace" | "labels" | "ports">): PolicyPlan {
  return {
    part: `-to-${to.name}`,
    name: `${visitor.name}-to-${to.name}`,
    namespace: to.namespace,
    spec: {
      podSelector: { matchLabels: to.labels },
      policyTypes: ["Ingress"],
      ingress: [{ from: visitorPeers(visitor), ports: tcp(to.ports) }],
    },
  };
}

function visitorPeers(visitor: Visitor): types.input.networking.v1.NetworkPolicyPeer[] {
  if ("addresses" in visitor) return visitor.addresses.map((cidr) => ({ ipBlock: { cidr } }));
  return [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": visitor.from } },
      ...(visitor.labels === undefined ? {} : { podSelector: { matchLabels: visitor.labels } }),
    },
  ];
}

/** Makes the policies; returns them, so that pods start when they hold. */
export function connect(
  name: string,
  site: Site,
  caller: Caller,
  connectsTo: readonly Destination[],
  parent: pulumi.Resource,
): pulumi.Resource[] {
  const policies = planPolicies(caller, connectsTo).map((plan) => networkPolicy(name, plan, parent));
  if (!connectsTo.some((to) => to.kind === "kubernetes-api")) return policies;
  return [...policies, apiServerPolicy(name, site, caller, parent)];
}

/** One planned policy as a resource. */
export function networkPolicy(name: string, plan: PolicyPlan, parent: pulumi.Resource): pulumi.Resource {
  return new k8s.networking.v1.NetworkPolicy(
    `${name}${plan.part}`,
    { metadata: plan.namespace.meta(plan.name), spec: plan.spec },
    { parent, dependsOn: plan.namespace.ready },
  );
}

const dnsRule: types.input.networking.v1.NetworkPolicyEgressRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
  ],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

function egressRule(to: Destination): types.input.networking.v1.NetworkPolicyEgressRule | undefined {
  switch (to.kind) {
    case "pods":
      return { to: [podPeer(to, to.namespace)], ports: tcp(to.ports) };
    case "outside":
      return {
        to: to.addresses?.map((cidr) => ({ ipBlock: { cidr } })) ?? [
          { ipBlock: { cidr: "0.0.0.0/0", except: [...notInternet] } },
        ],
        ports: tcp(to.ports),
      };
    case "private":
      return { to: to.addresses.map((cidr) => ({ ipBlock: { cidr } })), ports: tcp(to.ports) };
    case "neighbour":
      return {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": to.namespace } },
            ...(to.labels === undefined ? {} : { podSelector: { matchLabels: to.labels } }),
          },
        ],
        ports: tcp(to.ports),
      };
    case "vpc":
      return { to: [{ ipBlock: { cidr: to.range } }], ports: tcp(to.ports) };
    case "kubernetes-api":
      return undefined;
  }
}

function podPeer(
  pods: { namespace: Namespace; labels: Record<string, string> },
  seenFrom: Namespace,
): types.input.networking.v1.NetworkPolicyPeer {
  const podSelector = { matchLabels: pods.labels };
  if (pods.namespace.namespaceName === seenFrom.namespaceName) return { podSelector };
  const namespace = { "kubernetes.io/metadata.name": pods.namespace.namespaceName };
  return { namespaceSelector: { matchLabels: namespace }, podSelector };
}

function tcp(ports: readonly pulumi.Input<number>[]): types.input.networking.v1.NetworkPolicyPort[] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}

/**
 * DOKS documents that a NetworkPolicy cannot select its API server; Cilium's own policy names it. Elsewhere its address
 * is unknown to the program, so the two ports API servers use are opened.
 */
function apiServerPolicy(name: string, site: Site, caller: Caller, parent: pulumi.Resource): pulumi.Resource {
  const metadata = caller.namespace.meta(`${caller.name}-to-kubernetes-api`);
  const opts = { parent, dependsOn: caller.namespace.ready };
  if (site.doks !== undefined) {
    return new k8s.apiextensions.CustomResource(
      `${name}-to-kubernetes-api`,
      {
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata,
        spec: { endpointSelector: { matchLabels: caller.labels }, egress: [{ toEntities: ["kube-apiserver"] }] },
      },
      opts,
    );
  }
  return new k8s.networking.v1.NetworkPolicy(
    `${name}-to-kubernetes-api`,
    {
      metadata,
      spec: {
        podSelector: { matchLabels: caller.labels },
        policyTypes: ["Egress"],
        egress: [{ ports: tcp([443, 6443]) }],
      },
    },
    opts,
  );
}
