/**
 * Pulumi's commands as errors print them, to be pasted as they are: with npx, which runs the version that this project
 * installs, and with the stack, because the one that is selected may be another.
 */

/** The command that stores a secret of this project, in quotes as its path may hold brackets. */
export function setSecret(stack: string, path: string): string {
  return `${setConfig(stack)} --secret --path '${path}'`;
}

/** The command that stores a secret of a provider: `digitalocean:token`. */
export function setProviderSecret(stack: string, key: string): string {
  return `${setConfig(stack)} --secret ${key}`;
}

function setConfig(stack: string): string {
  return `npx pulumi config set --stack ${stack}`;
}
