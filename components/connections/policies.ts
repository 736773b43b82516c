/**
 * NetworkPolicies from declared connections. A workload has one policy of its own that selects its pods for ingress and
 * egress, so that everything undeclared is denied, and one more at each workload that it connects to, which lets it in
 * there.
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
  /** `metadata.name` of the workload and of its own policy. */
  readonly name: string;
  /** Namespace of its pods and of its own policy. */
  readonly namespace: Namespace;
  /** Labels that select its pods. */
  readonly labels: Record<string, string>;
}

type PolicySpec = types.input.networking.v1.NetworkPolicySpec;

/** One NetworkPolicy to be made. */
export interface PolicyPlan {
  /** Suffix of the Pulumi resource's name, `-to-postgres`; empty for the caller's own policy. */
  readonly part: string;
  /** `metadata.name`: `api-to-postgres`. */
  readonly name: string;
  /** Namespace of the pods that the policy selects, which for ingress is the destination's. */
  readonly namespace: Namespace;
  /** `spec` of the NetworkPolicy as Kubernetes takes it. */
  readonly spec: PolicySpec;
}

/** The caller's own policy, and one policy at each workload of this program that it connects to. Pure. */
export function planPolicies(caller: Caller, connectsTo: readonly Destination[]): PolicyPlan[] {
  const egress = connectsTo.map(egressRule).filter((rule) => rule !== undefined);
  const ownPolicy: PolicyPlan = {
    part: "",
    name: caller.name,
    namespace: caller.namespace,
    spec: {
      podSelector: { matchLabels: caller.namespace.selecting(caller.labels) },
      policyTypes: ["Ingress", "Egress"],
      // Absent means none. An empty list means the same, but the API drops it, and each update would set it again.
      egress: connectsTo.length === 0 ? undefined : [dnsRule, ...egress],
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
              podSelector: { matchLabels: to.namespace.selecting(to.labels) },
              policyTypes: ["Ingress"],
              ingress: [{ from: [podPeer(caller, to.namespace)], ports: tcp(to.ports) }],
            },
          },
        ]
      : [],
  );
  return [ownPolicy, ...peers];
}

/**
 * A client that is no workload of this program, such as the edge's proxies, Prometheus or a network, and may connect to
 * one.
 */
export type Visitor =
  | {
      /** First part of the policy's name, which is `<name>-to-<workload>`. */
      readonly name: string;
      /** `metadata.name` of the namespace that the client's pods are in; undefined means every namespace. */
      readonly from: string | undefined;
      /** Labels that select the client's pods. @default - every pod of the namespace */
      readonly labels?: Record<string, string> | undefined;
    }
  /** Clients by their addresses, as CIDR blocks such as `203.0.113.0/24`. */
  | { readonly name: string; readonly addresses: readonly string[] };

/** The policy that lets a visitor connect to the ports of an endpoint. Pure. */
export function planVisit(visitor: Visitor, to: Pick<Endpoint, "name" | "namespace" | "labels" | "ports">): PolicyPlan {
  return {
    part: `-to-${to.name}`,
    name: `${visitor.name}-to-${to.name}`,
    namespace: to.namespace,
    spec: {
      podSelector: { matchLabels: to.namespace.selecting(to.labels) },
      policyTypes: ["Ingress"],
      ingress: [{ from: visitorPeers(visitor), ports: tcp(to.ports) }],
    },
  };
}

function visitorPeers(visitor: Visitor): types.input.networking.v1.NetworkPolicyPeer[] {
  if ("addresses" in visitor) return visitor.addresses.map((cidr) => ({ ipBlock: { cidr } }));
  return [
    {
      namespaceSelector:
        visitor.from === undefined ? {} : { matchLabels: { "kubernetes.io/metadata.name": visitor.from } },
      podSelector: visitor.labels && { matchLabels: visitor.labels },
    },
  ];
}

/**
 * Lets clients connect through a port of the nodes. A node that has no pod passes connections on to one that has, under its own
 * address, so every address is admitted. Cilium, DOKS's CNI, takes nodes for no addresses; there they are admitted as such.
 *
 * @param to the pods, on the port of the container that the Service leads to
 */
export function admitNodePort(name: string, site: Site, to: Endpoint, parent: pulumi.Resource): void {
  const plan = planVisit({ name: "internet", addresses: ["0.0.0.0/0"] }, to);
  networkPolicy(name, plan, parent);
  if (site.doks === undefined || !to.namespace.runs()) return;
  const toPorts = [{ ports: to.ports.map((port) => ({ port: String(port), protocol: "TCP" })) }];
  new k8s.apiextensions.CustomResource(
    `${name}-from-nodes`,
    {
      apiVersion: "cilium.io/v2",
      kind: "CiliumNetworkPolicy",
      metadata: to.namespace.meta(`nodes-to-${to.name}`),
      spec: {
        endpointSelector: { matchLabels: to.namespace.selecting(to.labels) },
        ingress: [{ fromEntities: ["host", "remote-node"], toPorts }],
      },
    },
    { parent, dependsOn: to.namespace.ready },
  );
}

/** Makes the policies of a caller, and returns them so that its pods start only once they are in force. */
export function connect(
  name: string,
  site: Site,
  caller: Caller,
  connectsTo: readonly Destination[],
  parent: pulumi.Resource,
): pulumi.Resource[] {
  const policies = planPolicies(caller, connectsTo).map((plan) => policyOf(name, plan, parent));
  if (!connectsTo.some((to) => to.kind === "kubernetes-api")) return policies;
  return [...policies, apiServerPolicy(name, site, caller, parent)];
}

/** Makes the policy that lets a visitor in; none where nothing runs that could be visited. */
export function networkPolicy(name: string, plan: PolicyPlan, parent: pulumi.Resource): pulumi.Resource[] {
  return plan.namespace.runs() ? [policyOf(name, plan, parent)] : [];
}

function policyOf(name: string, plan: PolicyPlan, parent: pulumi.Resource): pulumi.Resource {
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
            podSelector: to.labels && { matchLabels: to.labels },
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

/**
 * The other side of a connection. Without the labels of an adopted namespace: pods that run there since before it was adopted
 * lack them until they are replaced, and must be let in until then. Whoever may make pods there may give them any label.
 */
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
 * DigitalOcean documents that a NetworkPolicy cannot select the API server of DOKS, but a CiliumNetworkPolicy can. On other
 * clusters the program does not know the API server's address, so egress to the usual two ports is open to every address.
 */
function apiServerPolicy(name: string, site: Site, caller: Caller, parent: pulumi.Resource): pulumi.Resource {
  const metadata = caller.namespace.meta(`${caller.name}-to-kubernetes-api`);
  const selected = caller.namespace.selecting(caller.labels);
  const opts = { parent, dependsOn: caller.namespace.ready };
  if (site.doks !== undefined) {
    return new k8s.apiextensions.CustomResource(
      `${name}-to-kubernetes-api`,
      {
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata,
        spec: { endpointSelector: { matchLabels: selected }, egress: [{ toEntities: ["kube-apiserver"] }] },
      },
      opts,
    );
  }
  return new k8s.networking.v1.NetworkPolicy(
    `${name}-to-kubernetes-api`,
    {
      metadata,
      spec: {
        podSelector: { matchLabels: selected },
        policyTypes: ["Egress"],
        egress: [{ ports: tcp([443, 6443]) }],
      },
    },
    opts,
  );
}
