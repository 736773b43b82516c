import type * as pulumi from "@pulumi/pulumi";
import type { PullSecretSetting } from "../../settings/slices/fields.ts";
import { existingSecret, type ConfigSource } from "../site/config-source.ts";
import type { Site } from "../site/site.ts";
import { SecretObject } from "../workload/config-objects.ts";
import type { Place } from "../site/namespace.ts";

/**
 * The Secret with which nodes pull a system's private images.
 *
 * @returns one Secret, made here or there already, which a retired system does not make; or none where the settings say that the
 *   images are public
 */
export function pullSecret(
  name: string,
  args: Place & {
    /** `metadata.name` of the Secret. */
    objectName: string;
    /** Whose credentials to use: the platform's registry, those of the settings, or none. */
    setting: PullSecretSetting;
    /** Password or token of another registry's user, for the kind `credentials`; secret. */
    password: pulumi.Output<string> | undefined;
  },
  parent: pulumi.Resource,
): ConfigSource[] {
  if (args.setting.kind === "existing") return [existingSecret(args.setting.secretName)];
  const config = dockerConfig(args.site, args.setting, args.password);
  if (config === undefined) return [];
  // Nobody pulls in a retired system; the pods that it has no more name the Secret all the same, so that they stay as they are.
  if (!args.namespace.runs(true)) return [existingSecret(args.objectName)];
  const values = { ".dockerconfigjson": config };
  return [new SecretObject(name, { ...args, type: "kubernetes.io/dockerconfigjson", values }, { parent })];
}

function dockerConfig(
  site: Site,
  setting: Exclude<PullSecretSetting, { kind: "existing" }>,
  password: pulumi.Output<string> | undefined,
): pulumi.Output<string> | undefined {
  switch (setting.kind) {
    case "none":
      return undefined;
    case "platform-registry":
      return site.registry?.dockerConfig;
    case "credentials":
      return password?.apply((given) => {
        const auth = Buffer.from(`${setting.username}:${given}`).toString("base64");
        return JSON.stringify({ auths: { [setting.server]: { auth } } });
      });
  }
}
