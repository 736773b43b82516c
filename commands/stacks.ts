/** The stacks of the project, by their files. */
import { readdirSync } from "node:fs";
import { mostAlike, nearest } from "../settings/reading/nearest.ts";
import { UsageError } from "./failures.ts";

/** Names of the stacks that have a stack file in a folder, in the order of the alphabet. */
export function stackNames(folder = "."): string[] {
  return readdirSync(folder)
    .flatMap((name) => /^Pulumi\.([^.].*)\.ya?ml$/.exec(name)?.[1] ?? [])
    .toSorted();
}

/**
 * Refuses a stack that has no file.
 *
 * @param stack name, or organization, project and name as Pulumi takes them: `acme/doks-systems/prod`
 * @throws {UsageError} that names the stack which was probably meant, and all that there are
 */
export function checkStack(stack: string, folder = "."): void {
  const name = stack.split("/").at(-1) ?? stack;
  const known = stackNames(folder);
  if (known.includes(name)) return;
  const list = known.length === 0 ? "no stack file at all" : known.join(", ");
  throw new UsageError(
    `there is no stack ${name}, as there is no Pulumi.${name}.yaml. ${didYouMean(name, known)}There are: ${list}`,
  );
}

/** `Did you mean prod? `, or nothing if no known name is like the given one. */
function didYouMean(name: string, known: readonly string[]): string {
  // Stacks have short names: of `prd` or `stage` more than a third of the letters may be wrong.
  const near = nearest(name, known) ?? mostAlike(name, known).find((one) => begins(one, name) || begins(name, one));
  return near === undefined ? "" : `Did you mean ${near}? `;
}

function begins(one: string, other: string): boolean {
  return other.length >= 3 && one.startsWith(other.slice(0, 3));
}
