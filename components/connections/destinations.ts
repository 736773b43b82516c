/**
 * What a workload connects to. It says so once: from that line come the policies on both sides, what it waits for at start, and
 * the arrow in the picture.
 */
import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../../graph/resource.ts";
import type { Namespace } from "../site/namespace.ts";

/** Pods that listen: what a workload offers to those that connect to it. */
export interface Endpoint {
  readonly kind: "pods";
  readonly name: string;
  readonly namespace: Namespace;
  readonly labels: Record<string, string>;
  /** Container ports, as NetworkPolicies see them. */
  readonly ports: readonly number[];
  /** What must be up before a caller starts. */
  readonly ready: readonly pulumi.Resource[];
}

/** A service on the internet. The metadata address and private ranges are never part of it. */
export interface Outside {
  readonly kind: "outside";
  readonly name: string;
  readonly ports: readonly number[];
  /** CIDR blocks. @default all of it */
  readonly addresses?: readonly string[] | undefined;
  readonly ready?: readonly pulumi.Resource[];
}

/** Private addresses that are not this program's. */
interface PrivateNetwork {
  readonly kind: "private";
  readonly name: string;
  readonly ports: readonly number[];
  /** CIDR blocks. */
  readonly addresses: readonly string[];
  readonly ready?: readonly pulumi.Resource[];
}

/** Pods that are not this program's: their side of the connection is their owner's to allow. */
export interface Neighbour {
  readonly kind: "neighbour";
  readonly name: string;
  readonly namespace: string;
  /** @default every pod of the namespace */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly ports: readonly number[];
}

/** A managed service inside the VPC. */
export interface VpcService {
  readonly kind: "vpc";
  readonly name: string;
  /** As the service reports them. */
  readonly ports: readonly pulumi.Input<number>[];
  readonly range: pulumi.Input<string>;
  readonly ready: readonly pulumi.Resource[];
}

/** The cluster's own API server. */
export interface KubernetesApi {
  readonly kind: "kubernetes-api";
}

/** A server, whoever runs it. */
export type ServerEndpoint = Endpoint | Outside | PrivateNetwork | VpcService;

export type Destination = ServerEndpoint | Neighbour | KubernetesApi;

export function outside(name: string, port: number): Outside {
  return { kind: "outside", name, ports: [port] };
}

/**
 * A server that exists already.
 *
 * @param privateRange CIDR block that it has its address in; without one it is on the internet
 */
export function existingServer(
  name: string,
  ports: readonly number[],
  privateRange: string | undefined,
): Outside | PrivateNetwork {
  if (privateRange === undefined) return { kind: "outside", name, ports };
  return { kind: "private", name, ports, addresses: [privateRange] };
}

export const kubernetesApi: KubernetesApi = { kind: "kubernetes-api" };

/** A port as an environment variable has it. */
export function portText(port: pulumi.Input<number>): pulumi.Output<string> {
  return pulumi.output(port).apply(String);
}

/** What a caller waits for before its pods start. */
export function readiness(connectsTo: readonly Destination[]): pulumi.Resource[] {
  return connectsTo.flatMap(readyOf);
}

/** The same destination, for callers that also wait for something done there first: a migration, topics. */
export function after<To extends ServerEndpoint>(to: To, ...done: pulumi.Resource[]): To {
  return { ...to, ready: [...readyOf(to), ...done] };
}

function readyOf(to: Destination): pulumi.Resource[] {
  return "ready" in to ? [...(to.ready ?? [])] : [];
}

/** A destination as the graph keeps it. */
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
