/** The dumps in a bucket, asked of Spaces by the provider, with the stack's own Spaces key. */
import * as digitalocean from "@pulumi/digitalocean";

/** More than a bucket has of dumps: the provider asks for so many at most. */
const mostKeys = 100_000;

/**
 * Keys of all dumps in a bucket, and of their checksums: `pg-backups/<database>/<database>_<date>_<time>.pgdump.sha256`.
 *
 * @throws {Error} if Spaces does not answer, or the bucket is not there
 */
export async function dumpsIn({ name, region }: { readonly name: string; readonly region: string }): Promise<string[]> {
  const { keys } = await digitalocean.getSpacesBucketObjects({
    ...{ bucket: name, region, prefix: "pg-backups/", maxKeys: mostKeys },
  });
  return keys;
}
