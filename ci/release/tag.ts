/** The setting with the tag of a system's images, and of one workload's; read and set in the text of a stack file. Pure. */
import { isMap, isScalar, parseDocument, stringify, type Document } from "yaml";
import { Explained } from "../../commands/explained.ts";
import { didYouMean } from "../../commands/meant.ts";
import { project } from "../../settings/reading/keys.ts";
import { settingPath } from "../../settings/reading/paths.ts";
import { systemNames, systems, type SystemName } from "../../systems/settings.ts";

/** A tag's place in a stack file. */
export interface TagSetting {
  readonly system: SystemName;
  /** The one workload that has it; undefined if all of the system share it. */
  readonly workload: string | undefined;
  /** Steps from the top of the file. */
  readonly steps: readonly string[];
  /** As people write it: `gx.workloads.svc-identity.tag`. */
  readonly path: string;
}

/**
 * Where the tag is set.
 *
 * @param workload by the name that `kubectl get` shows; undefined for the tag that all the system's workloads share
 * @throws {Explained} if there is no such system
 */
export function tagSetting(system: string, workload?: string): TagSetting {
  const name = systemNames.find((one) => one === system);
  if (name === undefined) {
    throw new Explained(
      `there is no system ${system}.${didYouMean(system, systemNames)} There are: ${systemNames.join(", ")}`,
    );
  }
  const shared = "imageTag" in systems[name].setting.shape ? ["imageTag"] : ["image", "tag"];
  const below = workload === undefined ? shared : ["workloads", workload, "tag"];
  return { system: name, workload, steps: ["config", `${project}:${name}`, ...below], path: settingPath(name, below) };
}

/**
 * The tag that a stack file sets; undefined if it sets none there.
 *
 * @returns `known: false` where the file is no YAML, or has not switched the system on
 */
export function tagIn(text: string, { steps }: TagSetting): { readonly known: boolean; readonly tag?: string } {
  const document = parseDocument(text, { logLevel: "silent" });
  if (document.errors.length > 0 || !isMap(document.getIn(steps.slice(0, 2)))) return { known: false };
  const tag = document.getIn(steps);
  return typeof tag === "string" || typeof tag === "number" ? { known: true, tag: String(tag) } : { known: true };
}

/**
 * The stack file with another tag. Where it has one, nothing else changes; comments and order stay in any case.
 *
 * @param tag undefined takes the workload's own tag away, so that it has the shared one
 * @throws {Explained} if the stack has not switched the system on
 */
export function withTag(text: string, { steps, system }: TagSetting, tag: string | undefined): string {
  const document = parseDocument(text, { logLevel: "silent" });
  if (!isMap(document.getIn(steps.slice(0, 2)))) throw new Explained(`${system} is not switched on in this stack file`);
  const old = document.getIn(steps, true);
  if (tag !== undefined && isScalar(old) && old.range != null) {
    const [begin, end] = old.range;
    return text.slice(0, begin) + stringify(tag).trim() + text.slice(end);
  }
  if (tag === undefined) remove(document, steps);
  else document.setIn(steps, tag);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Takes a setting away, with the groups above it that are empty then. */
function remove(document: Document, steps: readonly string[]): void {
  document.deleteIn(steps);
  const above = steps.slice(0, -1);
  const group = document.getIn(above);
  if (above.length > 2 && isMap(group) && group.items.length === 0) remove(document, above);
}
