/** Systems as they run before this program, in a cluster of the sandbox: the manifests of their documents, applied as people do. */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { ApiObject, Client } from "../../sandbox/control-plane/client.ts";
import { ready } from "./cluster/deploy.ts";
import type { SystemKey } from "./stack.ts";

/** Namespace of each system by its document. */
export const groundNamespaces: Readonly<Record<SystemKey, string>> = {
  ...{ hermes: "kafka", gx: "backend-mainnet", dotdo: "dotdo", bowmark: "default", caracal: "caracal" },
};

/** The objects of a system by its document. */
export function groundObjects(system: SystemKey): ApiObject[] {
  const text = readFileSync(new URL(`../ground/${system}.yaml`, import.meta.url), "utf8");
  return parseAllDocuments(text).map((document) => document.toJS() as ApiObject);
}

/** How each system is deployed: by `kubectl apply --server-side`, by Helm, or by `kubectl apply`. */
const appliers: Readonly<Record<SystemKey, (client: Client, object: ApiObject) => Promise<unknown>>> = {
  hermes: (client, object) => client.apply(object, "kubectl"),
  gx: (client, object) => client.apply(object, "kubectl"),
  bowmark: (client, object) => client.apply(object, "kubectl"),
  dotdo: (client, object) => created(client, object, "helm"),
  caracal: (client, object) => created(client, withLastApplied(object), "kubectl-client-side-apply"),
};

/** Applies the objects of a system, waits until its pods run, and marks its claims. */
export async function laidOut(system: SystemKey, client: Client): Promise<ApiObject[]> {
  const objects = groundObjects(system);
  for (const object of objects) await appliers[system](client, object);
  for (const object of objects) await ready(client, object);
  for (const claim of await claims(client, groundNamespaces[system])) {
    const { name, namespace } = claim.metadata;
    const path = `/api/v1/namespaces/${namespace ?? ""}/persistentvolumeclaims/${name}`;
    await client.call("PATCH", path, { metadata: { annotations: { marker: name } } }, "application/merge-patch+json");
  }
  return objects;
}

/** The claims in a namespace. */
export function claims(client: Client, namespace: string): Promise<ApiObject[]> {
  return client.list("v1", "persistentvolumeclaims", namespace);
}

/** Creates an object as a client does that sends it whole: the API server takes its defaults for the client's own fields. */
export async function created(client: Client, object: ApiObject, manager: string): Promise<unknown> {
  const collection = (await client.path(object)).replace(/\/[^/]*$/, "");
  return client.call("POST", `${collection}?fieldManager=${manager}`, object);
}

function withLastApplied(object: ApiObject): ApiObject {
  const key = "kubectl.kubernetes.io/last-applied-configuration";
  const annotations = { ...object.metadata.annotations, [key]: JSON.stringify(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
