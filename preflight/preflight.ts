import * as pulumi from "@pulumi/pulumi";
import { PreflightError } from "../settings/reading/error.ts";
import type { Settings } from "../settings/index.ts";
import { checkSurroundings } from "./checks.ts";
import { refuseOrphans } from "./orphans.ts";

/**
 * Checks what is around the stack before the program registers a resource, and has the engine look for orphans before
 * it creates one.
 *
 * @throws {PreflightError} with all problems
 */
export async function preflight({ platform, facts, digitaloceanToken: token }: Settings): Promise<void> {
  if (token !== undefined) pulumi.runtime.registerStackTransformation(refuseOrphans(token));
  const plain = token === undefined ? undefined : await new Promise<string>((resolve) => void token.apply(resolve));
  const problems = await checkSurroundings(pulumi.getStack(), platform, plain, facts);
  if (problems.length > 0) throw new PreflightError(pulumi.getStack(), problems);
}
