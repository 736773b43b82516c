/**
 * What a workload connects to, declared once for each connection. The declaration makes the NetworkPolicies on both
 * sides, the order of start, and the arrow in the picture of the preview.
 */
import * as pulumi from "@pulumi/pulumi";
import type { Where } from "../../settings/slices/data-shapes/service-fields.ts";
import type { Connection } from "./connection.ts";
import type { Namespace } from "../site/namespace.ts";

/** Pods of this program that listen: what a workload or data service offers to its callers. */
export interface Endpoint {
  /** Discriminates `Destination`; both sides of the connection get a NetworkPolicy. */
  readonly kind: "pods";
  /** `metadata.name` of the workload; NetworkPolicies that let callers in are named `<caller>-to-<name>`. */
  readonly name: string;
  /** Namespace of the pods, which may be another than the caller's. */
  readonly namespace: Namespace;
  /** Labels that select the pods. */
  readonly labels: Record<string, string>;
  /** TCP ports of the containers; NetworkPolicies count these, not the ports of the Service. */
  readonly ports: readonly number[];
  /** Resources that must be ready before a caller starts. */
  readonly ready: readonly pulumi.Resource[];
}

/** A service on the internet. Private ranges and the metadata address of Droplets are never part of it. */
export interface Outside {
  /** Discriminates `Destination`; only the caller's side gets a rule. */
  readonly kind: "outside";
  /** Name of the service in the picture of the preview. */
  readonly name: string;
  /** TCP ports to connect to. */
  readonly ports: readonly number[];
  /** CIDR blocks, `203.0.113.0/24`. @default - the whole internet */
  readonly addresses?: readonly string[] | undefined;
  /** Resources that must be ready before a caller starts, such as a migration. @default [] */
  readonly ready?: readonly pulumi.Resource[];
}

/** Private addresses outside the cluster that this program does not manage, such as another VPC or an office. */
interface PrivateNetwork {
  readonly kind: "private";
  /** Name of the network in the picture of the preview. */
  readonly name: string;
  /** TCP ports to connect to. */
  readonly ports: readonly number[];
  /** CIDR blocks, `10.60.0.0/16`. */
  readonly addresses: readonly string[];
  /** Resources that must exist before a caller starts. @default [] */
  readonly ready?: readonly pulumi.Resource[];
}

/** Pods in the cluster that this program does not make. Whoever makes them must let the caller in. */
export interface Neighbour {
  /** Discriminates `Destination`; only the caller's side gets a rule. */
  readonly kind: "neighbour";
  /** Name of the pods in the picture of the preview, after their namespace. */
  readonly name: string;
  /** `metadata.name` of the namespace that the pods are in. */
  readonly namespace: string;
  /** Labels that select the pods. @default - every pod of the namespace */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** TCP ports of the containers. */
  readonly ports: readonly number[];
  /** Resources that must be ready before a caller starts, such as a migration. @default [] */
  readonly ready?: readonly pulumi.Resource[];
}

/** A managed DigitalOcean service that is reached through the VPC. */
export interface VpcService {
  /** Discriminates `Destination`; only the caller's side gets a rule, the service has a firewall of its own. */
  readonly kind: "vpc";
  /** Name of the service in the picture of the preview. */
  readonly name: string;
  /** TCP ports; DigitalOcean chooses them when it makes the service. */
  readonly ports: readonly pulumi.Input<number>[];
  /** CIDR block of the VPC, `10.20.0.0/20`; DigitalOcean gives the service an address in it. */
  readonly range: pulumi.Input<string>;
  /** Resources that must be ready before a caller starts: the service, its users, a migration. */
  readonly ready: readonly pulumi.Resource[];
}

/** The API server of the cluster. */
export interface KubernetesApi {
  /** Discriminates `Destination`; address and port follow from the cluster. */
  readonly kind: "kubernetes-api";
}

/** A server in the cluster, whoever made it, in the VPC, in another private network or on the internet. */
export type ServerEndpoint = Endpoint | Neighbour | Outside | PrivateNetwork | VpcService;

/** Anything that a workload may name in `connectsTo`. */
export type Destination = ServerEndpoint | KubernetesApi;

/** A service anywhere on the internet, reached on one TCP port. */
export function outside(name: string, port: number): Outside {
  return { kind: "outside", name, ports: [port] };
}

/**
 * An existing server that this program does not manage.
 *
 * @param ports TCP ports that clients connect to
 * @param where on the internet, at private addresses, or pods of the cluster
 * @param namespace of the clients, which has the pods too where `where` names no other
 */
export function existingServer(
  name: string,
  ports: readonly number[],
  where: Where,
  namespace: Namespace,
): Outside | PrivateNetwork | Neighbour {
  switch (where.kind) {
    case "internet":
      return { kind: "outside", name, ports, addresses: where.addresses };
    case "private":
      return { kind: "private", name, ports, addresses: where.addresses };
    case "pods": {
      const { labels, namespace: there = namespace.namespaceName } = where;
      return { kind: "neighbour", name, namespace: there, labels, ports: where.ports ?? ports };
    }
  }
}

/** The API server of the cluster, for `connectsTo` of pods that call it. */
export const kubernetesApi: KubernetesApi = { kind: "kubernetes-api" };

/** A port as a string, for environment variables. */
export function portText(port: pulumi.Input<number>): pulumi.Output<string> {
  return pulumi.output(port).apply(String);
}

/** Resources that a caller waits for before its pods start. */
export function readiness(connectsTo: readonly Destination[]): pulumi.Resource[] {
  return connectsTo.flatMap(readyOf);
}

/** The destination for callers that must also wait for resources inside it, such as a migration or the topics of a broker. */
export function after<To extends ServerEndpoint>(to: To, ...done: pulumi.Resource[]): To {
  return { ...to, ready: [...readyOf(to), ...done] };
}

function readyOf(to: Destination): pulumi.Resource[] {
  return "ready" in to ? [...(to.ready ?? [])] : [];
}

/** A destination as `connectsTo` of a component holds it, which the preview reads from the graph. */
export function connectionTo(to: Destination): pulumi.Input<Connection> {
  switch (to.kind) {
    case "kubernetes-api":
      return { kind: to.kind, target: to.kind, ports: [443] };
    case "neighbour":
      return { kind: to.kind, target: `${to.namespace}/${to.name}`, ports: to.ports };
    case "vpc":
      return pulumi.all([...to.ports]).apply((ports) => ({ kind: "managed" as const, target: to.name, ports }));
    default:
      return { kind: to.kind, target: to.name, ports: to.ports };
  }
}
