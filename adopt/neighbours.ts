/** What else is where the systems run, and what of it the program would touch. */
import { selects } from "../graph/pods.ts";
import { kindOf, metadataOf, type Resource } from "../graph/resource.ts";
import { podSelectorOf } from "../graph/selectors.ts";
import { isGroup } from "../settings/reading/group.ts";
import type { ClusterReader, LiveObject } from "./ground/cluster.ts";
import type { Agreed } from "./agree/agree.ts";

/** An object that the program neither makes nor takes over. */
export interface Neighbour {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** What would reach it: objects of the program that select its pods. @default [] */
  readonly selectedBy: readonly string[];
  /** Whether it holds data. */
  readonly holdsData: boolean;
}

/** Kinds that are looked for in the systems' namespaces. */
const kinds: readonly (readonly [apiVersion: string, kind: string])[] = [
  ...(["Deployment", "StatefulSet", "DaemonSet"] as const).map((kind) => ["apps/v1", kind] as const),
  ...(["Job", "CronJob"] as const).map((kind) => ["batch/v1", kind] as const),
  ...(["Pod", "Service", "ConfigMap", "Secret", "PersistentVolumeClaim", "ServiceAccount"] as const).map(
    (kind) => ["v1", kind] as const,
  ),
  ["networking.k8s.io/v1", "Ingress"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["policy/v1", "PodDisruptionBudget"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["rbac.authorization.k8s.io/v1", "Role"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
];

/** Objects that every namespace has, or that others keep for themselves. */
const usual: Readonly<Record<string, (object: LiveObject) => boolean>> = {
  ConfigMap: ({ metadata }) => ["kube-root-ca.crt", "openshift-service-ca.crt"].includes(metadata.name),
  ServiceAccount: ({ metadata }) => metadata.name === "default",
  Service: ({ metadata }) => metadata.namespace === "default" && metadata.name === "kubernetes",
  Secret: ({ type }) => type === "helm.sh/release.v1" || type === "kubernetes.io/service-account-token",
};

const holdsData = new Set(["StatefulSet", "PersistentVolumeClaim"]);

/** The neighbours, those that would be reached first, then those with data. */
export async function neighbours(
  { resources, matches }: Pick<Agreed, "resources" | "matches">,
  cluster: ClusterReader | undefined,
): Promise<Neighbour[]> {
  if (cluster === undefined) return [];
  const own = new Set([...matches.found.values()].map(({ object }) => object?.metadata.uid));
  const systems = new Set(resources.map((one) => metadataOf(one)?.namespace).filter((one) => one !== undefined));
  const claimed = claimNames(resources);
  const found = [...systems].flatMap((namespace) =>
    kinds.map(async ([apiVersion, kind]) => {
      const objects = await cluster.objects(apiVersion, kind, namespace);
      return objects
        .filter((object) => !own.has(object.metadata.uid) && !isOwned(object) && usual[kind]?.(object) !== true)
        .filter(({ metadata }) => kind !== "PersistentVolumeClaim" || !claimed.has(`${namespace}/${metadata.name}`))
        .map((object): Neighbour => ({
          ...{ kind, namespace, name: object.metadata.name },
          ...{ selectedBy: selectors(object, resources), holdsData: holdsData.has(kind) },
        }));
    }),
  );
  const all = (await Promise.all(found)).flat();
  const rank = (one: Neighbour) => (one.selectedBy.length > 0 ? 0 : one.holdsData ? 1 : 2);
  return all.toSorted((a, b) => rank(a) - rank(b) || (label(a) < label(b) ? -1 : 1));
}

function label({ namespace, kind, name }: Neighbour): string {
  return `${namespace}/${kind}/${name}`;
}

/** Whether a controller made it: it goes and comes with its owner. */
function isOwned({ metadata }: LiveObject): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller === true) ?? false;
}

/** Claims that StatefulSets of the program have from their templates, as far as their names tell. */
function claimNames(resources: readonly Resource[]): { has: (name: string) => boolean } {
  const patterns = resources
    .filter((one) => kindOf(one) === "StatefulSet")
    .flatMap((one) => {
      const { name = "", namespace = "default" } = metadataOf(one) ?? {};
      const { volumeClaimTemplates: templates = [] } = one.inputs["spec"] as {
        volumeClaimTemplates?: readonly { metadata: { name: string } }[];
      };
      return templates.map(({ metadata }) => `${namespace}/${metadata.name}-${name}-`);
    });
  return { has: (name) => patterns.some((one) => name.startsWith(one) && /^\d+$/.test(name.slice(one.length))) };
}

/** What of the program selects the pods of an object that is not its own. */
function selectors(object: LiveObject, resources: readonly Resource[]): string[] {
  const labels = podLabels(object);
  if (labels === undefined) return [];
  const here = resources.filter((one) => metadataOf(one)?.namespace === (object.metadata.namespace ?? "default"));
  return here
    .filter((one) => {
      const selector = podSelectorOf(one, here);
      return selector !== undefined && selects(selector, labels);
    })
    .map((one) => `${kindOf(one)} ${metadataOf(one)?.name ?? ""}`);
}

function podLabels({ kind, metadata, spec }: LiveObject): Readonly<Record<string, string>> | undefined {
  if (kind === "Pod") return metadata.labels ?? {};
  const template = isGroup(spec) ? spec["template"] : undefined;
  const inner = isGroup(template)
    ? (template["metadata"] as { labels?: Record<string, string> } | undefined)
    : undefined;
  return inner?.labels;
}
