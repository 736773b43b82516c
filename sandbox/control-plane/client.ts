/**
 * A small client of the Kubernetes API. It applies objects on the server with strict field validation and records
 * warnings; the published clients for Node support neither.
 */
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/** A Kubernetes object of any kind. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- fields depend on the kind
  readonly [field: string]: any;
}

/** Whether a condition in an object's status, such as `Ready`, is true. */
export function hasCondition(object: ApiObject, condition: string): boolean {
  const { conditions = [] } = (object["status"] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === condition && status === "True");
}

/**
 * Waits until a Deployment is available.
 *
 * @throws {Error} if it is not in so many seconds, with the last three warnings of its pods
 */
export async function available(client: Client, deployment: ApiObject, patience = 180): Promise<void> {
  const deadline = Date.now() + patience * 1000;
  while (Date.now() < deadline) {
    const now = await client.get(deployment);
    if (now !== undefined && hasCondition(now, "Available")) return;
    await sleep(200);
  }
  const { name, namespace } = deployment.metadata;
  const warnings = (await client.list("v1", "events", namespace ?? "default"))
    .filter(
      ({ type, involvedObject }) =>
        type === "Warning" && (involvedObject as { name: string }).name.startsWith(`${name}-`),
    )
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .map(({ reason, message }) => `${reason}: ${message}`);
  throw new Error([`${name} was not available in ${patience} s`, ...warnings.slice(-3)].join("; "));
}

function timeOf({ lastTimestamp, eventTime }: ApiObject): string {
  return String(lastTimestamp ?? eventTime);
}

/** The API server refused a request. */
export class ApiError extends Error {
  /** HTTP status of the response. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface ResourceType {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** How long an answer may take: on a busy machine with two cores the first kinds take half a minute. */
const seconds = 120;

/** A client for one API server. */
export class Client {
  /** Warnings in responses so far, each with its request. */
  readonly warnings: string[] = [];
  readonly server: string;
  readonly #token: string;
  readonly #agent: Agent;
  readonly #types = new Map<string, Promise<ResourceType[]>>();

  constructor(server: string, token: string, ca: string) {
    this.server = server;
    this.#token = token;
    this.#agent = new Agent({ ca, keepAlive: true, maxSockets: 16 });
  }

  /**
   * Creates or updates an object by server-side apply.
   *
   * @throws {ApiError} if the server refuses it, also for unknown or duplicate fields
   */
  async apply(object: ApiObject, fieldManager = "doks-systems"): Promise<ApiObject> {
    const path = `${await this.path(object)}?fieldManager=${fieldManager}&fieldValidation=Strict&force=true`;
    return (await this.call("PATCH", path, object, "application/apply-patch+yaml")) as ApiObject;
  }

  async get(object: ApiObject): Promise<ApiObject | undefined> {
    try {
      return (await this.call("GET", await this.path(object))) as ApiObject;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list(apiVersion: string, plural: string, namespace?: string): Promise<ApiObject[]> {
    const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
    return ((await this.call("GET", `${root(apiVersion)}${scope}/${plural}`)) as { items: ApiObject[] }).items;
  }

  async delete(object: ApiObject): Promise<void> {
    await this.call("DELETE", `${await this.path(object)}?propagationPolicy=Background`);
  }

  /**
   * Sends any other request.
   *
   * @returns the response, parsed if it is JSON
   * @throws {ApiError} if the server refuses it
   */
  async call(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<unknown> {
    const { status, text, warning } = await this.#send(method, path, body, contentType);
    if (warning !== undefined) this.warnings.push(`${method} ${path}: ${warning}`);
    if (status >= 300) throw new ApiError(status, `${method} ${path}: ${status} ${messageOf(text)}`);
    return text.startsWith("{") ? (JSON.parse(text) as unknown) : text;
  }

  /** Path of an object in the API. */
  async path({ apiVersion, kind, metadata }: ApiObject): Promise<string> {
    const type = await this.#type(apiVersion, kind);
    const scope = type.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${root(apiVersion)}${scope}/${type.name}/${metadata.name}`;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #type(apiVersion: string, kind: string): Promise<ResourceType> {
    const known = await (this.#types.get(apiVersion) ?? this.#discover(apiVersion));
    const of = (types: readonly ResourceType[]) => types.find((type) => type.kind === kind && !type.name.includes("/"));
    // The kind may be newer than the list of kinds that was read before.
    const found = of(known) ?? of(await this.#discover(apiVersion));
    if (found !== undefined) return found;
    throw new ApiError(404, `${apiVersion} ${kind}: the cluster has no such kind`);
  }

  #discover(apiVersion: string): Promise<ResourceType[]> {
    const asked = this.call("GET", root(apiVersion)).then((list) => (list as { resources: ResourceType[] }).resources);
    this.#types.set(apiVersion, asked);
    asked.catch(() => this.#types.delete(apiVersion));
    return asked;
  }

  #send(method: string, path: string, body: unknown, contentType: string): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.#token}`, "content-type": contentType };
      const sent = request(
        this.server + path,
        { method, agent: this.#agent, headers, timeout: seconds * 1000 },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () => {
            const warning = answer.headers["warning"];
            resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString(), warning });
          });
        },
      );
      sent.on("error", (error: NodeJS.ErrnoException) => {
        if (sent.reusedSocket && endedBefore.has(error.code)) resolve(this.#send(method, path, body, contentType));
        else reject(error);
      });
      sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in ${seconds} s`)));
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly warning: string | undefined;
}

/**
 * What happens to a request on a kept connection that the server has ended meanwhile, and so has not read it: an API server
 * does so after 90 idle seconds, and this process may have been too busy to notice.
 */
const endedBefore: ReadonlySet<string | undefined> = new Set(["ECONNRESET", "EPIPE"]);

function root(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}
