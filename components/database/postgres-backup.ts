import { storageClasses } from "../../catalogue/doks.ts";
import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { BackupSetting } from "../../settings/slices/data-services.ts";
import { readScripts } from "../workload/file-objects.ts";
import { Bucket } from "../storage/bucket.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import type { Place } from "../site/namespace.ts";
import type { Env, Mount, Volume } from "../workload/pod.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { ScheduledTask } from "../workload/task.ts";
import type { PostgresDatabase } from "./postgres-database.ts";

export interface PostgresBackupArgs extends Place, ComponentArgs {
  readonly setting: BackupSetting;
  readonly database: PostgresDatabase;
  /** `metadata.name` of the CronJob; the drill's follows it. */
  readonly taskName: string;
  /** Name of the Secret with the bucket's key. */
  readonly bucketSecretName: string;
  readonly existingKey: { key: pulumi.Output<string>; secret: pulumi.Output<string> } | undefined;
}

/** The bucket's own rule comes this much later than the script, as a net below it. */
const graceDays = 5;
const folder = "pg-backups/";
/** S3 takes 10,000 parts: dumps of up to 1.2 TiB. Two of them are on a node's disk at once. */
const partMebibytes = 128;
/** Each of the two containers' share of what the pod keeps there: parts, `/tmp`, logs. */
const ephemeralStorage = "256Mi";
/** For all tries of a run together; it ends before the next one of a daily schedule. */
const deadlineSeconds = 20 * 3600;

/**
 * A dump of every database of a server into a bucket of its own, as often as the schedule says, and a drill that restores
 * the newest. Each is a pod of two containers that run at once, with pipes between them: no dump lies on a node's disk, so
 * a database may be as large as it likes.
 *
 * Promises: a dump that was cut short or changed never counts; old dumps go only after new ones have arrived. What changed
 * since the last dump is lost with the server's volume. The drill's volume costs 0.10 $ a GiB and month while it runs.
 */
export class PostgresBackup extends Component {
  readonly bucket: Bucket;

  constructor(name: string, args: PostgresBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:database:PostgresBackup", name, {}, args, opts);
    const { site, namespace, setting, database } = args;
    const expire = { [folder]: setting.retentionDays + graceDays };
    this.bucket = new Bucket(
      `${name}-bucket`,
      { site, setting: setting.bucket, existingKey: args.existingKey, expire },
      { parent: this },
    );
    const key = this.bucketSecret(name, args);
    const data = readScripts(new URL("scripts/", import.meta.url), [
      "dump.sh",
      "upload.sh",
      "fetch.sh",
      "drill.sh",
      "pipes.sh",
      "spaces.sh",
    ]);
    const scripts = new ConfigObject(
      name,
      { site, namespace, objectName: `${args.taskName}-scripts`, data },
      { parent: this },
    );
    const steps = new Steps(args, key, this.bucket, scripts);

    new ScheduledTask(
      name,
      {
        site,
        namespace,
        taskName: args.taskName,
        schedule: setting.schedule,
        deadlineSeconds,
        connectsTo: [database.endpoint, this.bucket.destination],
        pod: {
          containers: [
            steps.postgres("dump", "dump.sh", database.clientEnv, database.clientMounts),
            steps.aws("upload", "upload.sh"),
          ],
        },
      },
      { parent: this },
    );
    if (setting.restoreDrill !== undefined) {
      new ScheduledTask(
        `${name}-drill`,
        {
          site,
          namespace,
          taskName: `${args.taskName}-drill`,
          schedule: setting.restoreDrill,
          deadlineSeconds,
          connectsTo: [this.bucket.destination],
          pod: {
            containers: [
              steps.aws("fetch", "fetch.sh"),
              steps.postgres("drill", "drill.sh", { RESTORED: "/restored" }, [drillMount(args)]),
            ],
          },
        },
        { parent: this },
      );
    }
    this.registerOutputs({ bucketName: this.bucket.bucketName });
  }

  private bucketSecret(name: string, { site, namespace, bucketSecretName }: PostgresBackupArgs): SecretObject {
    return new SecretObject(
      `${name}-spaces`,
      {
        site,
        namespace,
        objectName: bucketSecretName,
        values: {
          name: this.bucket.bucketName,
          region: this.bucket.region,
          key: this.bucket.accessKey,
          secret: this.bucket.secretKey,
        },
      },
      { parent: this },
    );
  }
}

/** Where the drill's server keeps its data; of the class that deletes a volume with its claim. */
function drillMount({ site, setting, database }: PostgresBackupArgs): Mount {
  const size = setting.drillStorage ?? database.storage ?? "20Gi";
  const storageClass = site.storageClass(storageClasses.deleted);
  return { path: "/restored", volume: { kind: "ephemeral", name: "restored", size, storageClass } };
}

/** The containers of backup and drill: one with PostgreSQL's tools, one with the S3 client, a folder with pipes between them. */
class Steps {
  readonly #args: PostgresBackupArgs;
  readonly #key: SecretObject;
  readonly #bucket: Bucket;
  readonly #mounts: readonly Mount[];

  constructor(args: PostgresBackupArgs, key: SecretObject, bucket: Bucket, scripts: ConfigObject) {
    this.#args = args;
    this.#key = key;
    this.#bucket = bucket;
    const files: Volume = { kind: "files", name: "scripts", from: scripts, executable: true };
    this.#mounts = [
      { path: "/scripts", volume: files },
      { path: "/dumps", volume: { kind: "scratch", name: "dumps", sizeLimit: `${2 * partMebibytes + 64}Mi` } },
    ];
  }

  postgres(name: string, script: string, env: Env, mounts: readonly Mount[]): OwnedContainer {
    return this.#step(name, script, this.#args.database.clientImage, env, mounts);
  }

  aws(name: string, script: string): OwnedContainer {
    return this.#step(name, script, this.#args.site.images.awsCli, {
      SPACES_NAME: this.#key.key("name"),
      SPACES_REGION: this.#key.key("region"),
      SPACES_KEY: this.#key.key("key"),
      SPACES_SECRET: this.#key.key("secret"),
      SPACES_ENDPOINT: this.#bucket.endpoint,
      RETENTION_DAYS: String(this.#args.setting.retentionDays),
      PART_BYTES: String(partMebibytes * 1024 ** 2),
      HOME: "/tmp",
    });
  }

  #step(name: string, script: string, image: string, env: Env, mounts: readonly Mount[] = []): OwnedContainer {
    return {
      name,
      image,
      command: ["bash", `/scripts/${script}`],
      ephemeralStorage,
      env: { ...env, DATABASES: this.#args.database.databases.join(" "), DUMPS: "/dumps" },
      mounts: [...this.#mounts, ...mounts],
    };
  }
}
