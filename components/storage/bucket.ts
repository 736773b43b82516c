import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import { portOf } from "../../catalogue/addresses.ts";
import type { BucketSetting } from "../../settings/slices/data-services.ts";
import { outside, type Outside } from "../connections/destinations.ts";
import type { Site } from "../site/site.ts";

/** Arguments of `Bucket`. */
export interface BucketArgs extends ComponentArgs {
  /** Gives a new bucket its region and DigitalOcean project, and says whether it is protected. */
  readonly site: Site;
  /** Whether the bucket is made or exists already, and its name, which is unique in a region of Spaces. */
  readonly setting: BucketSetting;
  /** Access key of a bucket that exists already, which needs one; undefined for a bucket that is made. */
  readonly existingKey: { key: pulumi.Output<string>; secret: pulumi.Output<string> } | undefined;
  /**
   * Days after which objects are deleted, by the prefix of their keys: `{ "pg-backups/": 35 }`. A bucket that exists already
   * keeps its own rules. @default - nothing is ever deleted
   */
  readonly expire?: Readonly<Record<string, number>>;
}

/**
 * A private Spaces bucket with versioning, and an access key for this bucket only; or a bucket that exists already.
 *
 * In production it is protected, and kept when it leaves the program. The program never empties it, so DigitalOcean refuses to
 * delete one that has objects. Another name makes another bucket: the provider would only change the name in its state, where
 * no such bucket exists. Spaces costs 5 $ a month for all buckets of a team together.
 *
 * @throws {Error} if the bucket exists already and its key is not given
 */
export class Bucket extends Component {
  /** Name of the bucket, once it exists. */
  readonly bucketName: pulumi.Output<string>;
  /** Region of the bucket, `nyc3`; S3 clients sign their requests with it. */
  readonly region: string;
  /** URL of the S3 API without the bucket's name, `https://nyc3.digitaloceanspaces.com`. */
  readonly endpoint: string;
  /** Spaces as a service on the internet, for `connectsTo` of workloads that use the bucket. */
  readonly destination: Outside;
  /** Id of the access key, the first half of an S3 credential; secret. */
  readonly accessKey: pulumi.Output<string>;
  /** Secret of the access key, the second half of an S3 credential; secret. */
  readonly secretKey: pulumi.Output<string>;

  constructor(name: string, args: BucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:storage:Bucket", name, {}, args, opts);
    const { setting, site } = args;
    this.region = setting.kind === "existing" ? setting.region : site.storageRegion;
    this.endpoint = (setting.kind === "existing" ? setting.endpoint : undefined) ?? spacesEndpoint(this.region);
    this.destination = outside("spaces", portOf(this.endpoint));
    if (setting.kind === "existing") {
      if (args.existingKey === undefined) throw new Error(`${name}: a bucket that exists needs its key`);
      this.bucketName = pulumi.output(setting.name);
      this.accessKey = args.existingKey.key;
      this.secretKey = args.existingKey.secret;
    } else {
      const bucket = this.create(name, setting.name, args);
      const key = new digitalocean.SpacesKey(
        `${name}-key`,
        { name: setting.name, grants: [{ bucket: bucket.name, permission: "readwrite" }] },
        { parent: this },
      );
      this.bucketName = bucket.name;
      this.accessKey = pulumi.secret(key.accessKey);
      this.secretKey = pulumi.secret(key.secretKey);
    }
    this.registerOutputs({ bucketName: this.bucketName });
  }

  private create(name: string, bucketName: string, { site, expire }: BucketArgs): digitalocean.SpacesBucket {
    const bucket = new digitalocean.SpacesBucket(
      name,
      {
        name: bucketName,
        region: this.region,
        acl: "private",
        versioning: { enabled: true },
        forceDestroy: false,
        lifecycleRules: Object.entries(expire ?? {}).map(([prefix, days]) => ({
          id: `expire-${prefix.replace(/\/$/, "")}`,
          enabled: true,
          prefix,
          expiration: { days },
          noncurrentVersionExpiration: { days },
          abortIncompleteMultipartUploadDays: 7,
        })),
      },
      { parent: this, protect: site.production, retainOnDelete: site.production, replaceOnChanges: ["name"] },
    );
    site.addToProject(name, bucket.bucketUrn, this);
    return bucket;
  }
}

function spacesEndpoint(region: string): string {
  return `https://${region}.digitaloceanspaces.com`;
}
