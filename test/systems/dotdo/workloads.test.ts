/** dotdo's acceptance lines: its objects. */
import { describe, expect, it } from "vitest";
import { restrictedViolations } from "../../../policy/pod-security.ts";
import { problems, type Loose } from "../../support/stack.ts";
import {
  dotdo,
  key,
  platform,
  prod,
  chart,
  standard,
  fly,
  deployment,
  pod,
  container,
  config,
  autoscaler,
} from "./support.ts";

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
