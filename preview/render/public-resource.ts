/** A resource as it may be shown and kept: every secret is masked. What the review of a stack looks at. */
import { maskedInputs, type Graph } from "./graph.ts";

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
