import * as pulumi from "@pulumi/pulumi";
import { PreflightError } from "../settings/reading/error.ts";
import type { Settings } from "../settings/index.ts";
import { DigitalOceanApi } from "./api.ts";
import { checkSurroundings } from "./checks.ts";
import { doksClusters, meant } from "./existing.ts";
import { refuseOrphans } from "./orphans.ts";

/**
 * Checks what is around the stack before the program registers a resource, and has the engine look for orphans before
 * it creates one.
 *
 * @returns the settings, with the name of a cluster of which they have the id: the provider looks it up by that
 * @throws {PreflightError} with all problems
 */
export async function preflight<S extends Settings>(settings: S): Promise<S> {
  const { platform, facts, digitaloceanToken: token } = settings;
  if (token !== undefined) pulumi.runtime.registerStackTransformation(refuseOrphans(token));
  const plain = token === undefined ? undefined : await new Promise<string>((resolve) => void token.apply(resolve));
  const problems = await checkSurroundings(pulumi.getStack(), platform, plain, facts);
  if (problems.length > 0) throw new PreflightError(pulumi.getStack(), problems);
  const { cluster } = platform;
  if (cluster.source !== "existing" || cluster.id === undefined || plain === undefined) return settings;
  const name = meant(cluster, await doksClusters(new DigitalOceanApi(plain)))?.name;
  return name === undefined ? settings : { ...settings, platform: { ...platform, cluster: { ...cluster, name } } };
}
