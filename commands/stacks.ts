/** The stacks of the project, by their files. */
import { readdirSync } from "node:fs";
import { UsageError } from "./failures.ts";
import { didYouMean } from "./meant.ts";

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
    `there is no stack ${name}, as there is no Pulumi.${name}.yaml.${didYouMean(name, known)} There are: ${list}`,
  );
}
