/** The Kubernetes objects in a stack's state, and the clusters that they are in. */
import { execFileSync } from "node:child_process";
import { parse } from "yaml";
import { launcher } from "../commands/engine.ts";
import { Explained } from "../commands/explained.ts";
import { inCluster, kubernetesObject, resourceOf, type Resource } from "../graph/resource.ts";
import { reachKubeconfig } from "../preflight/kubeconfig.ts";
import type { ClusterServer } from "../preflight/reach.ts";

/** A stack as the last update left it. Has secrets in clear text. */
export interface StackState {
  /** All resources, by URN. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** Objects in clusters. */
  readonly objects: readonly Resource[];
}

/** The state or a cluster could not be read. */
export class DriftError extends Explained {}

interface Exported {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  /** URN and id of its provider: `URN::id`. */
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Whether it is to be deleted, and another one has taken its place. */
  readonly delete?: boolean;
}

/**
 * Reads a stack's state.
 *
 * @throws {DriftError} if Pulumi does not show it
 */
export function readState(stack: string): StackState {
  let text: string;
  try {
    text = execFileSync(launcher, ["stack", "export", "--show-secrets", "--stack", stack], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    throw new DriftError(`the state of ${stack} cannot be read: ${stderr.trim().split("\n")[0] ?? ""}`);
  }
  return stateOf(text);
}

/**
 * The state in the text of `pulumi stack export`.
 *
 * @throws {DriftError} if it is none
 */
export function stateOf(text: string): StackState {
  let deployment: { readonly resources?: readonly Exported[] };
  try {
    ({ deployment } = JSON.parse(text) as { deployment: typeof deployment });
  } catch {
    throw new DriftError("the state is not what Pulumi exports");
  }
  const all = (deployment.resources ?? []).filter((one) => one.delete !== true).map(resource);
  return {
    resources: new Map(all.map((one) => [one.urn, one])),
    objects: all.filter((one) => inCluster(one) && kubernetesObject(one) !== undefined),
  };
}

function resource({ urn, type, parent, provider, inputs = {} }: Exported): Resource {
  const name = urn.split("::").at(-1) ?? "";
  return resourceOf({
    ...{ urn, type, name, parent, provider: provider?.replace(/::[^:]*$/, "") },
    inputs: inClear(inputs) as Resource["inputs"],
  });
}

/** Key that marks a secret in a state. Source: sdk/go/common/resource/sig, which says `4dabf…` and for secrets `1b470…`. */
const signature = "4dabf18193072939515e22adb298388d";

/** A value with its secrets in clear text. */
function inClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inClear);
  if (typeof value !== "object" || value === null) return value;
  if (signature in value && "plaintext" in value) return inClear(JSON.parse(String(value.plaintext)));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inClear(one)]));
}

/**
 * The cluster of a provider in the state, reached as the provider reaches it.
 *
 * @throws {DriftError} if there is none, or it does not answer
 */
export async function clusterOf(provider: Resource | undefined): Promise<ClusterServer> {
  const { kubeconfig, context } = provider?.inputs ?? {};
  if (typeof kubeconfig === "string" && kubeconfig.includes("clusters:")) return ownServer(kubeconfig);
  const found = await reachKubeconfig("platform.cluster", {
    ...(typeof kubeconfig === "string" ? { path: kubeconfig } : {}),
    ...(typeof context === "string" ? { context } : {}),
  });
  if (Array.isArray(found)) throw new DriftError(`the cluster ${found[0]?.problem ?? "cannot be reached"}`);
  return found;
}

/** The server of a kubeconfig that this program has written (`components/cluster/kubeconfig.ts`). */
function ownServer(text: string): ClusterServer {
  const { clusters, users } = parse(text) as {
    clusters: readonly { cluster: { server: string; "certificate-authority-data": string } }[];
    users: readonly { user: { token?: string } }[];
  };
  const [{ cluster } = { cluster: undefined }] = clusters;
  if (cluster === undefined) throw new DriftError("the state's kubeconfig has no cluster");
  const ca = Buffer.from(cluster["certificate-authority-data"], "base64").toString();
  return { server: cluster.server, ca, token: users[0]?.user.token };
}
