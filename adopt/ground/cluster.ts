/** Reads the objects of a cluster. Only reads: what a user may not see is said, and never taken for absent. */
import type { Fields } from "../../graph/managed-fields.ts";
import { ask, type ClusterServer } from "../../preflight/reach.ts";

/** `metadata` of an object as the API server returns it, with the fields that are read. */
interface LiveMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly controller?: boolean }[];
  readonly managedFields?: readonly ManagedFields[];
}

/** Who set which fields. Source: Kubernetes, "Server-Side Apply", `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: "Apply" | "Update";
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: Fields;
}

/** An object of a cluster. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: LiveMetadata;
  readonly [key: string]: unknown;
}

/** The objects of a kind; or why they cannot be seen. */
export type Listed = { readonly objects: readonly LiveObject[] } | { readonly refused: string };

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** A cluster that is looked at. Each list is asked for once. */
export class ClusterReader {
  readonly #server: ClusterServer;
  readonly #kinds = new Map<string, Promise<ResourceList["resources"]>>();
  readonly #lists = new Map<string, Promise<Listed>>();

  constructor(server: ClusterServer) {
    this.#server = server;
  }

  /**
   * All objects of a kind; none if the cluster does not know the kind.
   *
   * @param namespace only those in it @default - those of the whole cluster
   */
  list(apiVersion: string, kind: string, namespace?: string): Promise<Listed> {
    const key = [apiVersion, kind, namespace ?? ""].join(" ");
    const known = this.#lists.get(key) ?? this.#list(apiVersion, kind, namespace);
    this.#lists.set(key, known);
    return known;
  }

  /** The same, where what may not be listed is the same as nothing: only for what would be better known, and can do without. */
  async objects(apiVersion: string, kind: string, namespace?: string): Promise<readonly LiveObject[]> {
    const listed = await this.list(apiVersion, kind, namespace);
    return "objects" in listed ? listed.objects : [];
  }

  async #list(apiVersion: string, kind: string, namespace: string | undefined): Promise<Listed> {
    const resource = (await this.#kindsOf(apiVersion)).find((one) => one.kind === kind && !one.name.includes("/"));
    if (resource === undefined) return { objects: [] };
    const inside = namespace !== undefined && resource.namespaced ? `/namespaces/${namespace}` : "";
    const answer = await ask(this.#server, `${groupPath(apiVersion)}${inside}/${resource.name}`, { seconds: 60 });
    if (answer.status === 404) return { objects: [] };
    if (answer.status !== 200) return { refused: refusal(answer, `${resource.name}${place(namespace)}`) };
    // Items of a list have neither kind nor version.
    const { items } = JSON.parse(answer.text) as { items: readonly LiveObject[] };
    return { objects: items.map((item) => ({ ...item, apiVersion, kind })) };
  }

  #kindsOf(apiVersion: string): Promise<ResourceList["resources"]> {
    const known = this.#kinds.get(apiVersion) ?? this.#discover(apiVersion);
    this.#kinds.set(apiVersion, known);
    return known;
  }

  async #discover(apiVersion: string): Promise<ResourceList["resources"]> {
    const { status, text } = await ask(this.#server, groupPath(apiVersion));
    return status === 200 ? (JSON.parse(text) as ResourceList).resources : [];
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function place(namespace: string | undefined): string {
  return namespace === undefined ? "" : ` in ${namespace}`;
}

function refusal({ status, error }: { status: number; error: string }, what: string): string {
  if (status === 0) return `${what}: no answer (${error})`;
  return status === 401 || status === 403 ? `${what}: may not be listed` : `${what}: the API server answers ${status}`;
}
