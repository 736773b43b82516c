/**
 * The hardened pod: the one function that makes every pod template.
 *
 * Satisfies Pod Security `restricted`: numeric non-root user, no privilege escalation, every capability dropped,
 * seccomp `RuntimeDefault`; beyond that a read-only root file system, no service links, no API token unless asked,
 * and a checksum annotation for each Secret and ConfigMap that a container reads.
 */
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Resources } from "../../settings/slices/fields.ts";
import type { SecretKey } from "./config-objects.ts";
import type { ConfigSource } from "../site/config-source.ts";

/** A field of the pod itself: `metadata.name`. */
interface PodField {
  readonly fieldPath: string;
}

/** A literal (`$(HOST):5432` composes it from earlier variables), a key of a Secret, or a field of the pod. */
export type EnvValue = pulumi.Input<string> | SecretKey | PodField;

/** Variables by name; one that is undefined is left out. */
export type Env = Readonly<Record<string, EnvValue | undefined>>;

/** A volume of the pod; each is named once and may be mounted by several containers. */
export type Volume =
  /** An empty directory of bounded size, gone with the pod; on memory where `memory` is true. */
  | { readonly kind: "scratch"; readonly name: string; readonly sizeLimit: string; readonly memory?: boolean }
  /** A Secret's or a ConfigMap's keys as files; `executable` for scripts. */
  | {
      readonly kind: "files";
      readonly name: string;
      /** Several are one folder: a ConfigMap holds 1 MiB. */
      readonly from: ConfigSource | readonly ConfigSource[];
      readonly executable?: boolean;
    }
  /** A claim that the StatefulSet's template makes. */
  | { readonly kind: "claim"; readonly name: string }
  /** A disk that comes and goes with the pod, for what would fill its node's; of the cluster's default class where none is given. */
  | {
      readonly kind: "ephemeral";
      readonly name: string;
      readonly size: string;
      readonly storageClass: string | undefined;
    };

export interface Mount {
  readonly path: string;
  readonly volume: Volume;
  /** A single file or folder of the volume. */
  readonly subPath?: string;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  /** Asks the registry at each start. @default only where the node has no image of the tag */
  readonly alwaysPull?: boolean | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Env;
  /** ConfigMaps and Secrets whose every key is a variable; `env` wins over them. */
  readonly envFrom?: readonly ConfigSource[] | undefined;
  /** Ports by name. */
  readonly ports?: Record<string, number>;
  readonly resources: Resources;
  /** What it may keep on its node's disk: logs, and the scratch volumes of its pod. @default not said */
  readonly ephemeralStorage?: string;
  readonly startup?: types.input.core.v1.Probe | undefined;
  readonly readiness?: types.input.core.v1.Probe | undefined;
  readonly liveness?: types.input.core.v1.Probe | undefined;
  /** Waits so long before the signal to stop; 0 for not at all. @default 0 */
  readonly preStopSeconds?: number;
  readonly mounts?: readonly Mount[];
}

export interface Pod {
  /** Labels that select it. */
  readonly labels: Record<string, string>;
  /** Labels for people and dashboards, which may change. */
  readonly extraLabels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly containers: readonly Container[];
  /** Run one after the other, each to its end, before the containers start. */
  readonly initContainers?: readonly Container[];
  /** Numeric ids of the image's user; `fsGroup` follows the group. */
  readonly user: { readonly uid: number; readonly gid: number };
  readonly nodeSelector?: Record<string, string>;
  /** Which pods go first where there is no room for all. */
  readonly priorityClassName: pulumi.Input<string | undefined>;
  readonly serviceAccountName: pulumi.Input<string>;
  /** Mounts the ServiceAccount's API token. @default false */
  readonly apiToken?: boolean;
  /** Seconds between the signal to stop and the kill. */
  readonly graceSeconds: number;
  /** @default "Always" */
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
  /** Spread over nodes as evenly as they allow. @default false */
  readonly spread?: boolean;
  readonly imagePullSecrets?: readonly ConfigSource[];
  /** Its processes see each other, and none is number 1, which ignores signals that it does not handle. @default false */
  readonly shareProcesses?: boolean;
}

/** The pod template. */
export function podTemplate(pod: Pod): types.input.core.v1.PodTemplateSpec {
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  return {
    metadata: {
      labels: { ...pod.labels, ...pod.extraLabels },
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
      volumes: some(volumesOf(containers)),
    },
  };
}

/** The Secrets and ConfigMaps that the pod reads, to be there before it starts. */
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

/** An empty list is left out: the API drops it, and each update would set it again. */
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

function volumeMount(mount: Mount): types.input.core.v1.VolumeMount {
  return {
    name: mount.volume.name,
    mountPath: mount.path,
    subPath: mount.subPath,
    readOnly: mount.volume.kind === "files" ? true : undefined,
  };
}

function volumesOf(containers: Container[]): types.input.core.v1.Volume[] {
  const mounts = containers.flatMap((container) => container.mounts ?? []);
  const byName = new Map(mounts.map(({ volume }) => [volume.name, volume]));
  return [...byName.values()].flatMap((volume) => volumeSpec(volume));
}

function volumeSpec(volume: Volume): types.input.core.v1.Volume[] {
  switch (volume.kind) {
    case "scratch":
      return [
        {
          name: volume.name,
          emptyDir: { sizeLimit: volume.sizeLimit, medium: volume.memory === true ? "Memory" : undefined },
        },
      ];
    case "files": {
      const defaultMode = volume.executable === true ? 0o550 : 0o440;
      const [first, ...more] = sourcesOf(volume);
      if (first === undefined) return [];
      if (more.length > 0) {
        const sources = [first, ...more].map(({ objectName: name }) => ({ configMap: { name } }));
        return [{ name: volume.name, projected: { defaultMode, sources } }];
      }
      return first.kind === "Secret"
        ? [{ name: volume.name, secret: { secretName: first.objectName, defaultMode } }]
        : [{ name: volume.name, configMap: { name: first.objectName, defaultMode } }];
    }
    case "claim":
      return [];
    case "ephemeral": {
      const { name, size, storageClass: storageClassName } = volume;
      const spec = {
        accessModes: ["ReadWriteOnce"],
        storageClassName,
        resources: { requests: { storage: size } },
      };
      return [{ name, ephemeral: { volumeClaimTemplate: { spec } } }];
    }
  }
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

function sourcesOf({ from }: Extract<Volume, { kind: "files" }>): readonly ConfigSource[] {
  return "objectName" in from ? [from] : from;
}

/** As preferences: DOKS has no zones to spread over, and a pod that may not run is worse than two on one node. */
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
