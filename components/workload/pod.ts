/**
 * The template of every pod, made by one function and hardened.
 *
 * It satisfies Pod Security `restricted`: numeric non-root user, no privilege escalation, every capability dropped,
 * seccomp `RuntimeDefault`. Beyond that it has a read-only root file system, no service links, no API token unless asked
 * for, and a checksum annotation for each Secret and ConfigMap that a container reads.
 */
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Resources } from "../../settings/slices/fields.ts";
import type { SecretKey } from "./config-objects.ts";
import type { ConfigSource } from "../site/config-source.ts";
import { sourcesOf, volumeMount, volumesOf, type Mount } from "./volumes.ts";

/** A field of the pod, as the value of an environment variable. */
interface PodField {
  /** Path as the downward API of Kubernetes takes it: `metadata.name`, `status.podIP`. */
  readonly fieldPath: string;
}

/** A text, a key of a Secret, or a field of the pod. In a text, `$(HOST):5432` stands for the value of the variable `HOST`. */
export type EnvValue = pulumi.Input<string> | SecretKey | PodField;

/** Environment variables by name; one that is undefined is left out. */
export type Env = Readonly<Record<string, EnvValue | undefined>>;

/** A container of a pod; its root file system is read-only. */
export interface Container {
  /** Name of the container in its pod, as `kubectl logs --container` takes it. */
  readonly name: string;
  /** Image reference with registry, tag or digest: `registry.digitalocean.com/geo/api:1.4.0`. */
  readonly image: string;
  /** Whether the node asks the registry at each start, for tags that move. @default - only if it has no image of the tag */
  readonly alwaysPull?: boolean | undefined;
  /** Program to run, with its first arguments, in place of the image's entry point. @default - the image's */
  readonly command?: readonly string[] | undefined;
  /** Arguments in place of the image's. @default - the image's, or none where `command` is given */
  readonly args?: readonly string[] | undefined;
  /** Environment variables by name. @default - only those of `envFrom` */
  readonly env?: Env;
  /** ConfigMaps and Secrets of which every key becomes a variable; `env` wins over them. @default [] */
  readonly envFrom?: readonly ConfigSource[] | undefined;
  /** TCP ports that the container listens on, by the names that probes and monitors use. @default - none */
  readonly ports?: Record<string, number>;
  /** Requests and limits of CPU and memory, as Kubernetes quantities. */
  readonly resources: Resources;
  /**
   * Request and limit of disk space on the node, a Kubernetes quantity such as `256Mi`: logs and what it writes to scratch
   * volumes. @default - neither request nor limit
   */
  readonly ephemeralStorage?: string;
  /** Holds the other two probes back until it has succeeded once; after `failureThreshold` the container restarts. @default - none */
  readonly startup?: types.input.core.v1.Probe | undefined;
  /** While it fails, Services send the pod no requests, and an update waits. @default - ready as soon as it runs */
  readonly readiness?: types.input.core.v1.Probe | undefined;
  /** Restarts the container when it fails. @default - restarts only when the process ends */
  readonly liveness?: types.input.core.v1.Probe | undefined;
  /** Seconds to wait before the signal to stop, until no proxy sends requests any more; part of `graceSeconds`. @default 0 */
  readonly preStopSeconds?: number;
  /** Volumes and where the container finds them. @default [] */
  readonly mounts?: readonly Mount[];
}

/** A pod as its workload, its shape and its place together describe it. */
export interface Pod {
  /** Labels that select it, which cannot be changed later. */
  readonly labels: Record<string, string>;
  /** Further labels, for people and dashboards; they may change. @default - none */
  readonly extraLabels?: Record<string, string>;
  /** Annotations beside the checksums; a change rolls the pods. @default - none */
  readonly annotations?: Record<string, string>;
  /** Containers that run at the same time; at least one. */
  readonly containers: readonly Container[];
  /** Containers that run one after the other, each to its end, before the others start. @default [] */
  readonly initContainers?: readonly Container[];
  /** Numeric ids of user and group, which the image must support; volumes belong to the group (`fsGroup`). */
  readonly user: { readonly uid: number; readonly gid: number };
  /** Labels of the nodes that it may run on. @default - any node */
  readonly nodeSelector?: Record<string, string>;
  /** PriorityClass, which decides what runs where there is no room for all; undefined means priority 0. */
  readonly priorityClassName: pulumi.Input<string | undefined>;
  /** ServiceAccount that it runs as, in its namespace. */
  readonly serviceAccountName: pulumi.Input<string>;
  /** Whether the ServiceAccount's token is mounted, to call the Kubernetes API. @default false */
  readonly apiToken?: boolean;
  /** Seconds from the start of its end, `preStopSeconds` included, until what still runs is killed. */
  readonly graceSeconds: number;
  /** What happens to a container that ends; Jobs need one of the other two. @default "Always" */
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
  /** Whether pods with the same labels are put on different nodes as far as there are enough. @default false */
  readonly spread?: boolean;
  /** Secrets with the credentials of private registries. @default [] */
  readonly imagePullSecrets?: readonly ConfigSource[];
  /**
   * Whether all containers share one process namespace. A process is then not number 1 in its container, which ignores each
   * signal that it has no handler for, such as the one to stop. @default false
   */
  readonly shareProcesses?: boolean;
}

/** The pod template of a workload. */
export function podTemplate(pod: Pod): types.input.core.v1.PodTemplateSpec {
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  return {
    metadata: {
      // What selects the pod wins, and comes first.
      labels: { ...pod.labels, ...pod.extraLabels, ...pod.labels },
      annotations: { ...pod.annotations, ...checksumAnnotations(containers) },
    },
    spec: {
      serviceAccountName: pod.serviceAccountName,
      automountServiceAccountToken: pod.apiToken ?? false,
      enableServiceLinks: false,
      restartPolicy: pod.restartPolicy,
      terminationGracePeriodSeconds: pod.graceSeconds,
      shareProcessNamespace: pod.shareProcesses === true ? true : undefined,
      priorityClassName: pod.priorityClassName as pulumi.Input<string>,
      nodeSelector: pod.nodeSelector,
      ...(pod.spread === true ? spreadOverNodes(pod.labels) : {}),
      imagePullSecrets: some(pod.imagePullSecrets?.map((secret) => ({ name: secret.objectName }))),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: pod.user.uid,
        runAsGroup: pod.user.gid,
        fsGroup: pod.user.gid,
        // A recursive chown at each start would take minutes on a full volume, and would open files kept at 0600.
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      initContainers: pod.initContainers?.map(containerSpec),
      containers: pod.containers.map(containerSpec),
      volumes: some(volumesOf(containers.flatMap(({ mounts }) => mounts ?? []))),
    },
  };
}

/** The Secrets and ConfigMaps of this program that a pod reads, which must exist before it starts. */
export function configOf(pod: Pod): pulumi.Resource[] {
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  const objects = containers.flatMap((container) => [
    ...secretKeys(container).map((key) => key.secret),
    ...filesOf(container),
    ...(container.envFrom ?? []),
  ]);
  return [...new Set([...objects, ...(pod.imagePullSecrets ?? [])])]
    .map((object) => object.resource)
    .filter((resource) => resource !== undefined);
}

function containerSpec(container: Container): types.input.core.v1.Container {
  return {
    name: container.name,
    image: container.image,
    imagePullPolicy: container.alwaysPull === true ? "Always" : undefined,
    command: container.command?.slice(),
    args: container.args?.slice(),
    envFrom: some(container.envFrom?.map(envSource)),
    env: some(Object.entries(container.env ?? {}).flatMap(envVar)),
    ports: some(Object.entries(container.ports ?? {}).map(([name, containerPort]) => ({ name, containerPort }))),
    resources: withDisk(container),
    startupProbe: container.startup,
    readinessProbe: container.readiness,
    livenessProbe: container.liveness,
    lifecycle: container.preStopSeconds ? { preStop: { sleep: { seconds: container.preStopSeconds } } } : undefined,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: some(container.mounts?.map(volumeMount)),
  };
}

/** Leaves out an empty list: the API server drops it, and every update would set it again. */
function some<Item>(list: Item[] | undefined): Item[] | undefined {
  return list?.length === 0 ? undefined : list;
}

function withDisk({ resources, ephemeralStorage }: Container): types.input.core.v1.ResourceRequirements {
  if (ephemeralStorage === undefined) return resources;
  const disk = { "ephemeral-storage": ephemeralStorage };
  return { requests: { ...resources.requests, ...disk }, limits: { ...resources.limits, ...disk } };
}

function envSource({ kind, objectName: name }: ConfigSource): types.input.core.v1.EnvFromSource {
  return kind === "Secret" ? { secretRef: { name } } : { configMapRef: { name } };
}

function envVar([name, value]: [string, EnvValue | undefined]): types.input.core.v1.EnvVar[] {
  if (value === undefined) return [];
  if (isSecretKey(value)) {
    const { secret, key, optional } = value;
    return [
      { name, valueFrom: { secretKeyRef: { name: secret.objectName, key, optional: optional ? true : undefined } } },
    ];
  }
  if (isPodField(value)) return [{ name, valueFrom: { fieldRef: value } }];
  return [{ name, value }];
}

function isSecretKey(value: EnvValue | undefined): value is SecretKey {
  return typeof value === "object" && !pulumi.Output.isInstance(value) && "secret" in value;
}

function isPodField(value: EnvValue): value is PodField {
  return typeof value === "object" && !pulumi.Output.isInstance(value) && "fieldPath" in value;
}

function checksumAnnotations(containers: Container[]): Record<string, pulumi.Output<string>> {
  const rolling = containers.flatMap((container) => [
    ...secretKeys(container)
      .filter((key) => key.rollsPods)
      .map((key) => key.secret),
    ...filesOf(container),
    ...(container.envFrom ?? []),
  ]);
  return Object.fromEntries(
    rolling.flatMap(({ objectName, checksum }) =>
      checksum === undefined ? [] : [[`checksum.doks-systems/${objectName}`, checksum]],
    ),
  );
}

function secretKeys(container: Container): SecretKey[] {
  return Object.values(container.env ?? {}).filter(isSecretKey);
}

function filesOf(container: Container): ConfigSource[] {
  return (container.mounts ?? []).flatMap(({ volume }) => (volume.kind === "files" ? sourcesOf(volume) : []));
}

/**
 * Asks for different nodes without insisting, because two pods on one node are better than a pod that cannot run. Zones do not
 * count, as DOKS has none.
 */
function spreadOverNodes(
  labels: Record<string, string>,
): Pick<types.input.core.v1.PodSpec, "topologySpreadConstraints" | "affinity"> {
  const nodes = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: labels } };
  return {
    topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway", ...nodes }],
    affinity: {
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: nodes }] },
    },
  };
}
