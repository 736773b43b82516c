/** Charts as they are published, made from the Go modules of what they install. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { certManagerVersion } from "../../components/addons/cert-manager.ts";
import { envoyGatewayVersion } from "../../components/addons/envoy-gateway.ts";
import { gatewayImage } from "../node/own-images.ts";
import type { ApiObject } from "../control-plane/client.ts";
import { moduleFolder } from "../tools.ts";

/** Where each is, by its name. */
const sources = {
  "gateway-helm": envoyGateway("gateway-helm"),
  "gateway-crds-helm": envoyGateway("gateway-crds-helm"),
  "cert-manager": {
    module: `github.com/cert-manager/cert-manager@${certManagerVersion}`,
    path: "deploy/charts/cert-manager",
    version: certManagerVersion,
  },
};
export type ChartName = keyof typeof sources;

function envoyGateway(name: string) {
  const module = `github.com/envoyproxy/gateway@v${envoyGatewayVersion}`;
  return { module, path: `charts/${name}`, version: envoyGatewayVersion };
}

/** Whether a chart is in a Go module. */
export function isInModule(name: string): name is ChartName {
  return name in sources;
}

/**
 * Makes a chart. In its module it has no version, and a template may stand for its values.
 *
 * @param folder for it
 * @returns the chart's own folder
 */
export function publishedChart(name: ChartName, folder: string): string {
  const { module, path, version } = sources[name];
  const chart = join(folder, name);
  const source = join(moduleFolder(module), path);
  rmSync(chart, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(source, chart, { recursive: true, mode: 0 });
  const rewrite = (from: string, to: string, change: (text: string) => string) => {
    const text = readFileSync(join(source, from), "utf8");
    rmSync(join(chart, from));
    writeFileSync(join(chart, to), change(text));
  };
  rewrite("Chart.yaml", "Chart.yaml", (text) =>
    text
      .replace(/^version: .*$/m, `version: ${version}`)
      .replace(/^appVersion: .*$/m, `appVersion: v${version.replace(/^v/, "")}`),
  );
  if (existsSync(join(source, "values.tmpl.yaml")))
    rewrite("values.tmpl.yaml", "values.yaml", (text) =>
      text.replace("${GatewayImage}", gatewayImage).replace("${GatewayImagePullPolicy}", "IfNotPresent"),
    );
  return chart;
}

/** The namespace of an add-on, with the program's labels. */
export function addonNamespace(name: string): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  };
}
