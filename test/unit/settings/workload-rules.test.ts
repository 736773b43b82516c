/** What is refused in the slice that every workload takes, and settings of old places: one line each, with path and fix. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { readStackFile } from "../../../graph/render/configuration.ts";
import type { Problem } from "../../../settings/reading/error.ts";
import { parseSettings } from "../../../settings/index.ts";
import { movedTo } from "../../../settings/reading/moved.ts";
import { systems } from "../../../settings/systems.ts";
import type { WorkloadSetting } from "../../../settings/slices/workload.ts";
import { problems, type SystemKey } from "../../support/stack.ts";

/** Files of the sizes and kinds that rules look at; ConfigMaps and Secrets hold 1 MiB. */
const folder = mkdtempSync(join(tmpdir(), "doks-files-"));
const at = (name: string) => join(folder, name);
const mebibyte = 1024 * 1024;
mkdirSync(at("empty"));
mkdirSync(at("mixed"));
writeFileSync(at("large.spkg"), Buffer.alloc(mebibyte + 1));
writeFileSync(at("fits.spkg"), Buffer.alloc(mebibyte));
writeFileSync(at("a name.spkg"), "");
writeFileSync(at("mixed/small.txt"), "text");
writeFileSync(at("mixed/large.bin"), Buffer.alloc(mebibyte + 1));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A setting of a workload, by `<system>.<workload>`. */
function patch(workload: string, setting: unknown): Record<string, unknown> {
  const [system = "", name = ""] = workload.split(".");
  return { [`doks-systems:${system}`]: { workloads: { [name]: setting } } };
}

/** A workload, what a stack says of it, where below it the one line is, and what that line says. */
type Case = [
  what: string,
  workload: string,
  setting: WorkloadSetting,
  path: string,
  says: Partial<Record<keyof Problem, string>>,
];

const cache = "hermes.hermes-ipfs-cache";
const api = "gx.svc-identity";
const gateway = "caracal.caracal-gateway";
const worker = "bowmark.worker-deployment";
const reaches = (to: NonNullable<WorkloadSetting["reaches"]>[string]) => ({ reaches: { there: to } });
const internet = (addresses: string[]) => reaches({ kind: "internet", addresses, ports: [443] });
const inside = (addresses: string[]) => reaches({ kind: "private", addresses, ports: [443] });

const refused: Case[] = [
  [
    "more memory asked for than allowed",
    api,
    { resources: { requests: { memory: "1Gi" } } },
    ".resources.requests.memory",
    { value: '"1Gi"', problem: "is more than the limit of 512Mi", fix: "raise resources.limits.memory" },
  ],
  [
    "less CPU allowed than asked for",
    api,
    { resources: { limits: { cpu: "100m" } } },
    ".resources.requests.cpu",
    { value: '"200m"', fix: "use at most 100m, or raise resources.limits.cpu" },
  ],
  [
    "a writable folder over a mount",
    gateway,
    { writable: { "/etc/caracal/tls": "1Mi" } },
    '.writable["/etc/caracal/tls"]',
    { problem: "covers what is mounted at /etc/caracal/tls", fix: "use another path" },
  ],
  [
    "a writable folder below a mount",
    gateway,
    { writable: { "/etc/caracal/tls/new": "1Mi" } },
    '.writable["/etc/caracal/tls/new"]',
    { problem: "covers what is mounted at /etc/caracal/tls", fix: "use another path" },
  ],
  [
    "a writable folder above a mount",
    gateway,
    { writable: { "/etc/caracal": "1Mi" } },
    '.writable["/etc/caracal"]',
    { problem: "covers what is mounted at /etc/caracal/tls", fix: "use another path" },
  ],
  [
    "a writable folder over the files of the stack",
    cache,
    { writable: { "/app/data": "1Mi" }, files: { "/app/data/x.spkg": { file: at("fits.spkg") } } },
    '.writable["/app/data"]',
    { problem: "covers its files at /app/data/x.spkg", fix: "use another path" },
  ],
  [
    "files over a mount",
    gateway,
    { files: { "/etc/caracal/tls/extra.crt": { configMap: "authorities", key: "extra.crt" } } },
    '.files["/etc/caracal/tls/extra.crt"]',
    { problem: "covers what is mounted at /etc/caracal/tls", fix: "use another path" },
  ],
  [
    "files where it writes",
    cache,
    { files: { "/tmp": { folder: "systems/hermes/migrations" } } },
    '.files["/tmp"]',
    { problem: "is a folder that may be written, too", fix: "use another path" },
  ],
  [
    "files over a folder that it writes, which then cannot be mounted",
    "dotdo.dotdo",
    { files: { "/app": { folder: "systems/hermes/migrations" } } },
    '.files["/app"]',
    { fix: "use another path" },
  ],
  [
    "a file whose name no object of Kubernetes takes",
    cache,
    { files: { "/app/x.spkg": { file: at("a name.spkg") } } },
    '.files["/app/x.spkg"]',
    {},
  ],
  [
    "a liveness probe that must succeed twice, which Kubernetes refuses",
    api,
    { probes: { liveness: { successThreshold: 2 } } },
    ".probes.liveness.successThreshold",
    {},
  ],
  [
    "a probe on a port by a name that it does not have",
    gateway,
    { probes: { readiness: { tcp: "metrics" } } },
    ".probes.readiness.tcp",
    { value: '"metrics"', fix: "use https (8443), or add it to ports" },
  ],
  [
    "a probe by HTTP on a port by a number that it does not have",
    api,
    { probes: { liveness: { http: { port: 9090 } } } },
    ".probes.liveness.http.port",
    { value: "9090", fix: "use http (3001), or add it to ports" },
  ],
  [
    "a probe on a port of a workload that has none",
    worker,
    { probes: { liveness: { tcp: 8080 } } },
    ".probes.liveness.tcp",
    { value: "8080", fix: "add it to ports" },
  ],
  [
    "timings of a probe that is not there",
    worker,
    { probes: { startup: { periodSeconds: 5 } } },
    ".probes.startup",
    { problem: "has no handler", fix: "add http, tcp or exec" },
  ],
  [
    "a variable that comes from a Secret, as a text",
    api,
    { env: { JWT_SECRET: "known to all" } },
    ".env.JWT_SECRET",
    { value: "text", problem: "takes it from a Secret", fix: "name a key of an existing Secret" },
  ],
  [
    "a private range as the internet",
    gateway,
    internet(["10.116.0.0/20"]),
    ".reaches.there.addresses",
    { value: '"10.116.0.0/20"', problem: "is a private range", fix: "kind: private" },
  ],
  [
    "a public range as a private one",
    gateway,
    inside(["203.0.113.0/24"]),
    ".reaches.there.addresses",
    { value: '"203.0.113.0/24"', problem: "is not a private range", fix: "use kind: internet" },
  ],
  [
    "the metadata of the node, as the internet",
    gateway,
    internet(["169.254.169.254/32"]),
    ".reaches.there.addresses",
    { problem: "is where cloud metadata is", fix: "remove it" },
  ],
  [
    "the metadata of the node, as a private range",
    gateway,
    inside(["10.1.0.0/16", "169.254.0.0/16"]),
    ".reaches.there.addresses",
    { value: '"169.254.0.0/16"', problem: "is where cloud metadata is", fix: "remove it" },
  ],
  [
    "a range that has the metadata of the node in it",
    gateway,
    internet(["169.0.0.0/8"]),
    ".reaches.there.addresses",
    { value: '"169.0.0.0/8"' },
  ],
  [
    "every address there is, private ones and the metadata included",
    gateway,
    internet(["0.0.0.0/0"]),
    ".reaches.there.addresses",
    { value: '"0.0.0.0/0"' },
  ],
  [
    "a range that is private at its start alone",
    gateway,
    inside(["10.0.0.0/4"]),
    ".reaches.there.addresses",
    { value: '"10.0.0.0/4"' },
  ],
  [
    "a release said twice, as tags",
    api,
    { image: "svc-identity:2.1.0", tag: "2.2.0" },
    ".tag",
    { value: '"2.2.0"', problem: "the image svc-identity:2.1.0 has one", fix: "remove one of the two" },
  ],
  [
    "a release said twice, as digest and tag",
    api,
    { image: `svc-identity@sha256:${"a".repeat(64)}`, tag: "2.2.0" },
    ".tag",
    { value: '"2.2.0"', fix: "remove one of the two" },
  ],
  [
    "a wait before the signal that leaves no time to stop",
    api,
    { preStopSeconds: 30 },
    ".preStopSeconds",
    { value: "30", problem: "leaves nothing of graceSeconds, 30", fix: "make graceSeconds larger" },
  ],
  [
    "a time to stop that the wait before the signal uses up",
    "bowmark.server-deployment",
    { graceSeconds: 10 },
    ".preStopSeconds",
    { value: "10", problem: "leaves nothing of graceSeconds, 10", fix: "make graceSeconds larger" },
  ],
  [
    "a count beside a range",
    gateway,
    { replicas: 3, autoscaling: { max: 5 } },
    ".autoscaling",
    { problem: "is set beside replicas", fix: "give a fixed count or a range, not both" },
  ],
  [
    "a range whose least is above its most",
    gateway,
    { autoscaling: { min: 8, max: 5 } },
    ".autoscaling.min",
    { value: "8", problem: "is more than max, 5", fix: "make max at least as large" },
  ],
  [
    "a second pod of what may run only once",
    worker,
    { replicas: 2 },
    ".replicas",
    { value: "2", problem: "would do the same work twice", fix: "leave it at 1" },
  ],
  [
    "a range of pods of what may run only once",
    cache,
    { autoscaling: { min: 1, max: 2 } },
    ".autoscaling",
    { problem: "two pods would write one cursor", fix: "leave it at 1" },
  ],
  [
    "a count of a data service",
    "bowmark.postgres",
    { replicas: 3 },
    ".replicas",
    {
      value: "3",
      problem: "is not for a data service",
      fix: "the count of a data service's servers is its own setting",
    },
  ],
  [
    "a range of a data service",
    "caracal.caracal-kafka",
    { autoscaling: { min: 3, max: 5 } },
    ".autoscaling",
    { problem: "is not for a data service", fix: "remove it" },
  ],
  [
    "a count of a task",
    "bowmark.pg-migrate-paving",
    { replicas: 2 },
    ".replicas",
    { value: "2", problem: "is not for a task, which runs once", fix: "remove it" },
  ],
  [
    "a file that is not there",
    cache,
    { files: { "/app/x.spkg": { file: at("none.spkg") } } },
    '.files["/app/x.spkg"]',
    { problem: "cannot be read", fix: "name a file or folder of the project" },
  ],
  [
    "a folder in the place of a file",
    cache,
    { files: { "/app/x.spkg": { file: folder } } },
    '.files["/app/x.spkg"]',
    { problem: "cannot be read", fix: "name a file or folder of the project" },
  ],
  [
    "a folder that is not there",
    cache,
    { files: { "/app/data": { folder: at("none") } } },
    '.files["/app/data"]',
    { problem: "cannot be read", fix: "name a file or folder of the project" },
  ],
  [
    "a folder without a file",
    cache,
    { files: { "/app/data": { folder: at("empty") } } },
    '.files["/app/data"]',
    { problem: "cannot be read", fix: "name a file or folder of the project" },
  ],
  [
    "a file that no object holds",
    cache,
    { files: { "/app/x.spkg": { file: at("large.spkg") } } },
    '.files["/app/x.spkg"]',
    { problem: "has 1048577 bytes, and Kubernetes keeps at most 1048576", fix: "fetch it at start" },
  ],
  [
    "a folder with one file that no object holds",
    cache,
    { files: { "/app/data": { folder: at("mixed") } } },
    '.files["/app/data"]',
    { value: "large.bin", problem: "has 1048577 bytes", fix: "bring it in the image" },
  ],
  [
    "visitors of what listens nowhere",
    worker,
    { reachedBy: { agents: { kind: "pods" } } },
    ".reachedBy",
    { value: '["agents"]', problem: "listens on no port", fix: "add the port to ports" },
  ],
  [
    "a release that moves, in production",
    api,
    { tag: "latest" },
    ".tag",
    { value: '"latest"', problem: "is a tag that moves", fix: "use a commit id or a version" },
  ],
  [
    "an image whose release moves, in production",
    api,
    { image: "localhost:5001/svc-identity:latest" },
    ".image",
    { value: '"latest"', problem: "is a tag that moves", fix: "use a commit id or a version" },
  ],
  [
    "a name of a workload that nobody knows",
    "gx.svc-identty",
    {},
    "",
    { problem: "is not a setting", fix: "did you mean svc-identity?" },
  ],
];

describe("a workload is refused for", () => {
  it.each(refused)("%s", (_what, workload, setting, path, says) => {
    const [system = "", name = ""] = workload.split(".");
    const parts = Object.entries(says).map(([key, part]) => [key, expect.stringContaining(part) as unknown]);
    expect(problems("prod", patch(workload, setting))).toEqual([
      {
        ...{
          value: expect.any(String) as string,
          problem: expect.any(String) as string,
          fix: expect.any(String) as string,
        },
        ...Object.fromEntries(parts),
        path: `doks-systems:${system}.workloads.${name}${path}`,
      },
    ]);
  });
});

describe("a workload is taken with", () => {
  it.each<[string, string, WorkloadSetting]>([
    ["a file of exactly what an object holds", cache, { files: { "/app/x.spkg": { file: at("fits.spkg") } } }],
    ["a file below a folder that it writes", cache, { files: { "/tmp/x.spkg": { file: at("fits.spkg") } } }],
    ["a variable of another Secret", api, { env: { JWT_SECRET: { secret: "theirs", key: "jwt" } } }],
    ["a probe on a port that it adds", gateway, { ports: { admin: 9000 }, probes: { readiness: { tcp: "admin" } } }],
    ["a port by its number", gateway, { probes: { readiness: { tcp: 8443 } } }],
    ["no probe where it had one", gateway, { probes: { startup: "off", readiness: "off", liveness: "off" } }],
    ["visitors of a port that it adds", worker, { ports: { admin: 9000 }, reachedBy: { agents: { kind: "pods" } } }],
    ["a private range that is said to be one", gateway, inside(["10.116.0.0/20"])],
    ["a part of the internet", gateway, internet(["203.0.113.0/24"])],
    ["the whole internet, without a word about addresses", gateway, reaches({ kind: "internet", ports: [443] })],
    ["a longer time to stop, which a longer wait needs", api, { preStopSeconds: 30, graceSeconds: 60 }],
    ["one pod of what may run only once", worker, { replicas: 1 }],
    ["a release by its digest", api, { tag: `sha256:${"a".repeat(64)}` }],
  ])("%s", (_what, workload, setting) => {
    expect(problems("prod", patch(workload, setting))).toEqual([]);
  });

  it("a workload that the other settings leave out, and one word about it", () => {
    for (const [workload, there] of [
      ["gx.gx-migrate", "svc-identity, outbox-submitter"],
      ["hermes.ipfs-cache-postgres-grant", "hermes-ipfs-cache, ipfs-cache-migrate"],
    ] as const) {
      const [system = "", name = ""] = workload.split(".");
      const path = `doks-systems:${system}.workloads.${name}`;
      const { notices } = parseSettings("prod", readStackFile("prod", patch(workload, { graceSeconds: 60 })));
      const text: unknown = expect.stringMatching(new RegExp(`^changes nothing: .* no such workload, but ${there}`));
      expect(notices.filter((notice) => notice.path === path)).toEqual([{ path, text }]);
    }
  });

  it("a release that moves, outside production", () => {
    for (const setting of [{ tag: "latest" }, { image: "svc-identity:edge" }]) {
      expect(problems("staging", patch(api, setting))).toEqual([]);
    }
  });
});

/** Every setting that had another place: below its system, with what somebody may have written there, and its place now. */
const moved: [string, unknown, string][] = [
  ["hermes.replicas", 1, "workloads.hermes-ipfs-cache.replicas"],
  ["hermes.resources", {}, "workloads.hermes-ipfs-cache.resources"],
  ["hermes.env", {}, "workloads.hermes-ipfs-cache.env"],
  ["hermes.health", { port: 8080 }, "workloads.hermes-ipfs-cache.probes and .ports"],
  ["hermes.livenessCommand", ["true"], "workloads.hermes-ipfs-cache.probes.liveness.exec"],
  ["hermes.readers", {}, "workloads.ipfs-cache-postgres.reachedBy"],
  ["hermes.database.resources", {}, "workloads.ipfs-cache-postgres.resources"],
  ["gx.api", {}, "workloads.svc-identity (readinessPath: .probes.readiness.http.path)"],
  ["gx.outbox", {}, "workloads.outbox-submitter"],
  ["gx.projector", {}, "workloads.projector"],
  ["gx.fabric.namespace", "fabric", "fabric.peer.namespace"],
  ["gx.redis.resources", {}, "workloads.redis.resources"],
  ["dotdo.replicaCount", 3, "workloads.dotdo.replicas"],
  ["dotdo.autoscaling", {}, "workloads.dotdo.autoscaling (customMetrics: .podMetrics)"],
  ["dotdo.resources", {}, "workloads.dotdo.resources"],
  ["dotdo.env", {}, "workloads.dotdo.env"],
  ["bowmark.servers", {}, "workloads.server-deployment and workloads.server-concrete-deployment"],
  ["bowmark.workers", {}, "workloads.worker-deployment and workloads.worker-concrete-deployment"],
  ["bowmark.consumers", {}, "workloads.consumer-deployment and workloads.consumer-concrete-deployment"],
  ["bowmark.clients", {}, "workloads.client-deployment and workloads.client-concrete-deployment"],
  ["bowmark.database.resources", {}, "workloads.postgres.resources"],
  ["bowmark.rabbitmq.resources", {}, "workloads.rabbitmq.resources"],
  ["caracal.gateway", {}, "workloads.caracal-gateway"],
  ["caracal.adapter", {}, "workloads.caracal-mcp-adapter"],
  ["caracal.adapterClients", {}, "workloads.caracal-mcp-adapter.reachedBy"],
  [
    "caracal.consumers",
    {},
    "workloads.caracal-ledger-writer, workloads.caracal-metrics-aggregator, workloads.caracal-audit-logger",
  ],
  ["caracal.schemaRegistry", {}, "workloads.caracal-schema-registry"],
  ["caracal.migration", {}, "workloads.caracal-db-migrate (image, command)"],
  ["caracal.kafka.resources", {}, "workloads.caracal-kafka.resources"],
  ["caracal.kafka.env", {}, "workloads.caracal-kafka.env"],
  ["caracal.kafka.zookeeper.resources", {}, "workloads.caracal-zookeeper.resources"],
  ["caracal.database.resources", {}, "workloads.caracal-postgres.resources"],
  ["caracal.redis.resources", {}, "workloads.caracal-redis.resources"],
];

/** Those of data services that production has managed, or not at all. */
const movedElsewhere: [string, string][] = [
  ["gx.database.resources", "workloads.postgres.resources"],
  ["dotdo.redis.resources", "workloads.dotdo-redis.resources"],
];

describe("a setting that has another place now", () => {
  it.each(moved)("is answered with it: %s", (old, value, place) => {
    const [system = "", ...steps] = old.split(".");
    const kind = ["database", "redis", "kafka"].includes(steps[0] ?? "") ? { kind: "in-cluster" } : {};
    const below = steps.reduceRight<unknown>((inner, step, i) => ({ ...(i === 1 ? kind : {}), [step]: inner }), value);
    expect(problems("prod", { [`doks-systems:${system}`]: below })).toEqual([
      {
        path: `doks-systems:${old}`,
        value: JSON.stringify(value),
        problem: "is said in another place now",
        fix: `write it at ${place}`,
      },
    ]);
  });

  it.each(movedElsewhere)("is known, whatever kind its service is: %s", (old, place) => {
    expect(movedTo(`doks-systems:${old}`)).toBe(place);
  });

  it("leads to a workload that there is, of the same system", () => {
    const places = [...moved.map(([old, , place]) => [old, place] as const), ...movedElsewhere];
    for (const [old, place] of places) {
      const { setting } = systems[old.split(".")[0] as SystemKey];
      const known = Object.keys((setting.shape.workloads as z.ZodPrefault<z.ZodObject>).unwrap().shape);
      const named = [...place.matchAll(/workloads\.([\w-]+)/g)].map(([, name]) => name);
      expect(named.length, old).toBeGreaterThan(old === "gx.fabric.namespace" ? -1 : 0);
      for (const name of named) expect(known, old).toContain(name);
    }
  });

  it("is not what never was one", () => {
    for (const path of ["gx.apis", "hermes.api", "caracal.servers", "bowmark.workloads", "gx.database.size"]) {
      expect(movedTo(`doks-systems:${path}`), path).toBeUndefined();
    }
  });
});
