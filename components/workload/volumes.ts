/** Volumes of a pod, and where its containers mount them. */
import type { types } from "@pulumi/kubernetes";
import type { ConfigSource } from "../site/config-source.ts";

/** A volume of a pod. Containers that mount a volume of the same name share it. */
export type Volume =
  | {
      /** An empty directory that goes with the pod. A pod that writes more into it than `sizeLimit` is evicted. */
      readonly kind: "scratch";
      /** Name of the volume in the pod: lower-case letters, digits and dashes, at most 63 characters. */
      readonly name: string;
      /** Kubernetes quantity, `64Mi`. */
      readonly sizeLimit: string;
      /** Whether it is in memory, where it counts towards the memory limits of the containers. @default false */
      readonly memory?: boolean;
    }
  | {
      /** The keys of a Secret or ConfigMap as files, read-only. */
      readonly kind: "files";
      /** Name of the volume in the pod: lower-case letters, digits and dashes, at most 63 characters. */
      readonly name: string;
      /** One object, or several ConfigMaps as one folder, since a single one holds no more than 1 MiB. */
      readonly from: ConfigSource | readonly ConfigSource[];
      /** Whether the files can be executed, as scripts must be. @default false */
      readonly executable?: boolean;
    }
  /** The claim that a StatefulSet's template with this name makes for each pod. */
  | { readonly kind: "claim"; readonly name: string }
  | {
      /** A disk that is made and deleted with the pod, for more data than the disk of a node has room for. */
      readonly kind: "ephemeral";
      /** Name of the volume in the pod: lower-case letters, digits and dashes, at most 63 characters. */
      readonly name: string;
      /** Kubernetes quantity, `20Gi`. */
      readonly size: string;
      /** `storageClassName` of its claim; undefined means the cluster's default class. */
      readonly storageClass: string | undefined;
    };

/** Where a container finds a volume. */
export interface Mount {
  /** Absolute path in the container, `/var/lib/postgresql/data`; what the image has there is hidden. */
  readonly path: string;
  /** Volume to mount; the pod gets it without being told elsewhere. */
  readonly volume: Volume;
  /**
   * Single file or folder of the volume to mount instead of all of it. Kubernetes does not update such a file when its Secret
   * or ConfigMap changes. @default - the whole volume
   */
  readonly subPath?: string;
}

/** A mount as a container's `volumeMounts` has it; Secrets and ConfigMaps are mounted read-only. */
export function volumeMount(mount: Mount): types.input.core.v1.VolumeMount {
  return {
    name: mount.volume.name,
    mountPath: mount.path,
    subPath: mount.subPath,
    readOnly: mount.volume.kind === "files" ? true : undefined,
  };
}

/**
 * The volumes that all mounts of a pod need, each once. A claim is not among them: the StatefulSet adds it to the pod from its
 * own template.
 */
export function volumesOf(mounts: readonly Mount[]): types.input.core.v1.Volume[] {
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

/** The Secrets and ConfigMaps that a volume takes its files from. */
export function sourcesOf({ from }: Extract<Volume, { kind: "files" }>): readonly ConfigSource[] {
  return "objectName" in from ? [from] : from;
}
