/** Settings that look wrong and are right: what DigitalOcean and Kubernetes take, is taken. */
import { describe, expect, it } from "vitest";
import { problems as problemsOf } from "../../support/stack.ts";

const platform = "doks-systems:platform";
const bowmark = "doks-systems:bowmark";
const hermes = "doks-systems:hermes";
const gx = "doks-systems:gx";
const dotdo = "doks-systems:dotdo";
type Patch = Record<string, unknown>;
const problems = (patch: Patch) => problemsOf("prod", patch);

const pools = (all: Patch) => ({ [platform]: { pools: all } });
const managedGx = (database: Patch) => ({ [gx]: { database: { kind: "managed", nodes: 1, ...database } } });
const backup = (setting: Patch) => ({ [hermes]: { backup: setting } });
const workload = (key: string, name: string, setting: Patch) => ({ [key]: { workloads: { [name]: setting } } });

describe("what is right is taken", () => {
  it.each<[string, Patch]>([
    ["storage-optimized nodes", pools({ general: { size: "so1_5-2vcpu-16gb" } })],
    [
      "AMD and Intel nodes",
      pools({ general: { size: "s-4vcpu-8gb-amd" }, "default-pool": { size: "g-2vcpu-8gb-intel" } }),
    ],
    ["storage-optimized databases", managedGx({ size: "so1_5-2vcpu-16gb" })],
    ["general purpose databases", managedGx({ size: "gd-2vcpu-8gb", nodes: 3 })],
    ["PostgreSQL 15, managed", managedGx({ size: "db-s-1vcpu-2gb", version: "15" })],
    ["PostgreSQL 18, managed", managedGx({ size: "db-s-1vcpu-2gb", version: "18" })],
    ["PostgreSQL 18 in the cluster", { [hermes]: { database: { version: "18" } } }],
    ["a fraction of a CPU", workload(gx, "projector", { resources: { limits: { cpu: "1.5" } } })],
    ["a fraction of a gibibyte", workload(gx, "projector", { resources: { limits: { memory: "1.5Gi" } } })],
    ["memory in thousands", workload(gx, "projector", { resources: { limits: { memory: "4G" } } })],
    [
      "a host in other letters",
      {
        [dotdo]: { ingress: { host: "do.xn--e1afmkfd.xn--p1ai" } },
        [platform]: { domains: { "xn--e1afmkfd.xn--p1ai": "external" } },
      },
    ],
    ["an existing server by its address", { [gx]: { redis: { kind: "existing", host: "203.0.113.7", tls: false } } }],
    [
      "a private server by its address",
      {
        [gx]: {
          redis: {
            kind: "existing",
            host: "10.116.0.5",
            tls: false,
            where: { kind: "private", addresses: ["10.116.0.0/20"] },
          },
        },
      },
    ],
    ["a tag with its digest", { [bowmark]: { imageTag: `1.4.0@sha256:${"a".repeat(64)}` } }],
    ["a digest", { [bowmark]: { imageTag: `sha256:${"a".repeat(64)}` } }],
    ["a schedule in words", backup({ schedule: "@daily" })],
    ["a schedule with names, steps and ranges", backup({ schedule: "*/15 8-18/2 ? jan-jun MON,WED,fri" })],
    [
      "free disk that the broker keeps, which its volume has",
      {
        [bowmark]: {
          rabbitmq: {
            kind: "in-cluster",
            config: { "disk_free_limit.absolute": "2GB", "disk_free_limit.relative": "1.5" },
          },
        },
      },
    ],
    ["a volume in gigabytes", { [hermes]: { database: { storage: "50G" } } }],
    [
      "a domain whose records are elsewhere",
      { [dotdo]: { ingress: { host: "do.example.org" } }, [platform]: { domains: { "example.org": "external" } } },
    ],
    [
      "what DigitalOcean has by now",
      {
        [platform]: {
          catalogue: "lenient",
          pools: { general: { size: "s-5vcpu-90gb" } },
          cluster: { version: "1.38" },
        },
      },
    ],
    ["buffers of a quarter of the memory", { [hermes]: { database: { parameters: { shared_buffers: "128MB" } } } }],
    [
      "an image of the server's version",
      workload(hermes, "ipfs-cache-postgres", { image: "mirror.example.com/postgres:16.4-bookworm" }),
    ],
  ])("%s", (_what, patch) => {
    expect(problems(patch)).toEqual([]);
  });

  it("the ranges of a cluster from before VPC-native networking, which it keeps for life", () => {
    const cluster = { clusterSubnet: "10.244.0.0/16", serviceSubnet: "10.245.0.0/16" };
    expect(problems({ [platform]: { catalogue: "lenient", cluster } })).toEqual([]);
    expect(problems({ [platform]: { cluster } }).map(({ fix }) => fix)).toEqual(
      Array(2).fill(expect.stringContaining("for a cluster that has it already, set catalogue: lenient")),
    );
  });

  it("a host in other letters is told in the form that DNS has", () => {
    expect(problems({ [dotdo]: { ingress: { host: "bücher.example.com" } } })).toEqual([
      expect.objectContaining({ path: `${dotdo}.ingress.host`, fix: "write it as xn--bcher-kva.example.com" }),
    ]);
  });
});
