/** Envoy Gateway in a cluster, installed by Helm from its own chart with the values that the program gives it. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { addonNamespaces } from "../../catalogue/kubernetes.ts";
import { envoyGatewayValues } from "../../components/addons/envoy-gateway.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { tool } from "../tools.ts";
import { addonNamespace, publishedChart } from "./charts.ts";

/**
 * Installs it in a cluster that has its kinds, and waits until it is ready.
 *
 * @param folder for a copy of the chart
 * @throws {Error} with what Helm says, if it is not ready in five minutes
 */
export async function installEnvoyGateway({ client, kubeconfig }: ControlPlane, folder: string): Promise<void> {
  const namespace = addonNamespaces.envoyGateway;
  await client.apply(addonNamespace(namespace), "sandbox");
  const chart = publishedChart("gateway-helm", folder);
  const values = join(folder, "envoy-gateway.json");
  writeFileSync(values, JSON.stringify(envoyGatewayValues(undefined, false)));
  const place = ["--namespace", namespace, "--kubeconfig", kubeconfig, "--wait", "--timeout", "5m"];
  await promisify(execFile)(tool("helm"), [
    ...["upgrade", "--install", "envoy-gateway", chart, "--values", values],
    ...place,
  ]);
}
