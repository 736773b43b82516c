import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import { portOf } from "../../catalogue/addresses.ts";
import type { BucketSetting } from "../../settings/slices/data-services.ts";
import { outside, type Outside } from "../connections/destinations.ts";
import type { Site } from "../site/site.ts";

export interface BucketArgs extends ComponentArgs {
  readonly site: Site;
  readonly setting: BucketSetting;
  /** Key of a bucket that exists already. */
  readonly existingKey: { key: pulumi.Output<string>; secret: pulumi.Output<string> } | undefined;
  /** Prefixes whose objects expire, with the days until they do; nothing else ever does. */
  readonly expire?: Readonly<Record<string, number>>;
}

/**
 * A private Spaces bucket with versioning, and a key that opens it and nothing else. Or a bucket that exists already.
 *
 * Kept when its resource goes, and never emptied by the program. A new name is a new bucket: the provider would otherwise
 * point its state at a bucket that does not exist. Spaces costs 5 $ a month for all buckets of a team together.
 */
export class Bucket extends Component {
  readonly bucketName: pulumi.Output<string>;
  readonly region: string;
  /** Endpoint without the bucket: `https://nyc3.digitaloceanspaces.com`. */
  readonly endpoint: string;
  /** What its users connect to. */
  readonly destination: Outside;
  readonly accessKey: pulumi.Output<string>;
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
    site.adopt(name, bucket.bucketUrn, this);
    return bucket;
  }
}

function spacesEndpoint(region: string): string {
  return `https://${region}.digitaloceanspaces.com`;
}
