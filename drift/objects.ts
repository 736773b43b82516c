/** A stack's objects as they are in their clusters, and what of them was changed by hand. */
import { kubernetesObject, type KubernetesObject, type Resource } from "../graph/resource.ts";
import { ask, type ClusterServer } from "../preflight/reach.ts";
import { changesByHand, type Change } from "./by-hand.ts";
import type { Manager } from "../graph/managed-fields.ts";
import { clusterOf, DriftError, type StackState } from "./stack-state.ts";

/** An object that somebody changed past the program. */
export interface Changed {
  readonly resource: Resource;
  readonly changes: readonly Change[];
  /** Where it is. */
  readonly cluster: ClusterServer;
  /** Its path in the API. */
  readonly path: string;
}

/** Only what `metadata` says, so that no data of a Secret is read. Source: kubernetes.io, "Kubernetes API Concepts", "Metadata-only fetches". */
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** Requests at one time. */
const atOnce = 8;

/**
 * Finds what was changed by hand. Only reads.
 *
 * @throws {DriftError} if a cluster does not answer, or refuses
 */
export async function findChanged(state: StackState): Promise<Changed[]> {
  const left = [...state.objects];
  const scaled = new Set(state.objects.flatMap(scaledBy));
  const clusters = new Map<string, Promise<Cluster>>();
  const found: Changed[] = [];
  const work = async () => {
    for (let resource = left.pop(); resource !== undefined; resource = left.pop()) {
      const object = kubernetesObject(resource);
      const provider = resource.provider ?? "";
      const cluster = await (clusters.get(provider) ?? known(clusters, provider, state));
      const path = object === undefined ? undefined : await cluster.path(object);
      if (object === undefined || path === undefined) continue;
      const metadata = await cluster.metadata(path);
      const changes = changesByHand(object, metadata?.managedFields ?? [], scaled.has(keyOf(object)));
      if (changes.length > 0) found.push({ resource, changes, cluster: cluster.server, path });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function known(clusters: Map<string, Promise<Cluster>>, provider: string, state: StackState): Promise<Cluster> {
  const made = clusterOf(state.resources.get(provider)).then((server) => new Cluster(server));
  clusters.set(provider, made);
  return made;
}

/** What an autoscaler scales. */
function scaledBy(resource: Resource): string[] {
  const object = kubernetesObject(resource);
  if (object?.kind !== "HorizontalPodAutoscaler" && object?.kind !== "ScaledObject") return [];
  const { scaleTargetRef } = object["spec"] as { scaleTargetRef?: { kind?: string; name: string } };
  const { namespace = "" } = object.metadata;
  return scaleTargetRef === undefined
    ? []
    : [`${scaleTargetRef.kind ?? "Deployment"} ${namespace}/${scaleTargetRef.name}`];
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

/** A cluster, and the kinds that it has. */
class Cluster {
  readonly server: ClusterServer;
  readonly #kinds = new Map<string, Promise<readonly Kind[]>>();

  constructor(server: ClusterServer) {
    this.server = server;
  }

  /** Path of an object in the API; undefined if the cluster has no such kind. */
  async path({ apiVersion, kind, metadata }: KubernetesObject): Promise<string | undefined> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const kinds = this.#kinds.get(root) ?? this.#discover(root);
    const found = (await kinds).find((one) => one.kind === kind && !one.name.includes("/"));
    if (found === undefined) return undefined;
    const scope = found.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${root}${scope}/${found.name}/${metadata.name}`;
  }

  /** Who manages an object; undefined if it is not there. */
  async metadata(path: string): Promise<{ readonly managedFields?: readonly Manager[] } | undefined> {
    const { status, text, error } = await ask(this.server, path, { accept: metadataOnly, seconds: 30 });
    if (status === 404) return undefined;
    if (status !== 200) throw refusal(this.server, path, status, error);
    return (JSON.parse(text) as { metadata: { managedFields?: readonly Manager[] } }).metadata;
  }

  #discover(root: string): Promise<readonly Kind[]> {
    const asked = ask(this.server, root, { seconds: 30 }).then(({ status, text, error }) => {
      if (status === 404) return [];
      if (status !== 200) throw refusal(this.server, root, status, error);
      return (JSON.parse(text) as { resources: readonly Kind[] }).resources;
    });
    this.#kinds.set(root, asked);
    return asked;
  }
}

interface Kind {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function refusal({ server }: ClusterServer, path: string, status: number, error: string): DriftError {
  const why = status === 0 ? `does not answer (${error})` : `answers ${status} for ${path}`;
  return new DriftError(`${server} ${why}, so what was changed by hand is not known`);
}
