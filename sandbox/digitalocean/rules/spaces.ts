/**
 * Requests on Spaces buckets and keys that DigitalOcean refuses. Sources: documentation, "Spaces Limits" (100 buckets,
 * 200 keys) and "How to create Spaces buckets" (names, unique in all of Spaces); API reference, "Create a New Spaces
 * Access Key".
 */
import type { Holdings } from "../resources.ts";
import { regionsWith } from "../../../catalogue/regions.ts";
import { Refusal, unprocessable } from "../answers.ts";

const bucketsPerTeam = 100;
const keysPerTeam = 200;

/** Why a bucket cannot be made; undefined if it can. */
export function bucketRefusal(
  { name, region }: { name: string; region: string },
  buckets: ReadonlySet<string>,
): Refusal | undefined {
  if (!regionsWith("spaces").includes(region)) return new Refusal(404, "NoSuchRegion", `${region} has no Spaces`);
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name))
    return new Refusal(400, "InvalidBucketName", `${name} is not a name of a bucket`);
  if (buckets.has(name)) return new Refusal(409, "BucketAlreadyExists", `${name} is taken`);
  return buckets.size < bucketsPerTeam
    ? undefined
    : new Refusal(400, "TooManyBuckets", `a team has at most ${bucketsPerTeam} buckets`);
}

export interface KeyRequest {
  readonly name: string;
  readonly grants: readonly { bucket: string; permission: string }[];
}

/**
 * Why a key cannot be made or changed; undefined if it can.
 *
 * @param keys number of other keys in the account
 */
export function keyRefusal(
  { name, grants }: KeyRequest,
  keys: number,
  { bucketExists }: Pick<Holdings, "bucketExists">,
): Refusal | undefined {
  if (name === "") return unprocessable("name is required");
  if (keys >= keysPerTeam) return unprocessable(`a team has at most ${keysPerTeam} keys`);
  const everything = grants.filter(({ permission }) => permission === "fullaccess");
  if (everything.length > 0 && everything.length < grants.length)
    return unprocessable("a fullaccess permission cannot be mixed with others");
  const missing = grants.find(({ bucket, permission }) => permission !== "fullaccess" && !bucketExists(bucket));
  return missing === undefined ? undefined : unprocessable(`bucket ${missing.bucket} does not exist`);
}
