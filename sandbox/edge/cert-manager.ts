/**
 * cert-manager in a cluster, with what its own chart makes of the values that the program gives it. Its webhook and what
 * injects that one's certificate are left out: the sandbox has its controllers alone, as a program that it builds itself.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { addonNamespaces } from "../../catalogue/kubernetes.ts";
import { certManagerValues } from "../../components/addons/cert-manager.ts";
import { available, type ApiObject } from "../control-plane/client.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { tool } from "../tools.ts";
import { addonNamespace, publishedChart } from "./charts.ts";

const leftOut = ["webhook", "cainjector", "startupapicheck"];

/**
 * Installs it in a cluster that has its kinds, and waits until it is ready.
 *
 * @param folder for a copy of the chart
 * @throws {Error} if it is not ready in three minutes
 */
export async function installCertManager({ client, kubeconfig }: ControlPlane, folder: string): Promise<void> {
  const namespace = addonNamespaces.certManager;
  await client.apply(addonNamespace(namespace), "sandbox");
  const place = ["--namespace", namespace, "--kubeconfig", kubeconfig, "--validate"];
  const objects = (await rendered(publishedChart("cert-manager", folder), place)).filter(
    ({ metadata }) => !leftOut.includes(metadata.labels?.["app.kubernetes.io/component"] ?? ""),
  );
  await Promise.all(objects.map((object) => client.apply(object, "sandbox")));
  for (const deployment of objects.filter(({ kind }) => kind === "Deployment")) await available(client, deployment);
}

/** What Helm makes of the chart for the cluster, whose version and kinds it asks for. */
async function rendered(chart: string, place: readonly string[]): Promise<ApiObject[]> {
  const options = { gateways: true, monitoring: undefined, nodeSelector: undefined, production: false };
  const words = ["template", "cert-manager", chart, "--values", "-", ...place];
  const running = promisify(execFile)(tool("helm"), words, { maxBuffer: 1 << 26 });
  running.child.stdin?.end(JSON.stringify({ ...certManagerValues(options), crds: { enabled: false } }));
  const objects = parseAllDocuments((await running).stdout).map((document) => document.toJS() as ApiObject | null);
  return objects.filter((object) => object !== null);
}
