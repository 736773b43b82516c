/** Every workload takes the whole slice of settings, and paths of its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../../graph/render/configuration.ts";
import { systems } from "../../../systems/settings.ts";
import { alone, type Loose, type RenderedStack, type SystemKey } from "../../support/stack.ts";
import { factsOf, workloadOf } from "./support.ts";

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
  });

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
