/**
 * Running ground: the installations that the systems' documents describe, as manifests in `test/ground`, put into a cluster as
 * their owners did it, and what must still be there afterwards.
 */
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import type { ApiObject, Client } from "../../../sandbox/control-plane/client.ts";
import type { SystemName } from "../../../systems/settings.ts";
import { ready } from "../cluster/deploy.ts";

/** Who made the objects of a system, which decides what an update by somebody else meets. */
type Way = "server-side apply" | "client-side apply" | "Helm";

/** How the documents install each system: `kubectl apply`, except for dotdo's chart. */
export const ways = {
  hermes: "server-side apply",
  gx: "server-side apply",
  bowmark: "server-side apply",
  caracal: "client-side apply",
  dotdo: "Helm",
} as const satisfies Partial<Record<SystemName, Way>>;

/** A system whose document describes an installation. */
export type Documented = keyof typeof ways;
export const documented = Object.keys(ways) as Documented[];

/** Field manager of each way, as `metadata.managedFields` has it. */
export const managers: Readonly<Record<Way, string>> = {
  "server-side apply": "kubectl",
  "client-side apply": "kubectl-client-side-apply",
  Helm: "helm",
};

/** The objects of a running installation, in the order in which its owner made them. */
function groundOf(system: Documented): ApiObject[] {
  const folder = join("test/ground", system);
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), "utf8")))
    .map((document) => document.toJS() as ApiObject)
    .map(withKeys);
}

/** No private key lies in a file of the project. */
function withKeys(object: ApiObject): ApiObject {
  const values = object["stringData"] as Readonly<Record<string, string>> | undefined;
  if (values === undefined) return object;
  const key = () =>
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" }).toString();
  const made = Object.entries(values).map(([name, value]) => [name, value === "(a P-256 key)" ? key() : value]);
  return { ...object, stringData: Object.fromEntries(made) as unknown };
}

/** Mark of data on a claim: no update of the program may lose it. */
const mark = "ground.doks-systems/data";

/**
 * Puts an installation into a cluster, waits until its pods are ready, and marks its claims.
 *
 * @param way who makes the objects @default - as the system's document has it
 * @returns its objects
 */
export async function lay(client: Client, system: Documented, way: Way = ways[system]): Promise<ApiObject[]> {
  const objects = groundOf(system);
  for (const object of objects) await put(client, object, way);
  await autoscaled(client, objects);
  for (const object of objects) if (isWorkload(object)) await ready(client, object, 120);
  for (const claim of await claimsOf(client, objects)) {
    const change = { metadata: { annotations: { [mark]: claim.metadata.name } } };
    await client.call("PATCH", await client.path(claim), change, "application/merge-patch+json");
  }
  return objects;
}

function isWorkload({ kind }: ApiObject): boolean {
  return kind === "Deployment" || kind === "StatefulSet";
}

/** Waits until each Deployment has as many pods as its autoscaler wants at least. */
async function autoscaled(client: Client, objects: readonly ApiObject[]): Promise<void> {
  for (const { metadata, spec } of objects.filter(({ kind }) => kind === "HorizontalPodAutoscaler")) {
    const { kind, name } = spec.scaleTargetRef as { kind: string; name: string };
    const target = objects.find((one) => one.kind === kind && one.metadata.name === name);
    const least = spec.minReplicas as number;
    for (let tries = 0; tries < 300; tries += 1) {
      const now = target && (await client.get(target));
      if (now?.["spec"].replicas >= least) break;
      if (tries === 299) throw new Error(`${metadata.name} leaves ${name} below ${least} pods`);
      await sleep(200);
    }
  }
}

async function put(client: Client, object: ApiObject, way: Way): Promise<void> {
  const manager = managers[way];
  if (way === "server-side apply") {
    await client.apply(object, manager);
    return;
  }
  // Neither knows of server-side apply: `kubectl apply` keeps what it applied in an annotation, Helm in a Secret.
  const last = { "kubectl.kubernetes.io/last-applied-configuration": `${JSON.stringify(object)}\n` };
  const { metadata } = object;
  const body =
    way === "Helm"
      ? object
      : { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...last } } };
  const collection = (await client.path(object)).replace(/\/[^/]+$/, "");
  await client.call("POST", `${collection}?fieldManager=${manager}&fieldValidation=Strict`, body);
}

/**
 * Makes somebody else the owner of all fields of an installation, as pulumi-kubernetes does with the managers of kubectl when it
 * updates an object: what that owner then does not apply any more is removed, instead of staying beside what it applies. Touches
 * nothing else, and restarts no pod.
 */
export async function handOver(client: Client, objects: readonly ApiObject[], owner: string): Promise<void> {
  for (const object of objects) {
    const entries = (await client.get(object))?.metadata as { managedFields?: ManagedFields[] } | undefined;
    const value = entries?.managedFields?.map((entry) =>
      entry.subresource === undefined && Object.values(managers).includes(entry.manager)
        ? { ...entry, manager: owner, operation: "Apply" }
        : entry,
    );
    if (value === undefined) continue;
    const change = [{ op: "replace", path: "/metadata/managedFields", value }];
    await client.call("PATCH", await client.path(object), change, "application/json-patch+json");
  }
}

interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
}

/** What of an installation must survive: by kind and name, what shows that it is the same and has its data. */
export type Kept = Readonly<Record<string, string>>;

/** Kinds that hold data, or that a replacement would take away for a while. */
const lasting = new Set(["Namespace", "Secret", "StatefulSet", "Deployment", "Service", "ServiceAccount"]);

/** What must survive of an installation, as it is now: UIDs of its objects, and UID, volume and mark of each claim. */
export async function keptOf(client: Client, objects: readonly ApiObject[]): Promise<Kept> {
  const own = objects.filter(({ kind }) => lasting.has(kind));
  const found = await Promise.all(own.map((object) => client.get(object)));
  const ids = own.map((object, i): [string, string] => [nameOf(object), found[i]?.metadata.uid ?? "gone"]);
  const claims = (await claimsOf(client, objects)).map((claim): [string, string] => {
    const { uid, annotations } = claim.metadata;
    return [nameOf(claim), [uid, claim["spec"].volumeName, annotations?.[mark] ?? "not marked"].join(" ")];
  });
  return Object.fromEntries([...ids, ...claims]);
}

/** UIDs of the running pods, by name: a pod with another UID was restarted. */
export async function podsOf(client: Client, objects: readonly ApiObject[]): Promise<Kept> {
  const pods = (await Promise.all(namespacesOf(objects).map((one) => client.list("v1", "pods", one)))).flat();
  return Object.fromEntries(pods.map((pod) => [nameOf(pod), pod.metadata.uid ?? ""]));
}

/** The claims in the namespaces of an installation, bound. */
async function claimsOf(client: Client, objects: readonly ApiObject[]): Promise<ApiObject[]> {
  const all = async () =>
    (await Promise.all(namespacesOf(objects).map((one) => client.list("v1", "persistentvolumeclaims", one))))
      .flat()
      .map((claim): ApiObject => ({ ...claim, apiVersion: "v1", kind: "PersistentVolumeClaim" }));
  for (let tries = 0; tries < 100; tries += 1) {
    const claims = await all();
    if (claims.every((claim) => claim["status"].phase === "Bound")) return claims;
    await sleep(200);
  }
  return all();
}

/** Namespaces of an installation, those of its neighbours included. */
export function namespacesOf(objects: readonly ApiObject[]): string[] {
  return [...new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))];
}

function nameOf({ kind, metadata }: ApiObject): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}
