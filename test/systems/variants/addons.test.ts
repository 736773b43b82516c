/** The kinds that no committed stack uses: each has the same face and keeps the same promises. Add-ons and monitoring. */
import { describe, expect, it } from "vitest";
import type { Loose, RenderedStack } from "../../support/stack.ts";
import { bowmark, platform } from "./support.ts";

describe("add-ons", () => {
  it("are installed from pinned charts, or from a mirror, or not at all", async () => {
    const charts = (one: RenderedStack) =>
      Object.fromEntries(
        [...one.all("Chart"), ...one.all("Release")].map(({ name, inputs }) => [
          inputs["name"] ?? name,
          inputs["chart"],
        ]),
      );
    expect(charts(await bowmark("prod"))).toEqual({
      "platform-addons-gateway-kinds": "oci://docker.io/envoyproxy/gateway-crds-helm",
      "envoy-gateway": "oci://docker.io/envoyproxy/gateway-helm",
      "cert-manager": "oci://quay.io/jetstack/charts/cert-manager",
      "metrics-server": "metrics-server",
      "prometheus-operator-crds": "prometheus-operator-crds",
      prometheus: "kube-prometheus-stack",
    });
    const mirrored = await bowmark("prod", {
      [platform]: { addons: { chartMirror: "oci://mirror.example.com/charts" } },
    });
    expect(charts(mirrored)).toMatchObject({
      "platform-addons-gateway-kinds": "oci://mirror.example.com/charts/gateway-crds-helm",
      "cert-manager": "oci://mirror.example.com/charts/cert-manager",
    });
    const existing = {
      envoyGateway: "existing",
      certManager: "existing",
      metricsServer: "none",
      prometheus: "existing",
    };
    const used = await bowmark("prod", { [platform]: { addons: existing } });
    expect(charts(used)).toEqual({});
    expect(used.names("Gateway")).toEqual(["edge"]);
  });

  it("wait for each other: charts after their kinds, cert-manager after the routes' kinds, gateway after all", async () => {
    const prod = await bowmark("prod");
    const before = (kind: string, name: string) => prod.waitsFor(prod.one(kind, name)).map((resource) => resource.name);
    expect(before("Release", "envoy-gateway")).toContain("platform-addons-gateway-kinds");
    expect(before("Release", "prometheus")).toContain("platform-addons-prometheus-kinds");
    expect(before("Release", "cert-manager")).toContain("platform-addons-gateway-kinds");
    for (const kind of ["GatewayClass", "Gateway"])
      expect(before(kind, "edge")).toEqual(
        expect.arrayContaining(["platform-addons-gateway-kinds", "platform-addons-envoy-gateway"]),
      );
    expect(before("ClusterIssuer", "letsencrypt-prod")).toContain("platform-addons-cert-manager");
    expect(before("HTTPRoute", "ingress-service-paving")).toContain("platform-edge-gateway");
  });

  it("bring Gateway API's kinds over those of DOKS, at the controller's version, and no other object is taken over", async () => {
    const prod = await bowmark("prod");
    const [kinds, controller] = [
      prod.one("Chart", "platform-addons-gateway-kinds").inputs,
      prod.one("Release", "envoy-gateway").inputs,
    ];
    expect(kinds.version).toBe(controller.version);
    // Only the standard channel goes over DOKS's kinds wherever their policy on upgrades is.
    expect(kinds.values).toEqual({
      crds: { gatewayAPI: { enabled: true, channel: "standard" }, envoyGateway: { enabled: true } },
    });
    expect(controller.values.crds).toEqual({ enabled: false });
    const takesOver = { upsertExistingObjects: "true", enablePatchForce: "true" };
    expect(prod.one("pulumi:providers:kubernetes", "platform-addons-adopter").inputs).toMatchObject(takesOver);
    expect(prod.one("pulumi:providers:kubernetes", "platform").inputs).not.toHaveProperty("upsertExistingObjects");
  });

  it("leave their kinds when they go, and every object of them", async () => {
    const prod = await bowmark("prod");
    expect(prod.one("Chart", "platform-addons-gateway-kinds").retainOnDelete).toBe(true);
    expect(prod.one("Release", "cert-manager").inputs.values.crds).toEqual({ enabled: true, keep: true });
    expect(prod.one("Release", "prometheus-operator-crds").inputs.values).toEqual({
      crds: { annotations: { "helm.sh/resource-policy": "keep" } },
    });
  });

  it("without an edge there is no route, certificate, record or load balancer", async () => {
    const none = { environment: "staging", edge: { kind: "none", acmeEmail: null } };
    const bare = await bowmark("prod", { [platform]: none });
    for (const kind of ["Gateway", "HTTPRoute", "Certificate", "DnsRecord", "ClusterIssuer"])
      expect(bare.all(kind)).toEqual([]);
  });
});

describe("monitoring", () => {
  const alertsOf = (rendered: RenderedStack, name: string): string[] =>
    rendered.object("PrometheusRule", name).spec.groups[0].rules.map(({ alert }: Loose) => alert);

  it("has the alerts of every system, of its pools, and of its certificates", async () => {
    const prod = await bowmark("prod");
    expect(alertsOf(prod, "bow-mark-alerts")).toEqual([
      "PodNotReady",
      "PodRestarting",
      "VolumeFillingUp",
      "BackupStale",
      "BackupFailed",
      "CertificateExpiring",
    ]);
    expect(alertsOf(prod, "node-pools")).toEqual(Object.keys(prodPools(prod)).map(() => "PoolAtMaximum"));
  });

  it("of a Prometheus that the cluster has: the same rules and dashboards, in its namespace, and no chart", async () => {
    const [installed, existing] = [
      await bowmark("prod"),
      await bowmark("prod", { [platform]: { addons: { prometheus: "existing" } } }),
    ];
    for (const kind of ["PrometheusRule", "ServiceMonitor"])
      expect(existing.names(kind)).toEqual(installed.names(kind));
    expect(existing.names("Release")).not.toContain("prometheus");
    expect(existing.object("ConfigMap", "bow-mark-dashboard").metadata.labels).toMatchObject({
      grafana_dashboard: "1",
    });
  });

  it("off: nothing of it anywhere", async () => {
    const off = await bowmark("prod", { [platform]: { addons: { prometheus: "none" }, monitoring: null } });
    expect([...off.names("PrometheusRule"), ...off.names("ServiceMonitor")]).toEqual([]);
    expect(off.names("ConfigMap")).not.toContain("bow-mark-dashboard");
    const visitors = off.objects().filter(({ metadata }) => metadata.name.endsWith("prometheus"));
    expect(visitors).toEqual([]);
  });
});

it("a chart of the stack's own is installed at its version", async () => {
  const keda = { chart: "keda", repository: "https://charts.example.com", version: "2.19.0", namespace: "keda" };
  const rendered = await bowmark("prod", { [platform]: { addons: { charts: { keda } } } });
  expect(rendered.one("Release", "keda").inputs).toMatchObject({
    chart: "keda",
    version: "2.19.0",
    namespace: "keda",
    repositoryOpts: { repo: "https://charts.example.com" },
  });
});

function prodPools(rendered: RenderedStack): object {
  return Object.fromEntries(rendered.names("KubernetesNodePool").map((name) => [name, true]));
}
