/**
 * Volumes of the real node: a folder for each claim, of every storage class. Volumes of the type `local` get the group of the
 * pod, as block storage does.
 */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiObject, Client } from "../control-plane/client.ts";

const manager = "sandbox";

/** Starts to make volumes on a node for claims, and to take away those whose claim is gone. It looks every 200 milliseconds. */
export function startVolumes(client: Client, folder: string, node: string): { stop(): Promise<void> } {
  const ending = new AbortController();
  const loop = (async () => {
    while (!ending.signal.aborted) {
      // A busy or stopping server is asked again; a claim without a volume shows as pending.
      await provide(client, folder, node).catch(() => undefined);
      await sleep(200, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      ending.abort();
      await loop;
    },
  };
}

/** A claim, with the fields that are read. */
interface Claim extends ApiObject {
  readonly spec: {
    readonly accessModes: readonly string[];
    readonly resources: { readonly requests: Readonly<Record<string, string>> };
    readonly storageClassName?: string;
    readonly volumeName?: string;
  };
  readonly status: { readonly phase: string };
}

/** A volume, with the fields that are read. */
interface Volume extends ApiObject {
  readonly spec: { readonly persistentVolumeReclaimPolicy: string; readonly local?: { readonly path: string } };
  readonly status: { readonly phase: string };
}

async function provide(client: Client, folder: string, node: string): Promise<void> {
  const [claims, volumes] = await Promise.all([
    client.list("v1", "persistentvolumeclaims") as Promise<Claim[]>,
    client.list("v1", "persistentvolumes") as Promise<Volume[]>,
  ]);
  const pending = claims.filter(({ spec, status }) => spec.volumeName === undefined && status.phase === "Pending");
  if (pending.length > 0) {
    const classes = await client.list("storage.k8s.io/v1", "storageclasses");
    for (const claim of pending) await client.apply(volumeFor(claim, folder, node, classes), manager);
  }
  for (const { metadata, spec, status } of volumes) {
    const isGone = ["Released", "Failed"].includes(status.phase);
    if (!isGone || spec.persistentVolumeReclaimPolicy !== "Delete" || spec.local === undefined) continue;
    await client.delete({ apiVersion: "v1", kind: "PersistentVolume", metadata });
    rmSync(spec.local.path, { recursive: true, force: true });
  }
}

/** The volume for a claim, whose folder is made. */
function volumeFor(claim: Claim, folder: string, node: string, classes: readonly ApiObject[]): ApiObject {
  const { uid = "", name, namespace = "" } = claim.metadata;
  const { accessModes, resources, storageClassName } = claim.spec;
  const path = join(folder, `${namespace}-${name}-${uid}`);
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
  const storageClass = classes.find(({ metadata }) => metadata.name === storageClassName);
  const terms = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] }];
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pvc-${uid}` },
    spec: {
      ...{ accessModes, storageClassName, capacity: resources.requests, local: { path } },
      persistentVolumeReclaimPolicy: (storageClass?.["reclaimPolicy"] as string | undefined) ?? "Delete",
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
    },
  };
}
