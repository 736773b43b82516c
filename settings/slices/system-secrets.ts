/** Schemas of the secrets that several systems need for the same settings. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { BackupSetting, KafkaSetting, PostgresSetting, RedisSetting } from "./data-services.ts";
import type { RabbitMqSetting } from "./data-shapes/brokers.ts";
import { objectName, secretValue, type PullSecretSetting } from "./fields.ts";

/** A secret that is required if it is needed; otherwise it may be given, and is not used. */
export function secretIf<Schema extends z.ZodType>(needed: boolean, schema: Schema) {
  return needed ? schema : schema.optional();
}

/**
 * A value that is generated unless it is given: that of a running installation, which is taken over so that nobody is locked out.
 * Any character but a line break, at which scripts end a password.
 */
export const takenPassword = secretValue
  .regex(
    /^[^\r\n\0]*$/,
    "leave out the line break, or change the password where it is in use first: it cannot hold one",
  )
  .optional();

const keyKinds = {
  RSA: (key: KeyObject) => key.asymmetricKeyType === "rsa",
  "ECDSA P-256": (key: KeyObject) => key.asymmetricKeyDetails?.namedCurve === "prime256v1",
  "RSA or ECDSA": (key: KeyObject) => key.asymmetricKeyType === "rsa" || key.asymmetricKeyType === "ec",
};

/** A private key in any of OpenSSL's PEM forms, without a passphrase. */
export function privateKey(kind: keyof typeof keyKinds) {
  const fits = (pem: string): boolean => {
    try {
      return keyKinds[kind](createPrivateKey(pem));
    } catch {
      return false;
    }
  };
  return secretValue.refine(fits, `give a private key (${kind}) as PEM, without a passphrase`);
}

/** Access key of a bucket that exists already: its id and its secret. */
export const bucketKey = z.strictObject({ key: secretValue, secret: secretValue });

/**
 * The Secrets of a system that somebody else keeps, by the names under which this program would make them.
 *
 * @param names of the Secrets of the system's document that may be somebody else's
 */
export function existingSecretsSetting<Name extends string>(names: readonly Name[]) {
  const one = (name: Name) =>
    objectName.optional().meta({
      description: `Name of the Secret that is read in place of \`${name}\`: it has the same keys.`,
      unset: "made by this program",
      examples: [name],
    });
  const fields = Object.fromEntries(names.map((name) => [name, one(name)])) as {
    [Key in Name]: ReturnType<typeof one>;
  };
  return z
    .strictObject(fields)
    .prefault({} as never)
    .describe(
      "Secrets that somebody else keeps in the namespace: they are read, never made or changed, and a change of one " +
        "restarts nothing.",
    );
}

/** Password of a server: one that exists already needs it, one in the cluster may be given the one that it has. */
function passwordOf(servers: readonly ({ readonly kind: string } | false | undefined)[], elsewhere: boolean) {
  const needed = servers.some((server) => typeof server === "object" && server.kind === "existing");
  return needed && !elsewhere ? secretValue : takenPassword;
}

/**
 * Passwords and keys of registries, servers and buckets that exist already.
 *
 * @param elsewhere of which servers a Secret that somebody else keeps has the password @default - of none
 */
export function existingSecrets(
  settings: {
    readonly images: { readonly pullSecret: PullSecretSetting };
    readonly database?: PostgresSetting;
    readonly redis?: RedisSetting | false;
    readonly kafka?: KafkaSetting;
    readonly rabbitmq?: RabbitMqSetting;
    readonly backup?: BackupSetting | false;
  },
  elsewhere: Readonly<Partial<Record<"database" | "redis" | "rabbitmq", boolean>>> = {},
) {
  const { images, database, redis, kafka, rabbitmq, backup } = settings;
  const kafkaAsks = kafka?.kind === "existing" && "mechanism" in kafka.security;
  return {
    registryPassword: secretIf(images.pullSecret.kind === "credentials", secretValue),
    databasePassword: passwordOf([database, database?.beside], elsewhere.database === true),
    redisPassword: passwordOf([redis], elsewhere.redis === true),
    kafkaPassword: secretIf(kafkaAsks, secretValue),
    rabbitmqPassword: passwordOf([rabbitmq], elsewhere.rabbitmq === true),
    backupBucket: secretIf(typeof backup === "object" && backup.bucket.kind === "existing", bucketKey),
  };
}
