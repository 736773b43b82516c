/** What an API server would say to a rendered stack, without keeping anything but its namespaces. */
import { ApiError, type ApiObject, type Client } from "../../sandbox/control-plane/client.ts";
import type { Loose, RenderedStack } from "./stack.ts";

export class Admission {
  readonly #client: Client;
  /** Objects that were taken already, as JSON. */
  readonly #taken = new Set<string>();
  readonly #namespaces = new Map<string, string>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** One line for each object that is refused or warned of, and each pod that its namespace does not admit. */
  async refusals(rendered: RenderedStack): Promise<string[]> {
    const objects = rendered.objects() as unknown as ApiObject[];
    const namespaces = objects.filter(({ kind }) => kind === "Namespace");
    const found: string[] = [];
    for (const namespace of namespaces) found.push(...(await this.#makeNamespace(namespace)));
    const pods = rendered.podTemplates().map(({ owner, namespace, template }) => {
      const [kind = "", name = ""] = owner.split("/");
      const set = objects.find(
        (one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace,
      );
      return podOf(name, namespace, template, (set?.["spec"].volumeClaimTemplates ?? []) as Loose[]);
    });
    const rest = [...objects.filter(({ kind }) => kind !== "Namespace"), ...pods];
    const fresh = rest.filter((object) => !this.#taken.has(JSON.stringify(object)));
    for (let i = 0; i < fresh.length; i += 16) {
      const batch = await Promise.all(fresh.slice(i, i + 16).map((object) => this.#tryOut(object)));
      found.push(...batch.flat());
    }
    return found;
  }

  async #makeNamespace(object: ApiObject): Promise<string[]> {
    const text = JSON.stringify(object);
    const { name } = object.metadata;
    if (this.#namespaces.get(name) === text) return [];
    try {
      await this.#client.apply(object);
      this.#namespaces.set(name, text);
      return [];
    } catch (error) {
      return [lineOf(object, error)];
    }
  }

  async #tryOut(object: ApiObject): Promise<string[]> {
    const { namespace } = object.metadata;
    if (namespace !== undefined && !this.#namespaces.has(namespace)) {
      const made = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
      await this.#makeNamespace(made);
    }
    try {
      const path = await this.#client.path(object);
      const query = "?fieldManager=doks-systems&fieldValidation=Strict&force=true&dryRun=All";
      await this.#client.call("PATCH", `${path}${query}`, object, "application/apply-patch+yaml");
      this.#taken.add(JSON.stringify(object));
      return [];
    } catch (error) {
      return [lineOf(object, error)];
    }
  }
}

/** The pod that a workload would make, so that its namespace's Pod Security is asked, too. */
function podOf(owner: string, namespace: string, template: Loose, claims: readonly Loose[]): ApiObject {
  const name = `${owner}-pod`.slice(-60).replace(/^[^a-z0-9]+/, "");
  const { labels, annotations } = template.metadata ?? {};
  // By then a controller has made the account, and the claims are volumes.
  const { serviceAccountName: _account, volumes = [], ...rest } = template.spec;
  const claimed = claims.map((claim) => ({ name: claim.metadata.name, emptyDir: {} }));
  const spec = { ...rest, volumes: [...volumes, ...claimed] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels, annotations }, spec };
}

function lineOf({ kind, metadata }: ApiObject, error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}: ${error.message}`;
}
