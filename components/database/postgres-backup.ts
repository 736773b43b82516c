import { storageClasses } from "../../catalogue/doks.ts";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { BackupSetting } from "../../settings/slices/data-services.ts";
import { readScripts } from "../workload/file-objects.ts";
import { Bucket } from "../storage/bucket.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import type { Place } from "../site/namespace.ts";
import type { Env } from "../workload/pod.ts";
import type { Mount, Volume } from "../workload/volumes.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { ScheduledTask, Task, type TaskArgs } from "../workload/task.ts";
import type { PostgresDatabase } from "./postgres-database.ts";

/** Arguments of `PostgresBackup`. */
export interface PostgresBackupArgs extends Place, ComponentArgs {
  /** Bucket, schedules and retention, from `backup` in the system's settings. */
  readonly setting: BackupSetting;
  /** Server whose databases are dumped, every one that it lists in `databases`. */
  readonly database: PostgresDatabase;
  /** `metadata.name` of the CronJob that dumps; the one of the restore drill is named `<taskName>-drill`. */
  readonly taskName: string;
  /** `metadata.name` of the Secret with the bucket's name, region and access key. */
  readonly bucketSecretName: string;
  /** Access key of a bucket that exists already, which needs one; undefined for a bucket that this component makes. */
  readonly existingKey: { key: pulumi.Output<string>; secret: pulumi.Output<string> } | undefined;
}

/** A dump that was made of a retired system, for whoever asks whether it is there. */
export interface LastDump {
  /** When its Job started, RFC 3339; undefined in a preview without an engine. */
  readonly begunAt: string | undefined;
  /** Names of the databases that it has. */
  readonly databases: readonly string[];
  /** The bucket that it is in; undefined for one that somebody else made, which the stack's Spaces key may not read. */
  readonly bucket: { readonly name: string; readonly region: string } | undefined;
}

/** Days that the bucket's lifecycle rule waits beyond the retention; it deletes only what the script failed to delete. */
const graceDays = 5;
const folder = "pg-backups/";
/**
 * Size of the parts in which a dump is uploaded. S3 takes 10,000 parts, so a dump may have 1.2 TiB. Two parts at a time are on
 * the disk of the node.
 */
const partMebibytes = 128;
/**
 * Limit of each of the two containers for parts, `/tmp` and logs on the disk of the node; Kubernetes counts the sum for the
 * pod.
 */
const ephemeralStorage = "256Mi";
/** For all tries of a run together; less than a day, so that a run ends before the next one of a daily schedule. */
const deadlineSeconds = 20 * 3600;

/**
 * Dumps every database of a server into a bucket, as often as the schedule says, and restores the newest dump into a
 * throw-away server where the settings ask for that drill. Each runs as a pod of two containers with named pipes between
 * them, so no dump is ever complete on the disk of a node, which may be smaller than the database.
 *
 * Promises: a dump that was cut short or changed never counts as a backup; old dumps are deleted only after new ones have
 * arrived. Without the server's volume, what changed since the last dump is lost. The volume of the drill costs 0.10 $ a GiB
 * and month while the drill runs.
 *
 * Of a retired system nothing is dumped but once more, on demand; its dumps are kept until it is back, however old they get.
 */
export class PostgresBackup extends Component {
  /** Bucket that holds the dumps, below `pg-backups/`. */
  readonly bucket: Bucket;
  /** The last dump of a retired system, known once it is complete; undefined unless it is made. */
  readonly last: pulumi.Output<LastDump> | undefined;

  constructor(name: string, args: PostgresBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:database:PostgresBackup", name, {}, args, opts);
    const { site, namespace, setting, database } = args;
    // Nothing would take the place of a retired system's dumps.
    const expire = namespace.runs() ? { [folder]: setting.retentionDays + graceDays } : undefined;
    this.bucket = new Bucket(
      `${name}-bucket`,
      { site, setting: setting.bucket, existingKey: args.existingKey, expire },
      { parent: this },
    );
    const key = this.bucketSecret(name, args);
    const data = readScripts(new URL("scripts/", import.meta.url), [
      "dump.sh",
      "wait.sh",
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

    const dump: Omit<TaskArgs, "taskName"> = {
      ...{ site, namespace, deadlineSeconds, connectsTo: [database.endpoint, this.bucket.destination] },
      pod: {
        containers: [
          steps.postgres("dump", "dump.sh", database.clientEnv, database.clientMounts),
          steps.aws("upload", "upload.sh"),
        ],
      },
    };
    new ScheduledTask(name, { ...dump, taskName: args.taskName, schedule: setting.schedule }, { parent: this });
    const last = { ...dump, taskName: `${args.taskName}-last`, shapeOf: args.taskName, forLastBackup: true };
    if (namespace.presence === "dumping") {
      const { startedAt: begunAt } = new Task(`${name}-last`, last, { parent: this });
      const { bucketName, region } = this.bucket;
      const own = setting.bucket.kind === "create";
      const all = {
        begunAt,
        databases: [...database.databases],
        bucket: own ? { name: bucketName, region } : undefined,
      };
      this.last = pulumi.output(all);
    }
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

/** Mount of the data of the drill's server. Its storage class deletes the volume with the pod, in production as well. */
function drillMount({ site, setting, database }: PostgresBackupArgs): Mount {
  const size = setting.drillStorage ?? database.storage ?? "20Gi";
  const storageClass = site.storageClass(storageClasses.deleted);
  return { path: "/restored", volume: { kind: "ephemeral", name: "restored", size, storageClass } };
}

/** The containers of backup and drill: one has PostgreSQL's tools, one the S3 client, and both the folder with the pipes. */
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
