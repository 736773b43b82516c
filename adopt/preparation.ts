/** What must be done to objects before the first update, by hand and without a restart of any pod. Pure. */
import type { LiveObject } from "./ground/cluster.ts";
import type { Match } from "./match/match.ts";
import { toHandOver } from "./match/owned.ts";

/** An object that another program deploys, and that it must let go of. */
export interface HandOver {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  /** Names of the managers in `metadata.managedFields`. */
  readonly managers: readonly string[];
  /** Release of Helm that it belongs to: `dotdo`. */
  readonly release: string | undefined;
  /** Where a GitOps controller says that it keeps the object: `argocd.argoproj.io/tracking-id`. */
  readonly gitOps: string | undefined;
}

/** What must be done, and with which commands. */
export interface Preparation {
  readonly handOvers: readonly HandOver[];
  /** Commands of `kubectl`. They change who keeps a field, or how a later update is done; nothing restarts. */
  readonly commands: readonly string[];
}

/** What must be done to the objects that were found. */
export function preparation(matches: Iterable<Match>): Preparation {
  const all = [...matches];
  const found = all.flatMap(({ object }) => (object === undefined ? [] : [object]));
  const handOvers = found.map(handOver).filter((one) => one !== undefined);
  return {
    handOvers,
    commands: [...found.flatMap(renamed), ...all.flatMap(strategy), ...forgotten(handOvers)],
  };
}

const gitOpsMarks = [
  "argocd.argoproj.io/tracking-id",
  "argocd.argoproj.io/instance",
  "kustomize.toolkit.fluxcd.io/name",
  "helm.toolkit.fluxcd.io/name",
];

function handOver(object: LiveObject): HandOver | undefined {
  const { kind, metadata } = object;
  const { name, namespace, annotations = {}, labels = {} } = metadata;
  const managers = [...new Set(toHandOver(object).map(({ manager }) => manager))];
  const gitOps = gitOpsMarks.find((mark) => mark in annotations || mark in labels);
  const release = annotations["meta.helm.sh/release-name"];
  return managers.length === 0 && gitOps === undefined
    ? undefined
    : { kind, namespace, name, managers, release, gitOps };
}

/** Makes the fields of another program `kubectl`'s, which the provider takes over with the first update. Their values stay. */
function renamed(object: LiveObject): string[] {
  const patch = toHandOver(object).map(({ place }) => ({
    op: "replace",
    path: `/metadata/managedFields/${place}/manager`,
    value: "kubectl",
  }));
  return patch.length === 0 ? [] : [patched(object, "json", patch)];
}

/**
 * A Deployment that rolls and shall recreate: Kubernetes has filled in `rollingUpdate`, which nobody owns and so nobody takes away,
 * and refuses it beside `Recreate`. The strategy by itself restarts nothing.
 */
function strategy({ resource, object }: Match): string[] {
  const type = (value: unknown) => (value as { strategy?: { type?: string } } | undefined)?.strategy?.type;
  if (
    object?.kind !== "Deployment" ||
    type(resource.inputs["spec"]) !== "Recreate" ||
    type(object["spec"]) === "Recreate"
  )
    return [];
  return [patched(object, "strategic", { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } })];
}

/** Has Helm forget its releases, whose record in the cluster is a Secret for each revision. Source: Helm, "Storage Backends". */
function forgotten(handOvers: readonly HandOver[]): string[] {
  const commands = handOvers.flatMap(({ release, namespace }) =>
    release === undefined ? [] : [`kubectl delete secret${where(namespace)} --selector owner=helm,name=${release}`],
  );
  return [...new Set(commands)];
}

function patched({ kind, metadata }: LiveObject, type: "json" | "strategic", patch: object): string {
  const { name, namespace } = metadata;
  return `kubectl patch ${kind.toLowerCase()} ${name}${where(namespace)} --type ${type} --patch '${JSON.stringify(patch)}'`;
}

function where(namespace: string | undefined): string {
  return namespace === undefined ? "" : ` --namespace ${namespace}`;
}
