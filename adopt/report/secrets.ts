/** Commands that take passwords and keys over from a cluster into the stack's secrets, without showing any. */
import { setSecret } from "../../settings/reading/commands.ts";
import type { SystemFacts } from "../../settings/slices/facts.ts";
import type { Taken } from "../../settings/slices/taken.ts";
import type { ClusterReader } from "../ground/cluster.ts";

/** A value that is taken over. */
export interface TakenOver {
  /** Path below the stack's secrets: `bowmark.databasePassword`. */
  readonly setting: string;
  /** Where it is: `Secret postgres in bow-mark, key password`. */
  readonly from: string;
  /** The command, which prints nothing. */
  readonly command: string;
}

/** The values of a system that are in its namespace; where several Secrets have one, the first. */
export async function takenOver(
  stack: string,
  { taken, namespace }: SystemFacts,
  cluster: ClusterReader | undefined,
): Promise<TakenOver[]> {
  const secrets = (await cluster?.objects("v1", "Secret", namespace.name)) ?? [];
  const there = taken.filter(({ secret, key }) => {
    const data = secrets.find(({ metadata }) => metadata.name === secret)?.["data"] as object | undefined;
    return data !== undefined && key in data;
  });
  const first = new Map(there.toReversed().map((one) => [one.setting, one]));
  return [...first.values()].toReversed().map((one) => ({
    setting: one.setting,
    from: `Secret ${one.secret} in ${namespace.name}, key ${one.key}${one.part === undefined ? "" : `: ${one.part}`}`,
    command: command(stack, one, namespace.name),
  }));
}

/** Where a URL is, its password alone, decoded. */
const passwordOfUrl = `node -e 'process.stdout.write(decodeURIComponent(new URL(require("fs").readFileSync(0, "utf8").trim()).password))'`;

function command(stack: string, { secret, key, setting, part }: Taken, namespace: string): string {
  const path = `{.data.${key.replaceAll(".", String.raw`\.`)}}`;
  return [
    `kubectl get secret ${secret} --namespace ${namespace} --output jsonpath='${path}'`,
    "base64 -d",
    ...(part === undefined ? [] : [passwordOfUrl]),
    setSecret(stack, `secrets.${setting}`),
  ].join(" | ");
}
