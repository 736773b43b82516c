/**
 * Values that Kubernetes fills in where nobody has set one. `kubectl apply` and `helm` own them like values of their own, but to take
 * them away changes nothing: Kubernetes fills them in again. Source: Kubernetes 1.36, `pkg/apis/{core,apps,batch,autoscaling}/v*`,
 * `defaults.go`. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { isGroup } from "../../settings/reading/group.ts";

/** Values by the name of the field; the names mean the same wherever they are. */
const defaults: Readonly<Record<string, readonly unknown[]>> = {
  // Pods.
  terminationMessagePath: ["/dev/termination-log"],
  terminationMessagePolicy: ["File"],
  imagePullPolicy: ["IfNotPresent", "Always"],
  dnsPolicy: ["ClusterFirst"],
  restartPolicy: ["Always"],
  schedulerName: ["default-scheduler"],
  securityContext: [{}],
  resources: [{}],
  terminationGracePeriodSeconds: [30],
  enableServiceLinks: [true],
  defaultMode: [420],
  protocol: ["TCP"],
  // Of a field of the pod in a variable, and of the claim of an ephemeral volume.
  ...{ apiVersion: ["v1"], metadata: [{}] },
  // Probes.
  timeoutSeconds: [1],
  periodSeconds: [10],
  successThreshold: [1],
  failureThreshold: [3],
  scheme: ["HTTP"],
  // Deployments and StatefulSets.
  replicas: [1],
  progressDeadlineSeconds: [600],
  revisionHistoryLimit: [10],
  strategy: [{ type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } }],
  updateStrategy: [{ type: "RollingUpdate", rollingUpdate: { partition: 0 } }],
  podManagementPolicy: ["OrderedReady"],
  persistentVolumeClaimRetentionPolicy: [{ whenDeleted: "Retain", whenScaled: "Retain" }],
  volumeMode: ["Filesystem"],
  // Jobs and CronJobs.
  ...{ backoffLimit: [6], completions: [1], parallelism: [1], suspend: [false], manualSelector: [false] },
  ...{ completionMode: ["NonIndexed"], podReplacementPolicy: ["TerminatingOrFailed"], concurrencyPolicy: ["Allow"] },
  ...{ successfulJobsHistoryLimit: [3], failedJobsHistoryLimit: [1] },
  // Services.
  sessionAffinity: ["None"],
  internalTrafficPolicy: ["Cluster"],
  externalTrafficPolicy: ["Cluster"],
  ipFamilyPolicy: ["SingleStack"],
  ipFamilies: [["IPv4"]],
  allocateLoadBalancerNodePorts: [true],
  // Secrets, Services and Ingresses have a type or class of their own.
  type: ["Opaque", "ClusterIP"],
};

/** Fields that Kubernetes chooses, or that repeat another one: addresses of a Service, the old name of `serviceAccountName`. */
const chosen: ReadonlySet<string> = new Set([
  "clusterIP",
  "clusterIPs",
  "serviceAccount",
  "creationTimestamp",
  "status",
  "healthCheckNodePort",
  // Of a namespace.
  "finalizers",
  "kubernetes.io/metadata.name",
]);

/** Fields of a claim template that the API server adds to it. */
const ofTemplates: ReadonlySet<string> = new Set(["apiVersion", "kind"]);

/** A value without what Kubernetes would fill in again; undefined if nothing is left. */
export function withoutDefaults(value: unknown, name = ""): unknown {
  if (defaults[name]?.some((one) => isDeepStrictEqual(one, value)) === true || chosen.has(name)) return undefined;
  if (Array.isArray(value)) {
    if (name !== "volumeClaimTemplates")
      return value.map((item: unknown) => (isGroup(item) ? (withoutDefaults(item) ?? {}) : item));
    return value.map((item: unknown) => withoutKeys(withoutDefaults(item) ?? {}));
  }
  if (!isGroup(value)) return value;
  const kept = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const rest = withoutDefaults(inner, key);
    return rest === undefined ? [] : [[key, rest]];
  });
  const isEmptied = kept.length === 0 && Object.keys(value).length > 0;
  return isEmptied ? undefined : Object.fromEntries(kept);
}

function withoutKeys(item: unknown): unknown {
  return isGroup(item) ? Object.fromEntries(Object.entries(item).filter(([key]) => !ofTemplates.has(key))) : item;
}
