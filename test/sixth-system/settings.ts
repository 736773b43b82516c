/** What a stack may say of Miniflux, a feed reader. Values are those of its repository (miniflux/v2) and documentation. */
import { z } from "zod";
import { backupSetting, postgresSetting } from "../../settings/slices/data-services.ts";
import { dnsLabel, hostName, imagesSetting, imageTag, namespaceSetting } from "../../settings/slices/fields.ts";
import { existingSecrets } from "../../settings/slices/system-secrets.ts";
import { workloadsSetting } from "../../settings/slices/workload.ts";

const workloadNames = [
  "",
  "-postgres",
  "-postgres-setup",
  "-postgres-grant",
  "-postgres-move",
  "-backup",
  "-backup-drill",
];

export const minifluxSetting = z.strictObject({
  namespace: namespaceSetting("miniflux"),
  imageTag,
  images: imagesSetting,
  pool: dnsLabel.default("general"),
  host: hostName.describe("Public host name."),
  workloads: workloadsSetting(workloadNames.map((part) => `miniflux${part}`)),
  database: postgresSetting(),
  backup: z.union([z.literal(false), backupSetting]).describe("Daily dumps; `false` for none."),
});
export type MinifluxSetting = z.infer<typeof minifluxSetting>;

export function minifluxSecrets(settings: MinifluxSetting) {
  return z.strictObject(existingSecrets(settings));
}
export type MinifluxSecrets = z.infer<ReturnType<typeof minifluxSecrets>>;
