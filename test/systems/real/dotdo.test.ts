/** dotdo as its published image needs it: the values come from starting the application with what is rendered. */
import { describe, expect, it } from "vitest";
import type { Patch } from "../../../graph/render/configuration.ts";
import type { Loose } from "../../support/stack.ts";
import { published, stacks, volumeAt, watched, writable, type PublishedStack } from "./support.ts";

const { key, render } = published("dotdo");

const own = (settings: object) => ({ workloads: { dotdo: settings } });
const probes = ["startupProbe", "readinessProbe", "livenessProbe"];
const probePaths = (one: PublishedStack): string[] =>
  probes.flatMap((probe) => one.main("dotdo")[probe]?.httpGet.path ?? []);
const annotations = (one: PublishedStack): Record<string, string> =>
  one.object("Deployment", "dotdo").spec.template.metadata.annotations;
const metrics = (one: PublishedStack): string[] =>
  one.object("HorizontalPodAutoscaler", "dotdo").spec.metrics.map((metric: Loose) => metric.resource?.name);
/** The chart's three values files, on production's platform. */
const profiles: [string, Patch][] = [
  ["default", { profile: "default" }],
  ["production", { profile: "production" }],
  ["fly", { profile: "fly", ingress: null }],
];

describe.each(stacks)("in %s", (name) => {
  it("real dotdo 1: every probe asks the path that the image answers", async () => {
    const paths = probePaths(await render(name));
    expect(paths.length).toBeGreaterThanOrEqual(2);
    expect(new Set(paths)).toEqual(new Set(["/api/health"]));
  });

  it("real dotdo 1: nobody scrapes an image that has no metrics", async () => {
    const one = await render(name, {}, watched);
    expect(one.all("ServiceMonitor")).toEqual([]);
    expect(Object.keys(annotations(one)).filter((each) => each.startsWith("prometheus.io/"))).toEqual([]);
    expect(Object.keys(one.alerts())).not.toContain("DotdoAbsent");
    expect(JSON.stringify(one.alerts())).not.toMatch(/dotdo_active_instances|dotdo_request/);
  });

  it("real dotdo 1: pods that are not ready still raise an alert, which needs nothing of the image", async () => {
    const names = Object.keys((await render(name, {}, watched)).alerts());
    expect(names).toEqual(expect.arrayContaining(["PodNotReady", "PodRestarting"]));
  });

  it("real dotdo 1: prometheus brings the target, the annotations and the alerts back, for an image that has metrics", async () => {
    const one = await render(name, { prometheus: {} }, watched);
    expect(one.object("ServiceMonitor", "dotdo").spec.endpoints).toMatchObject([{ port: "http", path: "/metrics" }]);
    expect(annotations(one)).toMatchObject({ "prometheus.io/scrape": "true", "prometheus.io/port": "8787" });
    expect(Object.keys(one.alerts())).toContain("DotdoAbsent");
  });

  it("real dotdo 2: wrangler has a home and a folder that it can write", async () => {
    const one = await render(name);
    const spec = one.pod("dotdo");
    expect(one.variable(one.main("dotdo"), "HOME")).toBe("/tmp");
    expect(writable(spec)).toEqual(expect.arrayContaining(["/app/.wrangler", "/tmp"]));
    expect(spec.securityContext).toMatchObject({ runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 });
    expect(one.main("dotdo").securityContext.readOnlyRootFilesystem).toBe(true);
  });

  it("real dotdo 3: there is memory enough to start", async () => {
    const { requests, limits } = (await render(name)).main("dotdo").resources;
    expect([requests.memory, limits.memory]).toEqual(["1536Mi", "2Gi"]);
  });

  it("real dotdo 5: a notice says that state stays in the pod with this image", async () => {
    const told = (await render(name)).notices(key).filter((text) => /TURSO|\bstate\b/.test(text));
    expect(told).not.toEqual([]);
  });

  it("real dotdo 6: a key that is missing from the Secret stops no pod", async () => {
    const { env } = (await render(name)).main("dotdo");
    const refs: Loose[] = env.flatMap(({ valueFrom }: Loose) => valueFrom?.secretKeyRef ?? []);
    expect(refs.length).toBeGreaterThanOrEqual(5);
    for (const ref of refs) expect(ref).toMatchObject({ optional: true });
  });

  it("real dotdo 6: every object of the namespace has the chart's name label", async () => {
    const one = await render(name, {}, watched);
    const objects = one.objects().filter(({ metadata }) => metadata.namespace === "dotdo");
    expect(objects.length).toBeGreaterThan(8);
    for (const { kind, metadata } of objects)
      expect(metadata.labels?.["app.kubernetes.io/name"], `${kind} ${metadata.name}`).toBe("dotdo");
  });
});

describe.each(profiles)("with profile %s", (profile, settings) => {
  it("real dotdo 1: every probe asks the path that the image answers", async () => {
    expect(new Set(probePaths(await render("prod", settings)))).toEqual(new Set(["/api/health"]));
  });

  it("real dotdo 3: there is memory enough to start", async () => {
    const { requests, limits } = (await render("prod", settings)).main("dotdo").resources;
    expect([requests.memory, limits.memory]).toEqual(["1536Mi", "2Gi"]);
  });

  it("real dotdo 4: pods at rest do not scale themselves out by their memory", async () => {
    expect(metrics(await render("prod", settings))).toEqual(["cpu"]);
    const asked = await render("prod", { ...settings, ...own({ autoscaling: { memoryPercent: 70 } }) });
    const { spec } = asked.object("HorizontalPodAutoscaler", "dotdo");
    const memory = spec.metrics.find((metric: Loose) => metric.resource?.name === "memory");
    expect(memory.resource.target).toEqual({ type: "Utilization", averageUtilization: 70 });
  });

  it("real dotdo 6: images are pulled anew, and 5432 is open, where the chart says so", async () => {
    const one = await render("prod", settings);
    expect(one.main("dotdo").imagePullPolicy === "Always").toBe(profile !== "default");
    expect(one.internetPorts("dotdo").includes(5432)).toBe(profile === "production");
  });
});

describe("what a stack may say instead", () => {
  it("real dotdo 1: the document's paths, for an image that answers them", async () => {
    const http = (path: string) => ({ http: { path } });
    const settings = { readiness: http("/ready"), liveness: http("/health"), startup: "off" };
    const one = await render("prod", own({ probes: settings }));
    expect(probePaths(one)).toEqual(["/ready", "/health"]);
    expect(one.main("dotdo").readinessProbe.httpGet.port).toBe("http");
  });

  it("real dotdo 1: an alert about the autoscaler's maximum, which needs nothing of the image", async () => {
    expect(Object.keys((await render("prod")).alerts())).toContain("DotdoAtMaximum");
  });

  it("real dotdo 2: the image's own user, and more room for wrangler", async () => {
    const user = { uid: 1001, gid: 1001 };
    const spec = (await render("prod", own({ user, writable: { "/app/.wrangler": "3Gi" } }))).pod("dotdo");
    expect(spec.securityContext).toMatchObject({ runAsUser: 1001, runAsGroup: 1001, fsGroup: 1001 });
    expect(volumeAt(spec, "/app/.wrangler").emptyDir.sizeLimit).toBe("3Gi");
  });

  it("real dotdo 3: the document's memory, for an image that is content with it", async () => {
    const resources = { requests: { memory: "256Mi" }, limits: { memory: "1Gi" } };
    const given = (await render("prod", own({ resources }))).main("dotdo").resources;
    expect([given.requests.memory, given.limits.memory]).toEqual(["256Mi", "1Gi"]);
    expect(given.requests.cpu).toBe("500m");
  });

  it("real dotdo 6: fly's probes begin as early as its chart has them", async () => {
    const one = await render("prod", { profile: "fly", ingress: null });
    const { livenessProbe, readinessProbe } = one.main("dotdo");
    expect([livenessProbe.initialDelaySeconds, readinessProbe.initialDelaySeconds]).toEqual([5, 3]);
  });
});
