/**
 * What the tables of workloads say is what is rendered. The rules of the settings go by them: a path that they do not know
 * is written over, a variable from a Secret that they do not know is replaced by a text, a port that they do not know is
 * closed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackFile, type Patch } from "../../graph/render/configuration.ts";
import type { SystemFacts } from "../../settings/slices/facts.ts";
import type { Shape } from "../../settings/slices/shape.ts";
import { systems } from "../../settings/systems.ts";
import { alone, type Loose, type RenderedStack, type SystemKey } from "../support/stack.ts";
import { instead } from "./real/support.ts";

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
  ["Fabric", "gx", "local", { fabric: { credentials: { kind: "existing", secretName: "fabric" } } }],
  ["no Fabric, and dumps", "gx", "local", { backup }],
  ["a Redis", "dotdo", "prod", { redis: { kind: "in-cluster" } }],
  ["a managed Redis", "dotdo", "prod", { redis: cache }],
  ["a Redis of a private authority", "dotdo", "local", { redis: redis.private }],
  ["a Redis of a public authority", "dotdo", "local", { redis: redis.public }],
  ["the profile of Fly", "dotdo", "local", { profile: "fly" }],
  ["Secrets of somebody else", "dotdo", "local", { secrets: { kind: "existing", secretName: "theirs" } }],
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

describe.each(Object.keys(systems) as SystemKey[])("every workload of %s", (system) => {
  const key = `doks-systems:${system}`;
  const further: Patch = system === "gx" ? { migration: { image: "gx-migrate", command: ["npx", "prisma"] } } : {};
  const names = Object.keys(factsOf(system, "prod", further).shapes);
  let one: RenderedStack;
  let pods: Map<string, Loose>;

  beforeAll(async () => {
    const workloads = Object.fromEntries(names.map((name) => [name, slice]));
    one = await alone(system)("prod", { [key]: { ...further, workloads } });
    pods = new Map(one.podTemplates().map(({ owner, template }) => [workloadOf(owner), template.spec]));
  }, 60_000);

  it.each(names)("takes the whole slice: %s", (name) => {
    const spec = pods.get(name);
    const [main] = spec.containers;
    expect(main).toMatchObject({ image: slice.image, command: slice.command, args: slice.args });
    expect(main.env).toEqual(expect.arrayContaining([{ name: "OWN", value: "text" }, ownSecret]));
    expect(main.envFrom).toContainEqual({ secretRef: { name: "own-env" } });
    expect(main.resources).toMatchObject(slice.resources);
    expect(main.lifecycle.preStop.sleep.seconds).toBe(slice.preStopSeconds);
    expect(main.ports).toContainEqual({ name: "own", containerPort: slice.ports.own });
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
      expect(main[probe], probe).toMatchObject({ exec: { command: ["own", probe] }, periodSeconds: 44 });
    }
    expect(spec.terminationGracePeriodSeconds).toBe(slice.graceSeconds);
    expect(spec.shareProcessNamespace).toBe(true);
    const { uid, gid } = slice.user;
    expect(spec.securityContext).toMatchObject({ runAsUser: uid, runAsGroup: gid, fsGroup: gid });
    for (const container of spec.containers) {
      const volumeAt = (path: string) => {
        const [mount, ...more] = container.volumeMounts.filter(({ mountPath }: Loose) => mountPath === path);
        expect(more, path).toEqual([]);
        return { ...spec.volumes.find((volume: Loose) => volume.name === mount.name), subPath: mount.subPath };
      };
      expect(volumeAt("/own/cache").emptyDir).toEqual({ sizeLimit: "32Mi" });
      expect(volumeAt("/own/folder").configMap.name).toBe(`${name}-mounted-files`);
      expect(volumeAt("/own/package.json")).toMatchObject({
        configMap: { name: `${name}-mounted-files-2` },
        subPath: "package.json",
      });
      expect(volumeAt("/own/secret").secret.secretName).toBe("own-secret");
      expect(volumeAt("/own/ca.crt")).toMatchObject({ configMap: { name: "own-map" }, subPath: "bundle.crt" });
    }
    expect(one.object("NetworkPolicy", name).spec.egress).toContainEqual({
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "elsewhere" } },
          podSelector: { matchLabels: { app: "own" } },
        },
      ],
      ports: [{ protocol: "TCP", port: 4711 }],
    });
  });

  it("may be visited by whom the stack names, on every port that it has", () => {
    const { shapes } = factsOf(system, "prod", {
      ...further,
      workloads: Object.fromEntries(names.map((name) => [name, slice])),
    });
    for (const [name, { ports, kind }] of Object.entries(shapes).filter(([, shaped]) => shaped.kind !== "task")) {
      const { podSelector, ingress } = one.object("NetworkPolicy", `guests-visits-${name}`).spec;
      const selected = pods.get(name);
      expect([kind, selected], name).not.toContain(undefined);
      expect(podSelector.matchLabels, name).not.toEqual({});
      const numbers: number[] = ingress[0].ports.map(({ port }: Loose) => port);
      expect(
        numbers.toSorted((a, b) => a - b),
        name,
      ).toEqual(Object.values(ports).toSorted((a, b) => a - b));
    }
  });

  it("has objects of names that no other has", () => {
    const all = one.objects().map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
    expect(all.filter((object, i) => all.indexOf(object) !== i)).toEqual([]);
  });
});

describe("paths of a stack's own", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-files-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("have volumes of their own, however alike they are", async () => {
    const setting = {
      writable: { "/own/cache": "32Mi", "/own/.cache": "64Mi" },
      files: { "/own/ca.crt": { secret: "one", key: "ca.crt" }, "/own/ca-crt": { secret: "two", key: "ca.crt" } },
    };
    const workloads = { "hermes-ipfs-cache": setting };
    const one = await alone("hermes")("prod", { "doks-systems:hermes": { workloads } });
    const { volumes, containers } = one.podSpec("Deployment", "hermes-ipfs-cache");
    const at = (path: string) => {
      const { name } = containers[0].volumeMounts.find(({ mountPath }: Loose) => mountPath === path);
      const { emptyDir, secret } = volumes.find((volume: Loose) => volume.name === name);
      return emptyDir?.sizeLimit ?? secret?.secretName;
    };
    const paths = [...Object.keys(setting.writable), ...Object.keys(setting.files)];
    expect(paths.map(at)).toEqual(["32Mi", "64Mi", "one", "two"]);
  });

  it("are all there when one object does not hold a folder, and another file lies beside it", async () => {
    for (const name of ["1.bin", "2.bin"]) writeFileSync(join(folder, name), Buffer.alloc(700 * 1024, 0xff));
    const files = { "/own/folder": { folder }, "/own/package.json": { file: "package.json" } };
    const workloads = { "hermes-ipfs-cache": { files } };
    const one = await alone("hermes")("prod", { "doks-systems:hermes": { workloads } });
    const { volumes, containers } = one.podSpec("Deployment", "hermes-ipfs-cache");
    const at = (path: string) => {
      const { name } = containers[0].volumeMounts.find(({ mountPath }: Loose) => mountPath === path);
      const { projected, configMap } = volumes.find((volume: Loose) => volume.name === name);
      const sources: Loose[] = projected?.sources ?? [{ configMap }];
      return sources.flatMap(({ configMap: { name: map } }) => {
        const { data = {}, binaryData = {} } = one.object("ConfigMap", map);
        return Object.keys({ ...data, ...binaryData });
      });
    };
    expect(at("/own/folder")).toEqual(["1.bin", "2.bin"]);
    expect(at("/own/package.json")).toEqual(["package.json"]);
  });
});

const handler = (probe: string) => ({ exec: ["own", probe], periodSeconds: 44 });
const ownSecret = { name: "OWN_SECRET", valueFrom: { secretKeyRef: { name: "own-secret", key: "key" } } };
/** Something of everything, in none of which one workload differs from another. */
const slice = {
  image: "ghcr.io/own/image:1.2.3",
  ...{ command: ["own-program"], args: ["--own"] },
  env: { OWN: "text", OWN_SECRET: { secret: "own-secret", key: "key" } },
  envFrom: ["own-env"],
  user: { uid: 4242, gid: 4243 },
  writable: { "/own/cache": "32Mi" },
  files: {
    "/own/folder": { folder: "systems/hermes/migrations" },
    "/own/package.json": { file: "package.json" },
    "/own/secret": { secret: "own-secret" },
    "/own/ca.crt": { configMap: "own-map", key: "bundle.crt" },
  },
  ports: { own: 4712 },
  probes: {
    startup: handler("startupProbe"),
    readiness: handler("readinessProbe"),
    liveness: handler("livenessProbe"),
  },
  resources: { requests: { cpu: "11m", memory: "12Mi" }, limits: { cpu: "13m", memory: "1400Mi" } },
  ...{ graceSeconds: 77, preStopSeconds: 7, shareProcesses: true },
  reaches: { own: { kind: "pods", namespace: "elsewhere", labels: { app: "own" }, ports: [4711] } },
  // The last three are what the program calls callers of its own.
  reachedBy: Object.fromEntries(
    ["guests", "edge", "internet", "prometheus"].map((name) => [name, { kind: "pods", namespace: "elsewhere" }]),
  ),
};

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

/** What a system's settings come to. */
function factsOf(system: SystemKey, name: string, settings: Patch): SystemFacts {
  const key = `doks-systems:${system}`;
  const { setting, facts } = systems[system];
  const parsed: unknown = setting.parse(JSON.parse(readStackFile(name, { [key]: settings })[key] ?? ""));
  return (facts as (given: never) => SystemFacts)(parsed as never);
}

/** `Job/gx-migrate-0a1b2c3d` → `gx-migrate` */
function workloadOf(owner: string): string {
  const [kind, name = ""] = owner.split("/");
  return kind === "Job" ? name.replace(/-[0-9a-f]{8}$/, "") : name;
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
