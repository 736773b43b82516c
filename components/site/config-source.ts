/** Secrets and ConfigMaps as whoever reads them sees them, whether this program makes them or somebody else. */
import type * as pulumi from "@pulumi/pulumi";

/** A Secret or ConfigMap that pods read. */
export interface ConfigSource {
  readonly kind: "Secret" | "ConfigMap";
  readonly objectName: string;
  /** Rolls the pods that read it when it changes; absent where it is not this program's to know. */
  readonly checksum: pulumi.Output<string> | undefined;
  /** The object itself, to wait for; absent where somebody else makes it. */
  readonly resource: pulumi.Resource | undefined;
}

/** A Secret that somebody else made, in the same namespace; a change of it restarts nothing. */
export function existingSecret(objectName: string): ConfigSource {
  return { kind: "Secret", objectName, checksum: undefined, resource: undefined };
}

/** A ConfigMap that somebody else made, likewise. */
export function existingConfigMap(objectName: string): ConfigSource {
  return { kind: "ConfigMap", objectName, checksum: undefined, resource: undefined };
}
