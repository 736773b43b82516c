/** Secrets and ConfigMaps that pods read, whether this program makes them or they exist already. */
import type * as pulumi from "@pulumi/pulumi";

/** A Secret or ConfigMap that pods read, as variables or as files. */
export interface ConfigSource {
  /** Kubernetes' kind of the object, which decides how a pod refers to it. */
  readonly kind: "Secret" | "ConfigMap";
  /** `metadata.name`, in the namespace of the pods. */
  readonly objectName: string;
  /**
   * Annotation of the pods that read the object, so that they roll when it changes; undefined where this program does
   * not make it.
   */
  readonly checksum: pulumi.Output<string> | undefined;
  /** The object, for pods to wait for; undefined where this program does not make it. */
  readonly resource: pulumi.Resource | undefined;
}

/** A Secret that exists already in the namespace of the pods. A change of it restarts no pod. */
export function existingSecret(objectName: string): ConfigSource {
  return { kind: "Secret", objectName, checksum: undefined, resource: undefined };
}

/** A ConfigMap that exists already in the namespace of the pods. A change of it restarts no pod. */
export function existingConfigMap(objectName: string): ConfigSource {
  return { kind: "ConfigMap", objectName, checksum: undefined, resource: undefined };
}
