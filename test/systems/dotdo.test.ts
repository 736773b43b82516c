/** dotdo's acceptance lines: the default profile, production's, and fly's. */
import { describe, expect, it } from "vitest";
import { noticesOf } from "../../settings/notices.ts";
import { parseSettings } from "../../settings/index.ts";
import { maskedResources } from "../../graph/masking.ts";
import { readStackFile } from "../../graph/render/configuration.ts";
import { restrictedViolations } from "../../policy/pod-security.ts";
import { hides } from "../support/servers/routes.ts";
import { alone, changes, env, problems, type Loose } from "../support/stack.ts";

const dotdo = alone("dotdo");
const key = "doks-systems:dotdo";
const platform = "doks-systems:platform";
const prod = await dotdo("prod");
/** What the chart has, without the stack file's own limit of the autoscaler. */
const chart = (profile: string, settings: object = {}, further: object = {}) =>
  dotdo("prod", { [key]: { profile, workloads: null, ...settings }, ...further });
/** The chart's defaults, on production's platform. */
const standard = await chart("default");
const fly = await chart("fly", { ingress: null });

const deployment = (one = standard): Loose => one.object("Deployment", "dotdo").spec;
const pod = (one = standard): Loose => deployment(one).template;
const container = (one = standard): Loose => pod(one).spec.containers[0];
const config = (one = standard): Record<string, string> => one.object("ConfigMap", "dotdo-config").data;
const route = (one = standard): Loose => one.object("HTTPRoute", "dotdo").spec;
const autoscaler = (one = standard): Loose => one.object("HorizontalPodAutoscaler", "dotdo").spec;

describe("objects", () => {
  it("dotdo 1: everything is in the configured namespace", async () => {
    const elsewhere = await dotdo("prod", { [key]: { namespace: { name: "durable" } } });
    for (const [one, namespace] of [
      [standard, "dotdo"],
      [elsewhere, "durable"],
    ] as const) {
      const placed = one.rendering.resources.filter(({ urn }) => urn.includes("doks-systems:dotdo:Dotdo$"));
      const namespaces = placed
        .map(({ inputs }) => (inputs["metadata"] as { namespace?: string } | undefined)?.namespace)
        .filter((given) => given !== undefined);
      expect(new Set(namespaces)).toEqual(new Set([namespace]));
    }
  });

  it("dotdo 2: pods carry their name, and the selector no version", () => {
    expect(pod().metadata.labels).toEqual({
      "app.kubernetes.io/name": "dotdo",
      "app.kubernetes.io/instance": "dotdo",
      "app.kubernetes.io/version": "0.9.1",
      "app.kubernetes.io/managed-by": "pulumi",
    });
    expect(Object.keys(deployment().selector.matchLabels).toSorted()).toEqual([
      "app.kubernetes.io/instance",
      "app.kubernetes.io/name",
    ]);
  });

  it("dotdo 3: replicas are the autoscaler's, or three without it", async () => {
    expect(deployment()).not.toHaveProperty("replicas");
    const fixed = (own: object) => dotdo("prod", { [key]: { profile: "default", workloads: { dotdo: own } } });
    const seven = await fixed({ autoscaling: null, replicas: 7 });
    expect(deployment(seven).replicas).toBe(7);
    expect(seven.all("HorizontalPodAutoscaler")).toEqual([]);
    expect(deployment(await fixed({ autoscaling: false })).replicas).toBe(3);
  });

  it("dotdo 4, 6 and 7: container and both Services have http 8787 and rpc 8788", () => {
    expect(container().ports).toEqual([
      { name: "http", containerPort: 8787 },
      { name: "rpc", containerPort: 8788 },
    ]);
    for (const name of ["dotdo", "dotdo-headless"]) {
      const { spec } = standard.object("Service", name);
      expect(spec.ports.map(({ name: port, port: number }: Loose) => [port, number])).toEqual([
        ["http", 8787],
        ["rpc", 8788],
      ]);
      expect(spec.clusterIP).toBe(name === "dotdo" ? undefined : "None");
    }
  });

  it("dotdo 5: the image is ghcr.io/dot-do/dotdo with a tag that does not move in production", () => {
    expect(container().image).toBe("ghcr.io/dot-do/dotdo:0.9.1");
    expect(problems("prod", { [key]: { image: { tag: "latest" } } })[0]?.path).toBe(`${key}.image.tag`);
  });

  it("dotdo 8: the autoscaler's range and CPU target are the profile's, or the stack's", async () => {
    const shape = (one: typeof prod) => {
      const { minReplicas, maxReplicas, metrics } = autoscaler(one);
      const targets = metrics.map(({ resource }: Loose) => [resource.name, resource.target.averageUtilization]);
      return [minReplicas, maxReplicas, ...targets.flat()];
    };
    expect(shape(standard)).toEqual([2, 100, "cpu", 70]);
    expect(shape(await chart("production"))).toEqual([5, 200, "cpu", 60]);
    // The file's own maximum, and nothing else of it.
    expect(shape(prod)).toEqual([5, 90, "cpu", 60]);
    expect(autoscaler().behavior.scaleUp).toMatchObject({ stabilizationWindowSeconds: 0, selectPolicy: "Max" });
  });

  it("dotdo 9: the pods' own metrics are used only when asked for", async () => {
    expect(autoscaler().metrics.map(({ type }: Loose) => type)).toEqual(["Resource"]);
    const podMetrics = { dotdo_active_instances: "1000", dotdo_requests_per_second: "500" };
    const settings = { prometheus: {}, workloads: { dotdo: { autoscaling: { podMetrics } } } };
    const custom = await chart("default", settings, { [platform]: { addons: { prometheusAdapter: "install" } } });
    const pods = autoscaler(custom).metrics.filter(({ type }: Loose) => type === "Pods");
    expect(pods.map(({ pods: one }: Loose) => [one.metric.name, one.target])).toEqual([
      ["dotdo_active_instances", { type: "AverageValue", averageValue: "1000" }],
      ["dotdo_requests_per_second", { type: "AverageValue", averageValue: "500" }],
    ]);
    // Without the adapter nobody could ask for them.
    expect(problems("prod", { [key]: settings })[0]?.path).toBe(`${key}.workloads.dotdo.autoscaling.podMetrics`);
    const adapter = custom.one("Release", "prometheus-adapter").inputs.values.rules.custom[0];
    expect(adapter.name).toEqual({ matches: "^(.*)_requests_total$", as: "${1}_requests_per_second" });
  });

  it("dotdo 10: the disruption budget leaves one, in production three, or what the stack says", async () => {
    const budget = (one: typeof prod): Loose => one.object("PodDisruptionBudget", "dotdo").spec;
    expect(budget(standard).minAvailable).toBe(1);
    expect(budget(prod).minAvailable).toBe(3);
    const share = await dotdo("prod", { [key]: { podDisruptionBudget: { maxUnavailable: "25%" } } });
    expect(budget(share).maxUnavailable).toBe("25%");
    const none = await dotdo("prod", { [key]: { podDisruptionBudget: false } });
    expect(none.all("PodDisruptionBudget")).toEqual([]);
  });

  it("dotdo 20: limits of Durable Objects are texts, in milliseconds", () => {
    const limits = (one: typeof prod) =>
      ["DO_MAX_CONCURRENT", "DO_IDLE_TIMEOUT", "DO_RPC_TIMEOUT"].map((name) => config(one)[name]);
    expect(limits(standard)).toEqual(["1000", "60000", "30000"]);
    expect(limits(prod)).toEqual(["5000", "120000", "60000"]);
    expect(container().envFrom).toEqual([{ configMapRef: { name: "dotdo-config" } }]);
    expect(config()).toMatchObject({
      SERVICE_NAME: "dotdo",
      HEADLESS_SERVICE: "dotdo-headless",
      SERVICE_PORT: "8787",
      RPC_PORT: "8788",
    });
  });

  it("dotdo 21: liveness and readiness ask /api/health on port http, as often as the profile says", () => {
    const httpGet = { path: "/api/health", port: "http" };
    const times = (one: typeof prod, probe: string) => {
      const { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold, ...handler } =
        container(one)[probe];
      expect(handler).toEqual({ httpGet });
      return [initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold];
    };
    expect(times(standard, "livenessProbe")).toEqual([10, 10, 5, 3]);
    expect(times(standard, "readinessProbe")).toEqual([5, 5, 3, 3]);
    expect(times(prod, "livenessProbe")).toEqual([15, 15, 10, 5]);
    expect(times(prod, "readinessProbe")).toEqual([10, 10, 5, 3]);
    expect(container()).not.toHaveProperty("startupProbe");
    expect(container(prod).startupProbe).toMatchObject({ httpGet, failureThreshold: 60 });
  });

  it("dotdo 22: pods run as uid 1000 on a read-only root with /tmp, the cache and wrangler's folder writable", () => {
    expect(pod().spec.securityContext).toMatchObject({ runAsUser: 1000, fsGroup: 1000 });
    expect(container().securityContext.readOnlyRootFilesystem).toBe(true);
    const paths = container().volumeMounts.map(({ mountPath }: Loose) => mountPath);
    expect(paths).toEqual(["/tmp", "/home/node/.cache", "/app/.wrangler"]);
    for (const one of [standard, prod, fly]) {
      for (const { owner, template } of one.podTemplates())
        expect(restrictedViolations(template.spec), owner).toEqual([]);
    }
  });

  it("dotdo 28: pods spread over hosts as far as they can, and wait for no zone", () => {
    expect(pod().spec.topologySpreadConstraints).toMatchObject([
      { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
    ]);
    expect(JSON.stringify(pod().spec)).not.toContain("topology.kubernetes.io/zone");
  });

  it("dotdo 29: pods use ServiceAccount dotdo without its token", () => {
    expect(pod().spec).toMatchObject({ serviceAccountName: "dotdo", automountServiceAccountToken: false });
  });

  it("dotdo 31: an update after a scale-out changes nothing, because no replicas are stated", () => {
    for (const one of [standard, prod, fly]) expect(deployment(one)).not.toHaveProperty("replicas");
  });

  it("dotdo 32: a rolling update never goes below the desired count, and pods leave slowly", () => {
    expect(deployment().strategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 },
    });
    expect(container().lifecycle.preStop.sleep.seconds).toBeLessThan(pod().spec.terminationGracePeriodSeconds);
  });
});

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

describe("secrets and storage", () => {
  it("dotdo 15: dotdo-secrets has the three keys, and two more when they are wanted", async () => {
    const keys = (one: typeof prod) => Object.keys(one.object("Secret", "dotdo-secrets").stringData).toSorted();
    expect(keys(standard)).toEqual(["r2-access-key", "r2-secret-key", "turso-token"]);
    const all = await dotdo("prod", { [key]: { apiKey: "generated", redis: { kind: "in-cluster" } } });
    expect(keys(all)).toEqual(["api-key", "r2-access-key", "r2-secret-key", "redis-password", "turso-token"]);
    expect(all.object("Secret", "dotdo-secrets").stringData["api-key"]).toMatch(/^[0-9a-z]{48,}$/);
    expect(config(all)["REDIS_URL"]).toBe("redis://dotdo-redis:6379");
  });

  it("dotdo 16: an existing Secret is used as it is, and none is made", async () => {
    const storage = { kind: "r2", endpoint: "https://account.r2.cloudflarestorage.com", bucket: "objects" };
    const theirs = await dotdo("prod", {
      [key]: { secrets: { kind: "existing", secretName: "theirs" }, storage: { ...storage } },
    });
    expect(theirs.names("Secret")).toEqual(["grafana-admin"]);
    expect(env(container(theirs), "TURSO_TOKEN")).toBe("theirs/turso-token");
    expect(theirs.rendering.missing.map(({ path }) => path).filter((path) => path.includes("dotdo"))).toEqual([]);
  });

  it("dotdo 17: redis-password and api-key are optional, and as in the chart so is every other key", () => {
    const optional = Object.fromEntries(
      container()
        .env.filter((one: Loose) => one.valueFrom?.secretKeyRef !== undefined)
        .map((one: Loose) => [one.name, one.valueFrom.secretKeyRef.optional === true]),
    );
    expect(optional).toEqual({
      TURSO_TOKEN: true,
      R2_ACCESS_KEY: true,
      R2_SECRET_KEY: true,
      REDIS_PASSWORD: true,
      API_KEY: true,
    });
  });

  it("dotdo 18: without TURSO_URL nothing runs", () => {
    expect(problems("prod", { [key]: { tursoUrl: null } })[0]).toMatchObject({
      path: `${key}.tursoUrl`,
      problem: "is required",
    });
    expect(config()["TURSO_URL"]).toBe("libsql://your-db.turso.io");
  });

  it("dotdo 19: with Spaces there is a private bucket, and a key that opens it alone", () => {
    const bucket = standard.one("SpacesBucket", "dotdo-objects").inputs;
    expect(bucket).toMatchObject({ acl: "private", region: "nyc3", versioning: { enabled: true } });
    const spacesKey = standard.one("SpacesKey", "dotdo-objects");
    expect(spacesKey.inputs.grants).toEqual([{ bucket: "dotdo-objects", permission: "readwrite" }]);
    expect(config()).toMatchObject({ R2_ENDPOINT: "https://nyc3.digitaloceanspaces.com", R2_BUCKET: "dotdo-objects" });
    const { "r2-access-key": access, "r2-secret-key": secret } = standard.object("Secret", "dotdo-secrets").stringData;
    expect(access).toMatch(/^DO00/);
    expect(secret).toEqual(expect.any(String));
  });

  it("dotdo 30: a change of ConfigMap or Secret restarts the pods", async () => {
    const idle = await dotdo("prod", { [key]: { idleTimeout: 1000 } });
    expect(changes(prod, idle)).toEqual(["ConfigMap dotdo-config", "Deployment dotdo"]);
    const token = await dotdo("prod", { "doks-systems:secrets": { dotdo: { tursoToken: "another" } } });
    expect(changes(prod, token)).toEqual(["Deployment dotdo", "Secret dotdo-secrets"]);
  });

  it("dotdo 34: outputs give URL, Services, bucket and namespace, and no secret", () => {
    expect(prod.rendering.outputs["dotdo"]).toEqual({
      url: "https://do.example.com",
      namespace: "dotdo",
      services: ["dotdo", "dotdo-headless"],
      bucket: "dotdo-objects",
    });
    const shown = JSON.stringify(maskedResources(prod.rendering));
    for (const value of Object.values(prod.object("Secret", "dotdo-secrets").stringData)) {
      expect(shown).not.toContain(value);
    }
  });
});

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
