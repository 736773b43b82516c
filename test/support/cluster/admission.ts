/** What an API server would say to a rendered stack, keeping only what others need to be there: namespaces and priorities. */
import { ApiError, type ApiObject, type Client } from "../../../sandbox/control-plane/client.ts";
import type { Loose, RenderedStack } from "../stack.ts";

export class Admission {
  readonly #client: Client;
  /** Objects that were taken already, as JSON. */
  readonly #taken = new Set<string>();
  readonly #made = new Map<string, string>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** One line for each object that is refused or warned of, and each pod that its namespace does not admit. */
  async refusals(rendered: RenderedStack): Promise<string[]> {
    const objects = rendered.objects() as unknown as ApiObject[];
    const found: string[] = [];
    for (const object of objects.filter(isGround)) found.push(...(await this.#make(object)));
    const pods = rendered.podTemplates().map(({ owner, namespace, template }) => {
      const [kind = "", name = ""] = owner.split("/");
      const set = objects.find(
        (one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace,
      );
      return podOf(name, namespace, template, (set?.["spec"].volumeClaimTemplates ?? []) as Loose[]);
    });
    const rest = [...objects.filter((object) => !isGround(object)), ...pods];
    const fresh = rest.filter((object) => !this.#taken.has(JSON.stringify(object)));
    for (let i = 0; i < fresh.length; i += 16) {
      const batch = await Promise.all(fresh.slice(i, i + 16).map((object) => this.#tryOut(object)));
      found.push(...batch.flat());
    }
    return found;
  }

  async #make(object: ApiObject): Promise<string[]> {
    const text = JSON.stringify(object);
    const key = `${object.kind}/${object.metadata.name}`;
    if (this.#made.get(key) === text) return [];
    try {
      await this.#client.apply(object);
      this.#made.set(key, text);
      return [];
    } catch (error) {
      return [lineOf(object, error)];
    }
  }

  async #tryOut(object: ApiObject): Promise<string[]> {
    const { namespace } = object.metadata;
    if (namespace !== undefined && !this.#made.has(`Namespace/${namespace}`)) {
      const made = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
      await this.#make(made);
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

/** What must be there before anything else can be asked about. */
function isGround({ kind }: ApiObject): boolean {
  return kind === "Namespace" || kind === "PriorityClass";
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
