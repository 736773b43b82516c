/** Add-ons that a cluster has already: a second one of the same kind would fight with it. */
import { kindOf } from "../../graph/resource.ts";
import type { Agree } from "./suggestion.ts";

/** What tells that an add-on is there: a kind that it brings, or an API that it serves. */
const signs: Readonly<Record<string, readonly [kind: "CustomResourceDefinition" | "APIService", name: string]>> = {
  certManager: ["CustomResourceDefinition", "certificates.cert-manager.io"],
  envoyGateway: ["CustomResourceDefinition", "envoyproxies.gateway.envoyproxy.io"],
  prometheus: ["CustomResourceDefinition", "prometheuses.monitoring.coreos.com"],
  metricsServer: ["APIService", "v1beta1.metrics.k8s.io"],
};

const versions = {
  CustomResourceDefinition: "apiextensions.k8s.io/v1",
  APIService: "apiregistration.k8s.io/v1",
} as const;

/** Add-ons that the program would install though the cluster has them. */
export const addons: Agree = async (seen) => {
  const releases = seen.resources.filter((one) => ["Release", "Chart"].includes(kindOf(one)));
  if (releases.length === 0) return [];
  const found = Object.entries(signs).map(async ([addon, [kind, name]]) => {
    const objects = (await seen.ground.cluster?.objects(versions[kind], kind)) ?? [];
    const isInstalled = releases.some((one) => one.name.includes(dashed(addon)));
    if (!isInstalled || !objects.some(({ metadata }) => metadata.name === name)) return [];
    return [{ path: `platform.addons.${addon}`, value: "existing", why: `the cluster has ${name}` }];
  });
  return (await Promise.all(found)).flat();
};

/** The end of a release's name in Pulumi: `cert-manager` for `certManager`. */
function dashed(addon: string): string {
  return addon.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
