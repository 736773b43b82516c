/** Schemas of the secrets that several systems need for the same settings. */
import { z } from "zod";
import type { BackupSetting, KafkaSetting, PostgresSetting, RedisSetting } from "./data-services.ts";
import { secretValue, type PullSecretSetting } from "./fields.ts";

/** A secret that is required if it is needed; otherwise it may be given, and is not used. */
export function secretIf<Schema extends z.ZodType>(needed: boolean, schema: Schema) {
  return needed ? schema : schema.optional();
}

/** Access key of a bucket that exists already: its id and its secret. */
export const bucketKey = z.strictObject({ key: secretValue, secret: secretValue });

/** Passwords and keys of registries, servers and buckets that exist already. */
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
