/** Whether a Kubernetes API server answers. */
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { shown, type Problem } from "../settings/error.ts";
import type { ClusterSetting } from "../settings/platform.ts";

/** What came back: an HTTP status, or 0 and why there was none. */
export interface Reached {
  readonly status: number;
  readonly error: string;
}

/** Asks for the version, which every server tells whoever it knows. Without an authority only that something answers counts. */
export function reach(to: {
  server: string;
  ca?: string | undefined;
  token?: string | undefined;
  /** @default 10 */
  seconds?: number;
}): Promise<Reached> {
  const { server, ca, token, seconds = 10 } = to;
  return new Promise((resolve) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const options = { ca, rejectUnauthorized: ca !== undefined, headers, timeout: seconds * 1000 };
    const sent = request(`${server}/version`, options, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, error: "" });
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${seconds} s`)));
    sent.on("error", (error) => {
      resolve({ status: 0, error: error.message });
    });
    sent.end();
  });
}

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: { readonly name: string; readonly context: { readonly cluster: string } }[];
  readonly clusters?: { readonly name: string; readonly cluster: { readonly server: string } }[];
}

/** The server of a kubeconfig's context; who may do what there is for the engine to find out. */
export async function reachKubeconfig(
  path: string,
  { path: given, context }: Extract<ClusterSetting, { source: "kubeconfig" }>,
): Promise<Problem[]> {
  const [first] = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((one) => one !== "");
  const file = given ?? first ?? join(homedir(), ".kube", "config");
  const wrong = (problem: string, fix: string): Problem[] => [
    { path: `${path}.context`, value: shown(context), problem, fix },
  ];
  let config: Kubeconfig;
  try {
    config = parse(readFileSync(file, "utf8")) as Kubeconfig;
  } catch {
    return wrong(`needs a kubeconfig, and ${file} cannot be read`, "start a cluster, and set KUBECONFIG to its file");
  }
  const name = context ?? config["current-context"];
  const chosen = config.contexts?.find((one) => one.name === name)?.context.cluster;
  const server = config.clusters?.find((one) => one.name === chosen)?.cluster.server;
  if (server === undefined) {
    const names = (config.contexts ?? []).map((one) => one.name).join(", ");
    return wrong(`is not a context of ${file}`, `use one of ${names || "its contexts, once there are some"}`);
  }
  const { status, error } = await reach({ server });
  return status === 0 ? wrong(`leads to ${server}, which does not answer (${error})`, "start the cluster") : [];
}
