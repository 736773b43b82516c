/** dotdo's acceptance lines: mesh, monitoring and profiles. */
import { describe, expect, it } from "vitest";
import { noticesOf } from "../../../settings/notices.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { problems, type Loose } from "../../support/stack.ts";
import { dotdo, key, platform, prod, chart, standard, fly, pod, container, config, autoscaler } from "./support.ts";

describe("mesh, monitoring and profiles", () => {
  it("dotdo 23: pods ask for Linkerd; where it is missing the preview says what that means", async () => {
    expect(pod().metadata.annotations["linkerd.io/inject"]).toBe("enabled");
    expect(standard.rendering.notices.map(({ path }) => path)).toContain(`${key}.linkerd`);
    const level = (one: typeof prod): string =>
      one.object("kubernetes:core/v1:Namespace", "dotdo").metadata.labels["pod-security.kubernetes.io/enforce"];
    expect(level(standard)).toBe("restricted");
    const meshed = await dotdo("prod", { [platform]: { addons: { linkerd: "existing" } } });
    expect(meshed.rendering.notices.map(({ path }) => path)).not.toContain(`${key}.linkerd`);
    // Its init container sets up the pod's network.
    expect(level(meshed)).toBe("privileged");
    const { labels } = meshed.object("kubernetes:core/v1:Namespace", "dotdo").metadata;
    expect(labels["pod-security.kubernetes.io/warn"]).toBe("restricted");
    expect(JSON.stringify(meshed.object("NetworkPolicy", "dotdo").spec.egress)).toContain('"linkerd"');
    // This program installs none, so there is none to wait for.
    expect(problems("prod", { [platform]: { addons: { linkerd: "install" } } })[0]?.path).toBe(
      `${platform}.addons.linkerd`,
    );
  });

  it("dotdo 24: with Linkerd off there is no annotation of it", async () => {
    const off = await dotdo("prod", { [key]: { linkerd: false } });
    for (const one of [off, fly]) expect(JSON.stringify(one.all("Deployment"))).not.toContain("linkerd");
  });

  it("dotdo 25: asked for, the monitor reads /metrics every 30 s, in production 15 s, where the operator is", async () => {
    const interval = (one: typeof prod): Loose => one.object("ServiceMonitor", "dotdo").spec.endpoints[0];
    const scraped = await chart("default", { prometheus: {} });
    const inProduction = await dotdo("prod", { [key]: { prometheus: {} } });
    expect(interval(scraped)).toMatchObject({ port: "http", path: "/metrics", interval: "30s" });
    expect(interval(inProduction).interval).toBe("15s");
    const visit = "prometheus-to-dotdo";
    expect(scraped.object("NetworkPolicy", visit).spec.ingress[0].ports).toEqual([{ protocol: "TCP", port: 8787 }]);
    const withoutOperator = await dotdo("staging", { [key]: { prometheus: {} } });
    for (const one of [standard, prod, withoutOperator, await dotdo("prod", { [key]: { prometheus: false } })]) {
      expect(one.all("ServiceMonitor")).toEqual([]);
      expect(one.names("NetworkPolicy")).not.toContain(visit);
    }
    // The headless Service has the same port: its pods are read once.
    const selector = scraped.object("ServiceMonitor", "dotdo").spec.selector.matchLabels;
    const selected = scraped
      .all("Service")
      .filter(({ inputs }) =>
        Object.entries(selector).every(([label, value]) => (inputs as Loose).metadata.labels[label] === value),
      );
    expect(selected).toHaveLength(1);
  });

  it("dotdo 27: 8788 is for dotdo's pods alone", () => {
    const admitted = standard
      .all("NetworkPolicy")
      .map(({ inputs }) => inputs as Loose)
      .filter(({ metadata }) => metadata.namespace === "dotdo")
      .flatMap(({ spec }) => spec.ingress ?? [])
      .filter((rule: Loose) => rule.ports.some(({ port }: Loose) => port === 8788))
      .flatMap((rule: Loose) => rule.from);
    expect(admitted).toEqual([
      { podSelector: { matchLabels: { "app.kubernetes.io/name": "dotdo", "app.kubernetes.io/instance": "dotdo" } } },
    ]);
  });

  it("dotdo 33: profile fly has its registry, 50 pods at most, no ingress, no Linkerd, no Prometheus", () => {
    expect(container(fly).image).toBe("registry.fly.io/dotdo:0.9.1");
    expect(autoscaler(fly).maxReplicas).toBe(50);
    expect(fly.all("HTTPRoute")).toEqual([]);
    expect(fly.all("ServiceMonitor")).toEqual([]);
    expect(pod(fly).metadata.annotations).toMatchObject({
      "fly.io/regions": "iad,lax,fra,sin",
      "fly.io/machines": "true",
    });
    expect(Object.keys(pod(fly).metadata.annotations).filter((name) => /linkerd|prometheus/.test(name))).toEqual([]);
    expect(fly.object("Service", "dotdo").metadata.annotations["fly.io/internal"]).toBe("true");
    expect(config(fly)).toMatchObject({ FLY_REGION: "iad", FLY_APP_NAME: "dotdo" });
    expect(container(fly).resources).toEqual({
      requests: { cpu: "256m", memory: "1536Mi" },
      limits: { cpu: "2000m", memory: "2Gi" },
    });
  });

  it("dotdo 35: a pool that cannot hold the autoscaler's maximum is worth a word", () => {
    const path = `${key}.workloads.dotdo.autoscaling`;
    expect(prod.rendering.notices.map((notice) => notice.path)).not.toContain(path);
    const small = { [platform]: { pools: { general: { max: 6 } } } };
    const { platform: given, notices } = parseSettings("prod", readStackFile("prod", small));
    const notice = notices.find((one) => one.path === path);
    expect(notice?.text).toBe(
      "may grow to 90 pods, for which pool general would need 30 nodes of s-4vcpu-8gb; it stops at 6",
    );
    expect(noticesOf(given, {})).toEqual([]);
  });
});
