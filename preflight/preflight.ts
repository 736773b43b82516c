import * as pulumi from "@pulumi/pulumi";
import { PreflightError } from "../settings/reading/error.ts";
import { project } from "../settings/reading/keys.ts";
import type { Settings } from "../settings/index.ts";
import { systemNames } from "../systems/settings.ts";
import { DigitalOceanApi } from "./api.ts";
import { checkSurroundings } from "./checks.ts";
import { doksClusters, meant } from "./existing.ts";
import { refuseMissingImages } from "./images/refuse.ts";
import { refuseOrphans } from "./orphans.ts";
import { checkRetirement, standings } from "./retirement.ts";

/**
 * Checks what is around the stack before the program registers a resource, and has the engine look for orphans and images
 * before it creates what would clash with them or wait for them.
 *
 * @returns the settings, with the name of a cluster of which they have the id: the provider looks it up by that
 * @throws {PreflightError} with all problems
 */
export async function preflight<S extends Settings>(settings: S): Promise<S> {
  const { platform, facts, digitaloceanToken: token } = settings;
  if (token !== undefined) pulumi.runtime.registerStackTransformation(refuseOrphans(token));
  const plain = token === undefined ? undefined : await valueOf(token);
  const passwords = await registryPasswords(settings);
  pulumi.runtime.registerStackTransformation(
    refuseMissingImages({ platform, facts }, { token: plain, password: (key) => passwords.get(key) }),
  );
  const problems = [
    ...(await checkRetirement(await standings(systemNames), facts)),
    ...(await checkSurroundings(pulumi.getStack(), platform, plain, facts)),
  ];
  if (problems.length > 0) throw new PreflightError(pulumi.getStack(), problems);
  const { cluster } = platform;
  if (cluster.source !== "existing" || cluster.id === undefined || plain === undefined) return settings;
  const name = meant(cluster, await doksClusters(new DigitalOceanApi(plain)))?.name;
  return name === undefined ? settings : { ...settings, platform: { ...platform, cluster: { ...cluster, name } } };
}

/** Passwords of the systems' registries, by the key of their settings. */
async function registryPasswords({ systems }: Settings): Promise<Map<string, string>> {
  const found = Object.entries(systems).map(async ([name, on]): Promise<[string, string][]> => {
    const { registryPassword } = (on?.secrets ?? {}) as { registryPassword?: pulumi.Output<string> };
    return registryPassword === undefined ? [] : [[`${project}:${name}`, await valueOf(registryPassword)]];
  });
  return new Map((await Promise.all(found)).flat());
}

/** Waits for the value of an output. */
function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => {
      resolve(value);
    });
  });
}
