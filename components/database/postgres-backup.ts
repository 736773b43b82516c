import * as pulumi from "@pulumi/pulumi";
import type { BackupSetting } from "../../settings/data-services.ts";
import { readScripts } from "../files.ts";
import type { Site } from "../platform/site.ts";
import { Bucket } from "../storage/bucket.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import type { Namespace } from "../workload/namespace.ts";
import type { Container, Mount, Volume } from "../workload/pod.ts";
import type { OwnedPod } from "../workload/prepare.ts";
import { ScheduledTask } from "../workload/task.ts";
import type { PostgresDatabase } from "./postgres-database.ts";
import { postgresUser } from "./script-pod.ts";

export interface PostgresBackupArgs {
  readonly site: Site;
  readonly namespace: Namespace;
  readonly setting: BackupSetting;
  readonly database: PostgresDatabase;
  /** `metadata.name` of the CronJob; the drill's follows it. */
  readonly taskName: string;
  /** Name of the Secret with the bucket's key. */
  readonly bucketSecretName: string;
  readonly existingKey: { key: pulumi.Output<string>; secret: pulumi.Output<string> } | undefined;
  readonly pool: string;
}

/** The bucket's own rule comes this much later than the script, as a net below it. */
const graceDays = 5;
const folder = "pg-backups/";

/**
 * A daily dump of every database of a server into a bucket of its own, and a drill that restores the newest.
 *
 * Promises: a dump that was cut short or changed never counts; old dumps go only after new ones have arrived. What changed
 * since the last dump is lost with the server's volume.
 */
export class PostgresBackup extends pulumi.ComponentResource {
  readonly bucket: Bucket;

  constructor(name: string, args: PostgresBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:database:PostgresBackup", name, {}, opts);
    const { site, namespace, setting } = args;
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
        deadlineSeconds: 6 * 3600,
        connectsTo: [args.database.endpoint, this.bucket.destination],
        pod: steps.pod(steps.postgres("dump", "dump.sh", args.database.clientEnv), steps.aws("upload", "upload.sh")),
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
          deadlineSeconds: 6 * 3600,
          connectsTo: [this.bucket.destination],
          pod: steps.pod(steps.aws("fetch", "fetch.sh"), steps.postgres("drill", "drill.sh", {})),
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

/** The two-step pods of backup and drill: one step with PostgreSQL's tools, one with the S3 client, a folder between them. */
class Steps {
  readonly #args: PostgresBackupArgs;
  readonly #key: SecretObject;
  readonly #bucket: Bucket;
  readonly #mounts: Mount[];

  constructor(args: PostgresBackupArgs, key: SecretObject, bucket: Bucket, scripts: ConfigObject) {
    this.#args = args;
    this.#key = key;
    this.#bucket = bucket;
    const files: Volume = { kind: "files", name: "scripts", from: scripts, executable: true };
    this.#mounts = [
      { path: "/scripts", volume: files },
      { path: "/dumps", volume: { kind: "scratch", name: "dumps", sizeLimit: "20Gi" } },
      { path: "/tmp", volume: { kind: "scratch", name: "tmp", sizeLimit: "64Mi" } },
    ];
  }

  pod(first: Container, second: Container): OwnedPod {
    return {
      initContainers: [first],
      containers: [second],
      user: postgresUser,
      restartPolicy: "OnFailure",
      graceSeconds: 30,
      nodeSelector: this.#args.site.nodeSelector(this.#args.pool),
    };
  }

  postgres(name: string, script: string, env: NonNullable<Container["env"]>): Container {
    return this.#step(name, script, this.#args.site.images.postgres, env);
  }

  aws(name: string, script: string): Container {
    return this.#step(name, script, this.#args.site.images.awsCli, {
      SPACES_NAME: this.#key.key("name"),
      SPACES_REGION: this.#key.key("region"),
      SPACES_KEY: this.#key.key("key"),
      SPACES_SECRET: this.#key.key("secret"),
      SPACES_ENDPOINT: this.#bucket.endpoint,
      RETENTION_DAYS: String(this.#args.setting.retentionDays),
      HOME: "/tmp",
    });
  }

  #step(name: string, script: string, image: string, env: NonNullable<Container["env"]>): Container {
    return {
      name,
      image,
      command: ["bash", `/scripts/${script}`],
      env: { ...env, DATABASES: this.#args.database.databases.join(" "), DUMPS: "/dumps" },
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
      mounts: this.#mounts,
    };
  }
}
