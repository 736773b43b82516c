/** Envoy Gateway in a cluster, installed by Helm from its own chart with the values that the program gives it. */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { addonNamespaces } from "../../catalogue/kubernetes.ts";
import { envoyGatewayValues, envoyGatewayVersion } from "../../components/addons/envoy-gateway.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { gatewayImage } from "../node/own-images.ts";
import { moduleFolder, tool } from "../tools.ts";

/**
 * Installs it in a cluster that has its kinds, and waits until it is ready.
 *
 * @param folder for a copy of the chart
 * @throws {Error} with what Helm says, if it is not ready in five minutes
 */
export async function installEnvoyGateway({ client, kubeconfig }: ControlPlane, folder: string): Promise<void> {
  const namespace = addonNamespaces.envoyGateway;
  // As the program labels it.
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } }, "sandbox");
  const chart = envoyGatewayChart(folder);
  const values = join(folder, "envoy-gateway.json");
  writeFileSync(values, JSON.stringify(envoyGatewayValues(undefined, false)));
  const options = [
    "--namespace",
    namespace,
    "--values",
    values,
    "--kubeconfig",
    kubeconfig,
    "--wait",
    "--timeout",
    "5m",
  ];
  await promisify(execFile)(tool("helm"), ["upgrade", "--install", "envoy-gateway", chart, ...options]);
}

/** Folder of the chart as it is published, made from its Go module. */
export function envoyGatewayChart(folder: string): string {
  return published(folder, "gateway-helm");
}

/** Folder of the chart of its kinds. */
export function kindsChart(folder: string): string {
  return published(folder, "gateway-crds-helm");
}

/** In the module, a chart has no version, and a template may stand for its values. */
function published(folder: string, name: string): string {
  const chart = join(folder, name);
  const source = join(moduleFolder(`github.com/envoyproxy/gateway@v${envoyGatewayVersion}`), "charts", name);
  rmSync(chart, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(source, chart, { recursive: true, mode: 0 });
  const rewrite = (from: string, to: string, change: (text: string) => string) => {
    const text = readFileSync(join(source, from), "utf8");
    rmSync(join(chart, from));
    writeFileSync(join(chart, to), change(text));
  };
  rewrite("Chart.yaml", "Chart.yaml", (text) => text.replace("v0.0.0-latest", envoyGatewayVersion));
  if (existsSync(join(source, "values.tmpl.yaml")))
    rewrite("values.tmpl.yaml", "values.yaml", (text) =>
      text.replace("${GatewayImage}", gatewayImage).replace("${GatewayImagePullPolicy}", "IfNotPresent"),
    );
  return chart;
}
