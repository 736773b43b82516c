/**
 * The review and what really happens: each change is reviewed offline, then made by the real engine in a real control plane,
 * where it is looked at.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../graph/render/configuration.ts";
import { maskedResources } from "../../graph/masking.ts";
import { render } from "../../graph/render/render.ts";
import type { Resource } from "../../graph/resource.ts";
import { review, type Review } from "../../preview/review/review.ts";
import type { ApiObject, Client } from "../../sandbox/control-plane/client.ts";
import { PodWatch } from "../support/cluster/pod-watch.ts";
import { merged, Stage, noEngine, only } from "../support/stage.ts";

const gx = (settings: object): Patch => ({ "doks-systems:gx": settings });
const namespace = "backend-testnet";
const host = "api2.testnet.gxcoin.com";

/** GX alone, in staging, where nothing is protected. Charts come from the internet, which a sandbox does not have. */
const base: Patch = merged(only("gx"), {
  "doks-systems:platform": {
    addons: { envoyGateway: "existing", certManager: "existing", metricsServer: "existing" },
  },
  "doks-systems:gx": { backup: { bucket: { kind: "create", name: "gx-backups-verdicts" } } },
});

describe.skipIf(noEngine !== undefined)("what a review of GX Protocol says happens", () => {
  let stage: Stage;
  let cluster: Client;
  let settings = base;
  let before: readonly Resource[] = [];

  beforeAll(async () => {
    stage = await Stage.open("staging", base);
    before = maskedResources(await render("staging", base));
    await stage.mustUp();
    cluster = stage.cluster();
  });
  afterAll(async () => {
    cluster.close();
    await stage.close();
  });

  /** The review of a further change, which the stack file then has. */
  async function reviewed(patch: Patch): Promise<Review> {
    settings = merged(settings, patch);
    const rendering = await render("staging", settings);
    const found = review(rendering, [], { reference: "before", resources: before });
    before = maskedResources(rendering);
    await stage.rehearsal.configure(settings);
    return found;
  }

  /** Dangers of a kind, as `level resource text`. */
  const said = ({ dangers }: Review, kind: string) =>
    dangers
      .filter((one) => one.kind === kind)
      .map(({ level, resource, text }) => `${level} ${resource} ${text}`)
      .toSorted();

  const verdictOf = ({ availability }: Review, name: string) =>
    availability.workloads.find(({ resource }) => (resource.inputs["metadata"] as { name: string }).name === name)
      ?.verdict ?? "untouched";

  /** Makes the update, and returns the fewest pods of each workload that were ready during it. */
  async function fewestReady(...apps: readonly string[]): Promise<number[]> {
    const watches = apps.map((app) => new PodWatch(stage.access(), app, namespace));
    await expect.poll(() => watches.every(({ ready }) => ready > 0)).toBe(true);
    for (const watch of watches) watch.reset();
    await stage.mustUp();
    const fewest = watches.map((watch) => watch.fewest);
    for (const watch of watches) watch.close();
    return fewest;
  }

  const object = (kind: string, name: string, apiVersion = "v1", where = namespace) =>
    cluster.get({ apiVersion, kind, metadata: { name, namespace: where } });
  const uid = (found: ApiObject | undefined) => found?.metadata.uid;
  const records = () =>
    [...stage.world.api.account.domains.values()].flatMap(({ records: all }) =>
      [...all.values()].map(({ name }) => name),
    );

  it("another image: the API rolls without a gap, and the workers are away", async () => {
    const found = await reviewed(gx({ imageTag: "2.0.1" }));
    const fewest = await fewestReady("svc-identity", "outbox-submitter", "projector");
    const names = ["svc-identity", "outbox-submitter", "projector"];
    expect(names.map((name) => verdictOf(found, name))).toEqual(["rolls", "away", "away"]);
    expect(fewest.map((number) => (number === 0 ? "away" : "rolls"))).toEqual(["rolls", "away", "away"]);
  });

  it("another limit of Redis: it is away while its one pod is made anew, and the API is affected, not restarted", async () => {
    const found = await reviewed(gx({ redis: { maxMemory: "200Mi" } }));
    expect(["redis", "svc-identity"].map((name) => verdictOf(found, name))).toEqual(["away", "affected"]);
    const [redis = -1, api = -1] = await fewestReady("redis", "svc-identity");
    expect([redis, api > 0]).toEqual([0, true]);
  });

  it("another host: the old one can no longer be reached, and the new one is public", async () => {
    const found = await reviewed(gx({ exposure: { host } }));
    expect(said(found, "exposure")).toEqual([
      expect.stringMatching(/^look HTTPRoute \S+ opens api2\.testnet\.gxcoin\.com to the internet/),
      expect.stringMatching(/^stop HTTPRoute \S+ no longer serves api\.testnet\.gxcoin\.com/),
    ]);
    await stage.mustUp();
    const route = await object("HTTPRoute", "svc-identity-ingress", "gateway.networking.k8s.io/v1");
    expect((route?.["spec"] as { hostnames: string[] }).hostnames).toEqual([host]);
    expect(records()).toContain("api2.testnet");
    expect(records()).not.toContain("api.testnet");
  });

  it("a load balancer of its own: it has another address, no TLS, and shows the metrics that the edge hid", async () => {
    const balancer = { kind: "load-balancer", host, maxBodyMiB: null, timeoutSeconds: null };
    const found = await reviewed(gx({ exposure: { ...balancer, sourceRanges: ["203.0.113.0/24"] } }));
    const all = said(found, "exposure").join("\n");
    expect(all).toMatch(/^stop Service \S+ answers \S+ without TLS/m);
    expect(all).toMatch(/^look Gateway \S+ serves no host any more: \S+ moves to the load balancer of Service/m);
    await stage.mustUp();
    const service = await object("Service", "svc-identity-public");
    const { type, ports, loadBalancerSourceRanges } = service?.["spec"] as {
      type: string;
      ports: { port: number }[];
      loadBalancerSourceRanges: string[];
    };
    expect([type, ports.map(({ port }) => port)]).toEqual(["LoadBalancer", [80]]);
    expect(loadBalancerSourceRanges).toEqual(["203.0.113.0/24"]);
    expect(await object("HTTPRoute", "svc-identity-ingress", "gateway.networking.k8s.io/v1")).toBeUndefined();
    expect(await object("Gateway", "edge", "gateway.networking.k8s.io/v1", "envoy-gateway-system")).toBeDefined();
  });

  it("no ranges: everybody is admitted", async () => {
    const found = await reviewed(gx({ exposure: { sourceRanges: [] } }));
    expect(said(found, "exposure")).toEqual([expect.stringMatching(/^stop Service \S+ admits the whole internet/)]);
    await stage.mustUp();
    const service = await object("Service", "svc-identity-public");
    expect((service?.["spec"] as Record<string, unknown>)["loadBalancerSourceRanges"]).toBeUndefined();
  });

  it("one pod of the API: it rolls; the autoscaler goes last, and a refresh takes back what it may leave", async () => {
    const found = await reviewed(gx({ workloads: { "svc-identity": { autoscaling: null, replicas: 1 } } }));
    expect(said(found, "protection")).toEqual([
      expect.stringMatching(/^look Deployment \S+svc-identity runs in one pod only/),
    ]);
    expect(await fewestReady("svc-identity")).not.toEqual([0]);
    const replicas = async () => {
      const deployment = await object("Deployment", "svc-identity", "apps/v1");
      return (deployment?.["spec"] as { replicas: number }).replicas;
    };
    const [danger] = found.dangers.filter(({ kind }) => kind === "protection");
    expect(danger?.fix).toBe(
      "the autoscaler goes last, and may set 2 pods once more: an update with --refresh makes it 1 pod then",
    );
    expect([1, 2]).toContain(await replicas());
    await stage.mustUp("--refresh");
    expect(await replicas()).toBe(1);
  });

  it("a partner on the internet: the projector may send there what it holds", async () => {
    const reaches = { partner: { kind: "internet", ports: [8443] } };
    const found = await reviewed(gx({ workloads: { projector: { reaches } } }));
    expect(said(found, "protection")).toEqual([
      expect.stringMatching(/^look Deployment \S+projector may connect to the internet on port 8443/),
    ]);
    await stage.mustUp();
    const policies = await cluster.list("networking.k8s.io/v1", "networkpolicies", namespace);
    const open = policies.filter((one) => JSON.stringify(one["spec"]).includes("8443"));
    expect(open.map(({ metadata }) => metadata.name)).toEqual(["projector"]);
  });

  it("no backup: nothing dumps the database, and the bucket goes because it is empty", async () => {
    const found = await reviewed(gx({ backup: false }));
    expect(said(found, "protection")).toEqual([
      expect.stringMatching(/^stop CronJob \S+ is removed: nothing dumps the database/),
    ]);
    expect(said(found, "data")).toEqual([
      expect.stringMatching(/^stop SpacesBucket gx-backups-verdicts is to be deleted/),
    ]);
    await stage.mustUp();
    expect(await cluster.list("batch/v1", "cronjobs", namespace)).toEqual([]);
    expect(stage.world.spaces.buckets()).not.toContain("gx-backups-verdicts");
  });

  it("more pods than the pool will ever hold: as many wait as the review says", async () => {
    const settled = settings;
    const found = await reviewed(
      merged(
        gx({
          workloads: {
            "svc-identity": { replicas: 6, resources: { requests: { memory: "4Gi" }, limits: { memory: "4Gi" } } },
          },
        }),
        {
          "doks-systems:platform": { pools: { general: { min: 4, max: 4 } } },
        },
      ),
    );
    const problems = said(found, "capacity");
    expect(problems).toEqual([expect.stringMatching(/^stop Deployment \S+svc-identity /)]);
    const waiting = Number(/with (\d+) of 6 pods for good/.exec(problems[0] ?? "")?.[1]);
    const seen: string[] = [];
    const isStill = () => seen.length >= 5 && new Set(seen.slice(-5)).size === 1 && !seen.at(-1)?.endsWith(" 0");
    const { code } = await stage.up([], {
      started: (child) =>
        void (async () => {
          while (child.exitCode === null && !isStill()) {
            await sleep(2000);
            seen.push(await placed());
          }
          // As a terminal does: npm's launcher does not pass it on.
          if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
        })(),
    });
    // The engine waits for pods that never come, until somebody ends it. A rollout asks for one more at a time.
    expect(code).not.toBe(0);
    expect(seen.at(-1)).toMatch(new RegExp(`^${6 - waiting} run, [1-9]`));
    settings = settled;
    before = maskedResources(await render("staging", settings));
    await stage.rehearsal.configure(settings);
    await stage.mustUp();
  });

  /** Pods of the API that ask for 4 GiB: how many the scheduler has placed, and for how many it finds no node. */
  async function placed(): Promise<string> {
    const pods = (await cluster.list("v1", "pods", namespace)).filter((pod) =>
      JSON.stringify(pod["spec"]).includes('"4Gi"'),
    );
    const reasons = pods.map((pod) => {
      const { conditions = [] } = pod["status"] as { conditions?: { type: string; status: string; reason?: string }[] };
      return conditions.find(({ type }) => type === "PodScheduled")?.reason ?? "placed";
    });
    const waits = reasons.filter((reason) => reason === "Unschedulable").length;
    return `${reasons.length - waits} run, ${waits}`;
  }

  it("a larger volume of Redis: it is made anew, and comes back with the volume that it had", async () => {
    const claim = uid(await object("PersistentVolumeClaim", "data-redis-0"));
    const set = uid(await object("StatefulSet", "redis", "apps/v1"));
    const found = await reviewed(gx({ redis: { storage: "10Gi" } }));
    expect(said(found, "data")).toEqual([
      expect.stringMatching(/^look StatefulSet \S+redis is made anew and takes claim data-redis-0 .* again/),
    ]);
    expect(verdictOf(found, "redis")).toBe("away");
    expect(await fewestReady("redis")).toEqual([0]);
    expect(claim).toBeDefined();
    expect(uid(await object("PersistentVolumeClaim", "data-redis-0"))).toBe(claim);
    expect(uid(await object("StatefulSet", "redis", "apps/v1"))).not.toBe(set);
  });

  it("a managed database: it starts empty, and the claim of the old one stays, used by nobody", async () => {
    const claim = uid(await object("PersistentVolumeClaim", "data-postgres-0"));
    const found = await reviewed(
      gx({ database: { kind: "managed", size: "db-s-1vcpu-2gb", nodes: 1, storage: null } }),
    );
    expect(said(found, "data")).toEqual([
      expect.stringMatching(
        /^stop StatefulSet \S+postgres is deleted; claim data-postgres-0 .* stays .* starts empty$/,
      ),
    ]);
    await stage.mustUp();
    expect(await object("StatefulSet", "postgres", "apps/v1")).toBeUndefined();
    expect(claim).toBeDefined();
    expect(uid(await object("PersistentVolumeClaim", "data-postgres-0"))).toBe(claim);
    expect([...stage.world.api.account.databases.values()]).toHaveLength(1);
  });

  it("another namespace: the claims go with the old one, and Redis starts empty", async () => {
    const claim = uid(await object("PersistentVolumeClaim", "data-redis-0"));
    const found = await reviewed(gx({ namespace: { name: "elsewhere" } }));
    expect(said(found, "data").join("\n")).toMatch(/^stop StatefulSet \S+redis loses claim data-redis-0 /m);
    await stage.mustUp();
    expect(await object("PersistentVolumeClaim", "data-redis-0")).toBeUndefined();
    const fresh = uid(await object("PersistentVolumeClaim", "data-redis-0", "v1", "elsewhere"));
    expect(fresh).toBeDefined();
    expect(fresh).not.toBe(claim);
  });
});
