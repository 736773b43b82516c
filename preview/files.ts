/** The preview as files: for machines, for review of manifests, for a pull request, for a browser. Everything is masked. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { kubernetesObject, manifest, maskedInputs, type Graph } from "./graph.ts";
import { htmlReport } from "./html.ts";
import type { Rendering } from "./render.ts";
import { summary } from "./summary.ts";

/** What `--json` prints and `resources.json` holds of each resource. */
export interface PublicResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly inputs: Record<string, unknown>;
  readonly dependsOn: readonly string[];
  readonly connectsTo: readonly string[];
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  /** Paths into `inputs` that a change does not count in. */
  readonly ignoreChanges?: readonly string[];
  /** Earlier URNs of it. */
  readonly aliases?: readonly string[];
}

export function publicResources(graph: Graph): PublicResource[] {
  return graph.resources.map((resource) => ({
    urn: resource.urn,
    type: resource.type,
    name: resource.name,
    parent: resource.parent,
    inputs: maskedInputs(resource),
    dependsOn: resource.dependsOn,
    connectsTo: resource.connectsTo,
    ...(resource.protect && { protect: true }),
    ...(resource.retainOnDelete && { retainOnDelete: true }),
    ...(resource.ignoreChanges.length > 0 && { ignoreChanges: resource.ignoreChanges }),
    ...(resource.aliases.length > 0 && { aliases: resource.aliases }),
  }));
}

/** One Kubernetes object a file: `bow-mark/deployment-server-deployment.yaml`; without a namespace in `cluster/`. */
export function manifests(graph: Graph): Record<string, string> {
  const entries = graph.resources.flatMap((resource): [string, string][] => {
    const object = kubernetesObject(resource);
    if (object === undefined) return [];
    const folder = object.metadata.namespace ?? "cluster";
    return [[`${folder}/${object.kind.toLowerCase()}-${object.metadata.name}.yaml`, manifest(resource)]];
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A folder that `--out` must not write to. */
export class FolderError extends Error {}

const ours = ["resources.json", "summary.md", "report.html", "manifests"];

/**
 * Writes the preview into a folder; what an earlier preview left there goes.
 *
 * @throws {FolderError} when the folder holds anything else
 */
export function writePreview(rendering: Rendering, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const foreign = readdirSync(folder).filter((name) => !ours.includes(name));
  if (foreign.length > 0) {
    throw new FolderError(`${folder} holds ${foreign[0] ?? ""}, which is not a preview's; give --out an empty folder`);
  }
  for (const name of ours) rmSync(join(folder, name), { recursive: true, force: true });

  const files: Record<string, string> = {
    "resources.json": `${JSON.stringify(publicResources(rendering), null, 2)}\n`,
    "summary.md": summary(rendering),
    "report.html": htmlReport(rendering),
  };
  for (const [path, text] of Object.entries(manifests(rendering))) files[`manifests/${path}`] = text;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return Object.keys(files);
}
