/**
 * Whom a stack would touch in a namespace that it adopts: pods of others that something of the stack selects, and Services and
 * disruption budgets of others that would select the stack's own pods. Only reads.
 */
import type { ClusterReader, LiveObject } from "../adopt/ground/cluster.ts";
import { podsOf, selects, type Labels, type Selector } from "../graph/pods.ts";
import { kindOf, metadataOf, type Resource } from "../graph/resource.ts";
import { podSelectorOf } from "../graph/selectors.ts";
import { adoptedBy } from "../graph/stack.ts";
import type { Problem } from "../settings/reading/error.ts";

/** What was found, and what could not be looked at. */
export interface Neighbours {
  readonly problems: readonly Problem[];
  readonly remarks: readonly string[];
}

/** Neighbours of a stack in the namespaces that it adopts; none for a stack that adopts none. */
export async function neighboursOf(
  resources: readonly Resource[],
  cluster: Pick<ClusterReader, "list">,
): Promise<Neighbours> {
  const found = [...adoptedBy(resources).keys()].map(async (namespace): Promise<Neighbours> => {
    const here = resources.filter((one) => (metadataOf(one)?.namespace ?? "default") === namespace);
    const lists = await Promise.all([
      cluster.list("v1", "Pod", namespace),
      cluster.list("v1", "Service", namespace),
      cluster.list("policy/v1", "PodDisruptionBudget", namespace),
    ]);
    const [pods = [], services = [], budgets = []] = lists.map((one) => ("objects" in one ? one.objects : []));
    return {
      problems: [...reached(here, pods), ...reaching(here, [...services, ...budgets])],
      remarks: lists.flatMap((one) => ("refused" in one ? [one.refused] : [])),
    };
  });
  const all = await Promise.all(found);
  return { problems: all.flatMap(({ problems }) => problems), remarks: all.flatMap(({ remarks }) => remarks) };
}

/** A problem for each pod of others that an object of the stack selects. */
function reached(here: readonly Resource[], pods: readonly LiveObject[]): Problem[] {
  const selecting = here.flatMap((one): [string, Selector][] => {
    const selector = podSelectorOf(one, here);
    return selector === undefined ? [] : [[`${kindOf(one)} ${metadataOf(one)?.name ?? ""}`, selector]];
  });
  const foreign = pods.filter((pod) => !isOwn(pod, here));
  return foreign.flatMap((pod): Problem[] => {
    const { name, namespace = "default", labels = {} } = pod.metadata;
    const by = selecting.filter(([, selector]) => selects(selector, labels)).map(([object]) => object);
    if (by.length === 0) return [];
    const problem = `is not this stack's, and would be selected by ${by.toSorted().join(", ")}`;
    const fix =
      "give it other labels; or keep what it serves, and leave ours out (kind: existing, where: {kind: pods})";
    return [{ path: `Pod ${namespace}/${name}`, value: texts(labels), problem, fix }];
  });
}

/** A problem for each object of others that selects pods of the stack. */
function reaching(here: readonly Resource[], objects: readonly LiveObject[]): Problem[] {
  const own = podsOf(here);
  const named = new Set(here.map((one) => `${kindOf(one)} ${metadataOf(one)?.name ?? ""}`));
  return objects
    .filter(({ kind, metadata }) => !named.has(`${kind} ${metadata.name}`))
    .flatMap((object): Problem[] => {
      const selector = theirSelector(object);
      const found = selector === undefined ? [] : own.filter(({ labels }) => selects(selector, labels));
      if (selector === undefined || found.length === 0) return [];
      const names = found.map(({ owner }) => `${kindOf(owner)} ${metadataOf(owner)?.name ?? ""}`).join(", ");
      const { kind, metadata } = object;
      const problem = `is not this stack's, and would select pods of ${names}`;
      const fix =
        kind === "Service"
          ? "give it a selector that its own pods alone have, or its clients reach ours"
          : "give it a selector that its own pods alone have: a pod of two budgets cannot be evicted";
      return [
        {
          path: `${kind} ${metadata.namespace ?? "default"}/${metadata.name}`,
          value: texts(selector.matchLabels ?? {}),
          problem,
          fix,
        },
      ];
    });
}

function theirSelector({ kind, ...rest }: LiveObject): Selector | undefined {
  const { selector } = (rest["spec"] ?? {}) as { readonly selector?: Labels | Selector };
  if (selector === undefined || Object.keys(selector).length === 0) return undefined;
  return kind === "Service" ? { matchLabels: selector as Labels } : selector;
}

/** Whether a controller that the stack has, by its name, made a pod. One that runs since before is the stack's too. */
function isOwn({ metadata: { labels = {}, ownerReferences = [] } }: LiveObject, here: readonly Resource[]): boolean {
  const owner = ownerReferences.find(({ controller }) => controller === true);
  if (owner === undefined) return false;
  const names = (kind: string) => here.filter((one) => kindOf(one) === kind).map((one) => metadataOf(one)?.name ?? "");
  switch (owner.kind) {
    case "ReplicaSet":
      return names("Deployment").includes(owner.name.replace(`-${labels["pod-template-hash"] ?? ""}`, ""));
    case "Job": {
      // Earlier runs of a task, and runs of a CronJob.
      const tasks = names("Job").map((name) => name.replace(/-[0-9a-f]{8}$/, ""));
      const ends = owner.name.replace(/-([0-9a-f]{8}|\d+)$/, "");
      return [...tasks, ...names("CronJob")].includes(ends);
    }
    default:
      return names(owner.kind).includes(owner.name);
  }
}

function texts(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}
