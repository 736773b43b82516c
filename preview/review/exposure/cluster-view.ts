/** The Kubernetes objects of a stack that lead from a name to pods: by kind, namespace and name. Pure. */
import { podsOf, selects, type Labels, type Pods } from "../../../graph/pods.ts";
import { kindOf, metadataOf, type Metadata, type Resource } from "../../../graph/resource.ts";
import { byUrn, onDigitalOcean, type ByUrn } from "../../../graph/stack.ts";
import type { NetworkPolicy } from "../../../policy/reachability.ts";
import { linkTo, type Link } from "./entry.ts";

/** A port of a Service. */
export interface ServicePort {
  readonly port: number;
  readonly protocol?: string;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

/** `spec` of a Service, with the fields that are read. */
export interface ServiceSpec {
  readonly type?: string;
  readonly selector?: Labels;
  readonly ports?: readonly ServicePort[];
  readonly loadBalancerSourceRanges?: readonly string[];
}

/** Links to the owners of pods. */
export function ownersOf(pods: readonly Pods[]): Link[] {
  return pods.map(({ owner }) => linkTo(owner));
}

/** A stack's resources, found as one object of a cluster names another. */
export class ClusterView {
  readonly all: ByUrn;
  readonly onDigitalOcean: boolean;
  readonly #byKind: ReadonlyMap<string, readonly Resource[]>;
  readonly #byName: ReadonlyMap<string, Resource>;
  readonly #pods: ReadonlyMap<string, readonly Pods[]>;
  /** Resources that are made of the outputs of another, or wait for it, by the URN of that one. */
  #policies: ReadonlyMap<string, readonly Resource[]> | undefined;
  readonly #following = new Map<string, Resource[]>();

  constructor(resources: readonly Resource[]) {
    this.all = byUrn(resources);
    this.onDigitalOcean = onDigitalOcean(resources);
    this.#byKind = Map.groupBy(resources, kindOf);
    // The first of a name counts.
    this.#byName = new Map(resources.toReversed().map((one) => [keyOf(kindOf(one), metadataOf(one)), one]));
    this.#pods = Map.groupBy(podsOf(resources), ({ namespace }) => namespace);
    for (const one of resources) {
      for (const urn of new Set([...one.dependsOn, ...Object.values(one.inputsFrom).flat()])) {
        const known = this.#following.get(urn);
        if (known === undefined) this.#following.set(urn, [one]);
        else known.push(one);
      }
    }
  }

  /** Resources of some kinds. */
  of(...kinds: readonly string[]): readonly Resource[] {
    return kinds.flatMap((kind) => this.#byKind.get(kind) ?? []);
  }

  /**
   * The object of a kind with a name; undefined if it is not in the stack.
   *
   * @param namespace undefined for objects without a namespace
   */
  find(kind: string, namespace: string | undefined, name: string | undefined): Resource | undefined {
    return this.#byName.get(keyOf(kind, { name, namespace }));
  }

  /** Resources that are made of the outputs of another, or wait for it. */
  following(urn: string, ...kinds: readonly string[]): Resource[] {
    const all = this.#following.get(urn) ?? [];
    return kinds.flatMap((kind) => all.filter((one) => kindOf(one) === kind));
  }

  /** The pods that a Service selects. One without a selector selects none. */
  podsBehind(service: Resource): Pods[] {
    const { selector } = service.inputs["spec"] as ServiceSpec;
    if (selector === undefined) return [];
    const here = this.#pods.get(namespaceOf(service)) ?? [];
    return here.filter(({ labels }) => selects({ matchLabels: selector }, labels));
  }

  /** The NetworkPolicies of a namespace. */
  policiesIn(namespace: string): readonly NetworkPolicy[] {
    this.#policies ??= Map.groupBy(this.of("NetworkPolicy"), namespaceOf);
    return (this.#policies.get(namespace) ?? []).map(({ inputs }) => inputs as unknown as NetworkPolicy);
  }

  /** URN of the component that a resource is part of; its own if there is none. */
  ownerOf({ urn, parent }: Resource): string {
    return parent ?? urn;
  }
}

function keyOf(
  kind: string,
  metadata: { readonly name?: string | undefined; readonly namespace?: string | undefined } = {},
): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
}

/** Namespace of an object; `default` if it names none. */
export function namespaceOf(resource: Resource): string {
  return metadataOf(resource)?.namespace ?? "default";
}

/** Annotations of an object. */
export function annotationsOf(resource: Resource): NonNullable<Metadata["annotations"]> {
  return metadataOf(resource)?.annotations ?? {};
}
