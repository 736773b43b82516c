/**
 * What the tables of workloads say is what is rendered. The rules of the settings go by them: a path that they do not know
 * is written over, a variable from a Secret that they do not know is replaced by a text, a port that they do not know is
 * closed.
 */
import { describe, expect, it } from "vitest";
import type { Patch } from "../../../graph/render/configuration.ts";
import type { Shape } from "../../../settings/slices/shape.ts";
import { systems } from "../../../systems/settings.ts";
import { alone, type Loose, type SystemKey } from "../../support/stack.ts";
import { instead } from "../real/support.ts";
import { factsOf, workloadOf } from "./support.ts";

const caCertificate = "-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----";
const managed = instead({ kind: "managed", size: "db-s-1vcpu-2gb" });
const existing = (tls: string, more: Patch = {}) =>
  instead({ kind: "existing", host: "db.example.com", user: "owner", tls, ...more });
const verified = existing("verify-full", { caCertificate });
const cache = { kind: "managed", size: "db-s-1vcpu-1gb" };
const redis = {
  managed: instead(cache),
  private: instead({ kind: "existing", host: "redis.example.com", tls: true, caCertificate }),
  public: instead({ kind: "existing", host: "redis.example.com", tls: true }),
};
const kafka = (security?: object) => ({
  kafka: {
    ...Object.fromEntries(["storage", "brokers", "zookeeper", "retentionHours"].map((key) => [key, null])),
    ...{ kind: "existing", bootstrapServers: ["kafka.example.com:9093"] },
    ...(security === undefined ? {} : { security }),
  },
});
const sasl = { mechanism: "SCRAM-SHA-512", username: "clients" };
const databaseTls = { imageSupports: { databaseTls: true } };
const redisTls = { imageSupports: { redisTls: true } };
const metrics = { port: 9090 };
const backup = { bucket: { kind: "existing", name: "dumps", region: "nyc3" }, restoreDrill: "0 10 * * 0" };

/** What a stack may choose, beyond what the committed ones do: system, stack, settings. */
const variants: [string, SystemKey, string, Patch][] = [
  ["a managed database", "hermes", "prod", { database: managed, ...databaseTls }],
  ["an existing database without TLS", "hermes", "prod", { database: existing("disable") }],
  ["an existing database that is verified", "hermes", "local", { database: verified, ...databaseTls }],
  ["metrics, shards and dumps elsewhere", "hermes", "local", { metrics, sharding: true, backup }],
  ["a managed database", "gx", "staging", { database: managed }],
  ["an existing database that is verified", "gx", "prod", { database: verified }],
  ["an existing database that is encrypted", "gx", "prod", { database: existing("require") }],
  ["a managed Redis", "gx", "prod", { redis: redis.managed, ...redisTls }],
  ["a Redis of a private authority", "gx", "prod", { redis: redis.private, ...redisTls }],
  ["a migration", "gx", "prod", { migration: { image: "gx-migrate", command: ["npx", "prisma"] } }],
  [
    "a migration of a verified database",
    "gx",
    "local",
    { database: verified, migration: { image: "m", command: ["m"] } },
  ],
  ["Fabric", "gx", "local", { existingSecrets: { "fabric-credentials": "fabric" } }],
  ["no Fabric, and dumps", "gx", "local", { backup }],
  ["a Redis", "dotdo", "prod", { redis: { kind: "in-cluster" } }],
  ["a managed Redis", "dotdo", "prod", { redis: cache }],
  ["a Redis of a private authority", "dotdo", "local", { redis: redis.private }],
  ["a Redis of a public authority", "dotdo", "local", { redis: redis.public }],
  ["the profile of Fly", "dotdo", "local", { profile: "fly" }],
  ["Secrets of somebody else", "dotdo", "local", { existingSecrets: { "dotdo-secrets": "theirs" } }],
  ["a backfill", "bowmark", "prod", { runBackfill: true }],
  ["a backfill of a managed database", "bowmark", "prod", { runBackfill: true, database: managed }],
  ["an existing database that is verified", "bowmark", "prod", { database: verified }],
  ["an existing database of a public authority", "bowmark", "local", { database: existing("verify-ca"), backup }],
  ["a managed database", "caracal", "prod", { database: managed }],
  ["an existing database that is verified", "caracal", "prod", { database: verified }],
  ["a managed Redis", "caracal", "prod", { redis: redis.managed }],
  ["a Redis of a private authority", "caracal", "prod", { redis: redis.private }],
  [
    "managed brokers",
    "caracal",
    "prod",
    { kafka: { ...kafka().kafka, bootstrapServers: null, kind: "managed", size: "db-s-2vcpu-4gb" } },
  ],
  ["existing brokers", "caracal", "prod", kafka()],
  ["existing brokers over TLS", "caracal", "prod", kafka({ protocol: "SSL", caCertificate })],
  ["existing brokers that ask for a password", "caracal", "prod", kafka({ protocol: "SASL_PLAINTEXT", ...sasl })],
  ["existing brokers with both", "caracal", "local", kafka({ protocol: "SASL_SSL", ...sasl, caCertificate })],
  ["snapshots", "caracal", "prod", { snapshots: {} }],
  [
    "no mTLS, and MCP servers",
    "caracal",
    "local",
    { mtls: false, mcpServers: { one: "https://one.example.com" }, backup },
  ],
];

/** What the tables say of a workload, and the rules go by. */
type Known = Record<"mounts" | "secretEnv" | "ports", unknown>;

describe.each(["prod", "staging", "local"])("in %s", (name) => {
  it.each(Object.keys(systems) as SystemKey[])("every workload of %s is what its table says", async (system) => {
    await expectShaped(system, name, {});
  });
});

describe("with other settings", () => {
  it.each(variants)("%s of %s in %s: every workload is what its table says", async (_what, system, name, settings) => {
    await expectShaped(system, name, settings);
  });
});

async function expectShaped(system: SystemKey, name: string, settings: Patch): Promise<void> {
  const key = `doks-systems:${system}`;
  const { shapes, namespace } = factsOf(system, name, settings);
  const rendered = await alone(system)(name, { [key]: settings });
  const owners = rendered.podTemplates().filter((one) => one.namespace === namespace.name);
  const found = owners.map(({ owner, template }): [string, Known] => {
    const workload = workloadOf(owner);
    return [workload, renderedOf(template.spec, shapes[workload])];
  });
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(Object.entries(shapes).map(([workload, one]) => [workload, toldOf(one)])),
  );
}

function toldOf({ mounts, secretEnv, ports }: Shape): Known {
  return { mounts: mounts.toSorted(), secretEnv: secretEnv.toSorted(), ports };
}

/** Of all containers of a pod: a stack's own folders, files and variables go to each of them. */
function renderedOf({ containers, initContainers = [] }: Loose, shape: Shape | undefined): Known {
  const all: Loose[] = [...containers, ...initContainers];
  const distinct = (of: (container: Loose) => string[]) => [...new Set(all.flatMap(of))].toSorted();
  const own = [...Object.keys(shape?.writable ?? {}), ...Object.keys(shape?.files ?? {})];
  const paths = distinct(({ volumeMounts = [] }) => volumeMounts.map(({ mountPath }: Loose) => mountPath));
  const ports: Loose[] = all.flatMap(({ ports: each = [] }) => each);
  return {
    mounts: paths.filter((path) => !own.includes(path)),
    secretEnv: distinct(({ env = [] }) =>
      env.filter(({ valueFrom }: Loose) => valueFrom?.secretKeyRef !== undefined).map((one: Loose) => one.name),
    ),
    ports: Object.fromEntries(ports.map(({ name, containerPort }) => [name, containerPort])),
  };
}
