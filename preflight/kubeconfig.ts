/**
 * Reads address and credentials of a cluster from a kubeconfig, for checks before an update. Kubernetes' client library for
 * JavaScript could do so too, but depends on sixty packages.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { shown, type Problem } from "../settings/reading/error.ts";
import type { ClusterSetting } from "../settings/platform.ts";
import { reach, type ClusterServer } from "./reach.ts";

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user?: string };
  }[];
  readonly clusters?: { readonly name: string; readonly cluster: Entry & { readonly server: string } }[];
  readonly users?: { readonly name: string; readonly user?: Entry & { readonly exec?: Plugin } }[];
}
/**
 * A cluster or user in a kubeconfig. It has a certificate or key either as the path of a file, or in base64 as
 * `<key>-data`.
 */
type Entry = Readonly<Record<string, unknown>>;
interface Plugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

/**
 * The API server of a context, with the user's credentials for it; or a problem, if the file cannot be read, has no
 * such context, or the server does not answer. Whether the credentials are valid is not checked.
 *
 * @param path of the setting, for the problem
 */
export async function reachKubeconfig(
  path: string,
  { path: given, context }: Pick<Extract<ClusterSetting, { source: "kubeconfig" }>, "path" | "context">,
): Promise<ClusterServer | Problem[]> {
  const [first] = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((one) => one !== "");
  const file = given ?? first ?? join(homedir(), ".kube", "config");
  const problemWith = (problem: string, fix: string): Problem[] => [
    { path: `${path}.context`, value: shown(context), problem, fix },
  ];
  let config: Kubeconfig;
  try {
    config = parse(readFileSync(file, "utf8")) as Kubeconfig;
  } catch {
    return problemWith(
      `needs a kubeconfig, and ${file} cannot be read`,
      "start a cluster, and set KUBECONFIG to its file",
    );
  }
  const name = context ?? config["current-context"];
  const chosen = config.contexts?.find((one) => one.name === name)?.context;
  const cluster = config.clusters?.find((one) => one.name === chosen?.cluster)?.cluster;
  if (cluster === undefined) {
    const names = (config.contexts ?? []).map((one) => one.name).join(", ");
    return problemWith(`is not a context of ${file}`, `use one of ${names || "its contexts, once there are some"}`);
  }
  const { server } = cluster;
  const { status, error } = await reach({ server });
  if (status === 0) return problemWith(`leads to ${server}, which does not answer (${error})`, "start the cluster");
  const user = config.users?.find((one) => one.name === chosen?.user)?.user ?? {};
  return {
    server,
    ca: entry(cluster, "certificate-authority", file),
    insecure: cluster["insecure-skip-tls-verify"] === true,
    ...(user.exec === undefined
      ? {
          token: typeof user["token"] === "string" ? user["token"] : undefined,
          cert: entry(user, "client-certificate", file),
          key: entry(user, "client-key", file),
        }
      : credential(user.exec)),
  };
}

function entry(from: Entry, key: string, file: string): string | undefined {
  const data = from[`${key}-data`];
  if (typeof data === "string") return Buffer.from(data, "base64").toString();
  const path = from[key];
  if (typeof path !== "string") return undefined;
  try {
    return readFileSync(resolve(dirname(file), path), "utf8");
  } catch {
    return undefined;
  }
}

/** Credentials from a plug-in (`exec`). None if it fails: requests are then anonymous. */
function credential({ apiVersion, command, args, env }: Plugin): Partial<ClusterServer> {
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  try {
    const text = execFileSync(command, [...(args ?? [])], {
      env: { ...process.env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      encoding: "utf8",
      timeout: 20_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { status } = JSON.parse(text) as {
      status?: { token?: string; clientCertificateData?: string; clientKeyData?: string };
    };
    return { token: status?.token, cert: status?.clientCertificateData, key: status?.clientKeyData };
  } catch {
    return {};
  }
}
