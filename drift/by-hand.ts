/**
 * What of an object somebody changed past the program: fields that the program sets and another manager has, and what was added by hand.
 * Pure. Controllers own much of an object, and that is no drift: status, what the program leaves to them, the count of an
 * autoscaler.
 */
import { at, written, type Fields, type Manager } from "../graph/managed-fields.ts";

/** One field, or one entry of a list. */
export interface Change {
  /** Its path, in the steps of `managedFields`. */
  readonly path: readonly string[];
  /** The path as people write it. */
  readonly field: string;
  /** `kubectl-set`, `kubectl-edit`: names that the tools give themselves. */
  readonly manager: string;
  /** When, in ISO 8601. */
  readonly time: string;
  /** Whether the program has no such thing at all. */
  readonly added: boolean;
}

/** Managers that are the program: those of Pulumi's provider, which gives each object one of its own. */
const own = /^pulumi/;

/**
 * Tools that people work with. Only of them an addition counts: controllers and charts add annotations, labels and entries too.
 * Source of kubectl's names: staging/src/k8s.io/kubectl/pkg/cmd of kubernetes/kubernetes; `scale` and `rollout undo` go by `kubectl`
 * alone. Browsers are the dashboards.
 */
const tools = /^(kubectl|k9s|lens|openlens|headlamp|octant|helm|dashboard|mozilla|curl)/i;

/** Traces that tools leave, which change nothing: a restart among them is no drift. */
const traces = new Set([
  "deployment.kubernetes.io/revision",
  "kubectl.kubernetes.io/restartedAt",
  "kubectl.kubernetes.io/last-applied-configuration",
  "kubernetes.io/change-cause",
]);

/** Groups that controllers write into, too, where the program has none. */
const shared = new Set(["f:metadata", "f:annotations", "f:labels", "f:nodeSelector", "f:data"]);

/**
 * Changes of an object that are not the program's.
 *
 * @param program the object as the last update applied it
 * @param isScaled whether an autoscaler has its count
 */
export function changesByHand(program: unknown, managers: readonly Manager[], isScaled: boolean): Change[] {
  return managers
    .filter(({ manager, subresource }) => !own.test(manager) && subresource !== "status")
    .flatMap(({ manager, time = "", fieldsV1 = {} }) => {
      const found = changedBelow(fieldsV1, program, [], tools.test(manager));
      return found
        .filter(({ path }) => !(isScaled && written(path) === "spec.replicas"))
        .map((one) => ({ ...one, field: written(one.path), manager, time }));
    });
}

function changedBelow(
  fields: Fields,
  program: unknown,
  above: readonly string[],
  byTool: boolean,
): Pick<Change, "path" | "added">[] {
  return Object.entries(fields).flatMap(([step, below]) => {
    const path = [...above, step];
    if (step === "." || isForeign(path)) return [];
    const value = at(program, step);
    // Of what many share, only what this one has; anything else is whole, because half of a probe is none.
    if (value === undefined && !shared.has(step)) return byTool ? [{ path, added: true }] : [];
    if (Object.keys(below).length === 0) return value === undefined ? [] : [{ path, added: false }];
    return changedBelow(below, value, path, byTool);
  });
}

/** What is no part of a manifest, or a trace. */
function isForeign(path: readonly string[]): boolean {
  const [first, second] = path;
  if (first === "f:status" || traces.has(path.at(-1)?.slice(2) ?? "")) return true;
  return first === "f:metadata" && second !== undefined && second !== "f:annotations" && second !== "f:labels";
}
