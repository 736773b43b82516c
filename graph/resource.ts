/** A stack as data: every resource that a run of the program registers, in the one shape that everybody looks at. Pure. */
import { stringify } from "yaml";

/** What the program asks of the engine for a resource, beside its inputs. */
interface ResourceOptions {
  /** The engine refuses to delete or replace it. */
  readonly protect: boolean;
  /** It stays at its provider when Pulumi forgets it; undefined where the engine, which does not tell policies, was asked. */
  readonly retainOnDelete: boolean | undefined;
  /** Paths into `inputs` that a change does not count in. */
  readonly ignoreChanges: readonly string[];
  /** Paths into `inputs` whose change makes a new one, beside those that the provider replaces on. */
  readonly replaceOnChanges: readonly string[];
  /** Earlier URNs of it. */
  readonly aliases: readonly string[];
}

/** One registered resource. */
export interface Resource extends ResourceOptions {
  readonly urn: string;
  /** Pulumi type token: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Pulumi's name of it, the last part of its URN. */
  readonly name: string;
  /** URN of the component it belongs to; absent for the stack itself. */
  readonly parent: string | undefined;
  /** `false` for components, which only group others. */
  readonly custom: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Paths into `inputs` whose values are secret, such as `["stringData"]`. */
  readonly secretPaths: readonly (readonly string[])[];
  /** Inputs that the engine's preview does not know yet; they are left out of `inputs`. */
  readonly unknown?: readonly string[];
  /** What its provider answers beside the inputs; absent once it is masked, because nobody says which of it is secret. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** URNs. */
  readonly dependsOn: readonly string[];
  /** Declared connections; of workloads. */
  readonly connectsTo: readonly Connection[];
}

/** A resource of which only a part is known: what is not said is none. */
export function resourceOf(known: Pick<Resource, "urn" | "type" | "name"> & Partial<Resource>): Resource {
  return {
    ...{ parent: undefined, custom: isMade(known), inputs: {}, secretPaths: [], dependsOn: [], connectsTo: [] },
    ...{ protect: false, retainOnDelete: false, ignoreChanges: [], replaceOnChanges: [], aliases: [] },
    ...known,
  };
}

/** What a workload may talk to. */
export interface Connection {
  /** `pods` of this program, a `neighbour`'s pods, a `managed` service in the VPC, `private` addresses, or what is `outside`. */
  readonly kind: "pods" | "neighbour" | "managed" | "private" | "outside" | "kubernetes-api";
  /** Its name: of a workload, a server or a service; a neighbour's after its namespace, `fabric/peer0-org1`. */
  readonly target: string;
  /** TCP ports. */
  readonly ports: readonly number[];
}

/** A whole stack, rendered. */
export interface Graph {
  readonly stack: string;
  readonly resources: readonly Resource[];
  /** Stack outputs, unmasked; secret ones are listed in `secretOutputs`. */
  readonly outputs: Record<string, unknown>;
  readonly secretOutputs: readonly string[];
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [key: string]: unknown;
}

/** Whether a resource is an object in the cluster, and which. */
export function kubernetesObject({ type, inputs }: Pick<Resource, "type" | "inputs">): KubernetesObject | undefined {
  const isObject = type.startsWith("kubernetes:") && typeof inputs["kind"] === "string" && "metadata" in inputs;
  return isObject ? (inputs as unknown as KubernetesObject) : undefined;
}

/** The inputs of an object as `kubectl` would read them. */
export function manifest(inputs: Readonly<Record<string, unknown>>): string {
  const { apiVersion, kind, metadata, ...rest } = inputs;
  return stringify({ apiVersion, kind, metadata, ...rest }, { lineWidth: 0 });
}

/** The last part of a type token: `Deployment`. */
export function kindOf({ type }: Pick<Resource, "type">): string {
  return type.split(":").at(-1) ?? type;
}

/** `kubernetes`, `digitalocean`; `component` for what only groups others. */
export function providerOf({ type }: Pick<Resource, "type">): string {
  const [provider = ""] = type.split(":");
  return provider === "doks-systems" ? "component" : provider;
}

/** Whether a provider makes it: neither a component nor the stack itself. */
export function isMade({ type }: Pick<Resource, "type">): boolean {
  return !type.startsWith("doks-systems:") && type !== "pulumi:pulumi:Stack";
}

/** Whether it is made in the cluster; charts are, and are Helm's. */
export function inCluster({ type }: Pick<Resource, "type">): boolean {
  return type.startsWith("kubernetes:") && !type.startsWith("kubernetes:helm.sh/");
}

export function metadataOf({ inputs }: Pick<Resource, "inputs">): Metadata | undefined {
  return inputs["metadata"] as Metadata | undefined;
}

/** What people call it: `bow-mark/server-deployment` for an object in the cluster, its own name at a cloud, else Pulumi's. */
export function nameOf(resource: Pick<Resource, "type" | "name" | "inputs">): string {
  if (!isMade(resource)) return resource.name;
  const metadata = metadataOf(resource);
  if (metadata !== undefined)
    return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  const own = resource.inputs["name"];
  return typeof own === "string" ? own : resource.name;
}

/** `Deployment bow-mark/server-deployment`: how findings and waivers name it. */
export function label(resource: Pick<Resource, "type" | "name" | "inputs">): string {
  return `${kindOf(resource)} ${nameOf(resource)}`;
}

/** A connection in one word: `postgres:5432`, `managed/gx-postgres:25060`. */
export function connectionText({ kind, target, ports }: Connection): string {
  const place = kind === "pods" || kind === "kubernetes-api" ? target : `${kind}/${target}`;
  return `${place}:${ports.join(",")}`;
}
