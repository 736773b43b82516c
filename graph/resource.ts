/** The resources of a stack as data, in the one form that previews, reviews and policies work on. Pure. */
import { stringify } from "yaml";
import type { Connection } from "../components/connections/connection.ts";

/** The resource options that the program sets. */
interface ResourceOptions {
  /** The engine refuses to delete or replace the resource. */
  readonly protect: boolean;
  /**
   * The resource stays at its provider when Pulumi deletes it; undefined in a policy pack, where the engine does not
   * tell.
   */
  readonly retainOnDelete: boolean | undefined;
  /** Paths into `inputs` whose changes the engine ignores. */
  readonly ignoreChanges: readonly string[];
  /** Paths into `inputs` whose changes replace the resource, in addition to those on which its provider replaces it. */
  readonly replaceOnChanges: readonly string[];
  /** URNs that the resource had before. */
  readonly aliases: readonly string[];
}

/** One registered resource. */
export interface Resource extends ResourceOptions {
  readonly urn: string;
  /** Pulumi type token: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Pulumi's name of the resource, the last part of its URN. */
  readonly name: string;
  /** URN of the component that the resource belongs to; undefined for the stack itself. */
  readonly parent: string | undefined;
  /** `false` for components, which only group others. */
  readonly custom: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Paths into `inputs` whose values are secret, such as `["stringData"]`. */
  readonly secretPaths: readonly (readonly string[])[];
  /** Names of the inputs whose values the engine's preview does not know yet; `inputs` does not have them. */
  readonly unknown?: readonly string[];
  /**
   * What the provider answers beyond the inputs; undefined in masked resources, because nothing says which of it is
   * secret.
   */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** URNs of the resources that this one waits for. */
  readonly dependsOn: readonly string[];
  /** By the name of an input, URNs of the resources whose outputs it is made of: `{ vpcUuid: [<URN of the VPC>] }`. */
  readonly inputsFrom: Readonly<Record<string, readonly string[]>>;
  /** URN of the provider that it is given; undefined for the default one. */
  readonly provider: string | undefined;
  /** Connections that a workload declares; empty for other resources. */
  readonly connectsTo: readonly Connection[];
}

/** A resource of which only some fields are known; the others get empty values. */
export function resourceOf(known: Pick<Resource, "urn" | "type" | "name"> & Partial<Resource>): Resource {
  return {
    ...{ parent: undefined, custom: isMade(known), inputs: {}, secretPaths: [], dependsOn: [], connectsTo: [] },
    ...{ inputsFrom: {}, provider: undefined },
    ...{ protect: false, retainOnDelete: false, ignoreChanges: [], replaceOnChanges: [], aliases: [] },
    ...known,
  };
}

/** All resources and outputs of a stack. */
export interface Graph {
  readonly stack: string;
  readonly resources: readonly Resource[];
  /** Stack outputs, with secret ones in clear text. */
  readonly outputs: Record<string, unknown>;
  /** Names of the outputs that are secret. */
  readonly secretOutputs: readonly string[];
}

/** `metadata` of a Kubernetes object, with the fields that are read. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A manifest. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [key: string]: unknown;
}

/** The manifest of a resource; undefined if it is no Kubernetes object. */
export function kubernetesObject({ type, inputs }: Pick<Resource, "type" | "inputs">): KubernetesObject | undefined {
  const isObject = type.startsWith("kubernetes:") && typeof inputs["kind"] === "string" && "metadata" in inputs;
  return isObject ? (inputs as unknown as KubernetesObject) : undefined;
}

/** The inputs of a Kubernetes object as YAML that `kubectl apply` takes. */
export function manifest(inputs: Readonly<Record<string, unknown>>): string {
  const { apiVersion, kind, metadata, ...rest } = inputs;
  return stringify({ apiVersion, kind, metadata, ...rest }, { lineWidth: 0 });
}

/** Kind of a resource, the last part of its type token: `Deployment`. */
export function kindOf({ type }: Pick<Resource, "type">): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/** Provider of a resource, `kubernetes` or `digitalocean`; `component` for components of this program. */
export function providerOf({ type }: Pick<Resource, "type">): string {
  const [provider = ""] = type.split(":");
  return provider === "doks-systems" ? "component" : provider;
}

/** Whether a provider makes the resource: it is neither a component nor the stack itself. */
export function isMade({ type }: Pick<Resource, "type">): boolean {
  return !type.startsWith("doks-systems:") && type !== "pulumi:pulumi:Stack";
}

/**
 * Whether the Kubernetes provider makes the resource itself; releases of charts are left out, because Helm makes their
 * objects.
 */
export function inCluster({ type }: Pick<Resource, "type">): boolean {
  return type.startsWith("kubernetes:") && !type.startsWith("kubernetes:helm.sh/");
}

/** `metadata` of a Kubernetes object; undefined for other resources. */
export function metadataOf({ inputs }: Pick<Resource, "inputs">): Metadata | undefined {
  return inputs["metadata"] as Metadata | undefined;
}

/**
 * The name by which people know a resource: namespace and name of a Kubernetes object, `bow-mark/server-deployment`;
 * the name at its cloud; else Pulumi's name.
 */
export function nameOf(resource: Pick<Resource, "type" | "name" | "inputs">): string {
  if (!isMade(resource)) return resource.name;
  const metadata = metadataOf(resource);
  if (metadata !== undefined)
    return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  const cloudName = resource.inputs["name"];
  return typeof cloudName === "string" ? cloudName : resource.name;
}

/** Kind and name of a resource, as findings and waivers have it: `Deployment bow-mark/server-deployment`. */
export function label(resource: Pick<Resource, "type" | "name" | "inputs">): string {
  return `${kindOf(resource)} ${nameOf(resource)}`;
}

/** A connection as one short text: `postgres:5432`, `managed/gx-postgres:25060`. */
export function connectionText({ kind, target, ports }: Connection): string {
  const place = kind === "pods" || kind === "kubernetes-api" ? target : `${kind}/${target}`;
  return `${place}:${ports.join(",")}`;
}

/** Host of a DNS record, whose name is below its domain or `@` for the domain itself: `api.gxcoin.com`. */
export function hostOfRecord({ inputs: { name, domain } }: Pick<Resource, "inputs">): string {
  return name === "@" ? String(domain) : `${String(name)}.${String(domain)}`;
}

/** Seconds that resolvers keep a DNS record. Source of the default: DigitalOcean API, Domain Records, `ttl`. */
export function ttlOfRecord({ inputs: { ttl } }: Pick<Resource, "inputs">): number {
  return Number(ttl ?? 1800);
}
