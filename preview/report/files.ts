/**
 * `--out`: writes JSON for programs, manifests, a summary for a pull request, and the page. Secrets are masked in all
 * of them.
 */
import { accessSync, constants, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Explained } from "../../commands/explained.ts";
import { kubernetesObject, manifest, type Resource } from "../../graph/resource.ts";
import { reportPage } from "../page/page.ts";
import type { Review } from "../review/review.ts";
import { reviewJson } from "./json.ts";
import { summary } from "./summary.ts";

/**
 * The manifest of each Kubernetes object by its file name, `bow-mark/deployment-server-deployment.yaml`. Objects without a
 * namespace are in `cluster/`.
 */
export function manifests(resources: readonly Resource[]): Record<string, string> {
  const entries = resources.flatMap((resource): [string, string][] => {
    const object = kubernetesObject(resource);
    if (object === undefined) return [];
    const folder = object.metadata.namespace ?? "cluster";
    return [[`${folder}/${object.kind.toLowerCase()}-${object.metadata.name}.yaml`, manifest(resource.inputs)]];
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The folder for `--out` has files that no preview wrote. */
class FolderError extends Explained {}

const previewFiles = ["resources.json", "review.json", "summary.md", "report.html", "manifests"];

/**
 * Makes the folder, if there is none. Called before anything is rendered, so that a wrong folder is known at once.
 *
 * @throws {FolderError} if the folder has a file that no preview wrote
 */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const foreign = readdirSync(folder).filter((name) => !previewFiles.includes(name));
  if (foreign.length > 0) {
    throw new FolderError(`${folder} holds ${foreign[0] ?? ""}, which is not a preview's; give --out an empty folder`);
  }
  accessSync(folder, constants.W_OK);
}

/**
 * Writes the preview into a folder that is prepared, in the place of an earlier one.
 *
 * @returns the paths of the files in the folder
 */
export async function writePreview(review: Review, folder: string): Promise<string[]> {
  for (const name of previewFiles) rmSync(join(folder, name), { recursive: true, force: true });

  const files: Record<string, string> = {
    "resources.json": `${JSON.stringify(review.resources, null, 2)}\n`,
    "review.json": `${JSON.stringify(reviewJson(review), null, 2)}\n`,
    "summary.md": summary(review),
    "report.html": await reportPage(review),
  };
  for (const [path, text] of Object.entries(manifests(review.resources))) files[`manifests/${path}`] = text;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return Object.keys(files);
}
