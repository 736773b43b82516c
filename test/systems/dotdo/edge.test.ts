/** dotdo's acceptance lines: the public host. */
import { describe, expect, it } from "vitest";
import { hides } from "../../support/servers/routes.ts";
import type { Loose } from "../../support/stack.ts";
import { dotdo, key, platform, prod, standard, fly, route } from "./support.ts";

describe("public host", () => {
  it("dotdo 11: the route is there by default, and not with profile fly or ingress off", async () => {
    expect(route().hostnames).toEqual(["do.example.com"]);
    const off = await dotdo("prod", { [key]: { ingress: false } });
    for (const one of [fly, off]) {
      expect(one.all("HTTPRoute")).toEqual([]);
      expect(one.all("Certificate")).toEqual([]);
    }
  });

  const rule = (name: string): Loose => route().rules.find((one: Loose) => one.name === name);
  const hash = (section: string): Loose => {
    const policies = standard.all("BackendTrafficPolicy").map(({ inputs }) => (inputs as Loose).spec);
    return policies.find((spec) => spec.targetRefs[0].sectionName === section).loadBalancer;
  };

  it("dotdo 12: requests with the same X-DO-ID go to the same pod, whatever their path", () => {
    for (const section of ["dotdo-keyed", "dotdo-websocket-keyed"]) {
      expect(rule(section).matches[0].headers).toContainEqual({
        type: "RegularExpression",
        name: "X-DO-ID",
        value: ".+",
      });
      expect(hash(section)).toEqual({
        type: "ConsistentHash",
        consistentHash: { type: "Headers", headers: [{ name: "X-DO-ID" }] },
      });
    }
  });

  it("dotdo 13: requests without the header go by their URI", () => {
    expect(rule("dotdo").matches[0]).toEqual({ path: { type: "PathPrefix", value: "/" } });
    for (const section of ["dotdo", "dotdo-websocket"]) {
      expect(hash(section).consistentHash.headers).toEqual([{ name: ":path" }]);
    }
  });

  it("dotdo 12: as a classic Ingress by the header alone, because the controller's map is not ours", async () => {
    const nginx = await dotdo("prod", { [platform]: { edge: { kind: "ingress" } } });
    const { annotations } = nginx.object("Ingress", "dotdo").metadata;
    expect(annotations).toMatchObject({
      "nginx.ingress.kubernetes.io/upstream-hash-by": "$http_x_do_id",
      "nginx.ingress.kubernetes.io/proxy-body-size": "100m",
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
      "cert-manager.io/cluster-issuer": "letsencrypt-prod",
    });
    // 14
    const names = nginx.all("Ingress").flatMap(({ inputs }) => Object.keys((inputs as Loose).metadata.annotations));
    for (const name of names) expect(name).not.toMatch(/affinity|service-upstream/);
  });

  it("dotdo 14: nothing sets cookie affinity or takes balancing from the proxy", () => {
    const policies = JSON.stringify(standard.all("BackendTrafficPolicy").map(({ inputs }) => inputs));
    expect(policies).not.toContain("Cookie");
    expect(standard.object("Service", "dotdo").spec).not.toHaveProperty("sessionAffinity");
  });

  it("dotdo 26: /metrics is answered with not found before it reaches a pod", () => {
    const hidden = rule("hidden-metrics");
    for (const path of ["/metrics", "/METRICS", "//metrics", "/metrics/x"]) {
      expect(hides({ spec: route() }, path), path).toBe(true);
    }
    for (const path of ["/metricsx", "/v1/metrics"]) expect(hides({ spec: route() }, path), path).toBe(false);
    expect(hidden.filters[0].extensionRef.name).toBe("dotdo-not-found");
    expect(hidden).not.toHaveProperty("backendRefs");
    expect(standard.object("HTTPRouteFilter", "dotdo-not-found").spec.directResponse.statusCode).toBe(404);
  });

  it("dotdo: bodies are limited by profile, and sockets live as long as they are used", () => {
    const limit = (one: typeof prod) => one.object("BackendTrafficPolicy", "dotdo").spec.requestBuffer.limit;
    expect([limit(standard), limit(prod)]).toEqual(["50Mi", "100Mi"]);
    expect(rule("dotdo-websocket").timeouts.request).toBe("0s");
    expect(rule("dotdo").timeouts.request).toBe("3600s");
  });
});
