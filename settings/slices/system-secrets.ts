/** The secrets that follow from settings which systems share. */
import { z } from "zod";
import type { BackupSetting, KafkaSetting, PostgresSetting, RedisSetting } from "./data-services.ts";
import { secretValue, type PullSecretSetting } from "./fields.ts";

/** A secret that only some settings need; given without need it is left unused. */
export function secretIf<Schema extends z.ZodType>(needed: boolean, schema: Schema) {
  return needed ? schema : schema.optional();
}

/** Key of a bucket that exists already. */
export const bucketKey = z.strictObject({ key: secretValue, secret: secretValue });

/** Passwords and keys of what exists already. */
export function existingSecrets(settings: {
  readonly images: { readonly pullSecret: PullSecretSetting };
  readonly database?: PostgresSetting;
  readonly redis?: RedisSetting | false;
  readonly kafka?: KafkaSetting;
  readonly backup?: BackupSetting | false;
}) {
  const { images, database, redis, kafka, backup } = settings;
  const kafkaAsks = kafka?.kind === "existing" && "mechanism" in kafka.security;
  return {
    registryPassword: secretIf(images.pullSecret.kind === "credentials", secretValue),
    databasePassword: secretIf(database?.kind === "existing", secretValue),
    redisPassword: secretIf(typeof redis === "object" && redis.kind === "existing", secretValue),
    kafkaPassword: secretIf(kafkaAsks, secretValue),
    backupBucket: secretIf(typeof backup === "object" && backup.bucket.kind === "existing", bucketKey),
  };
}
