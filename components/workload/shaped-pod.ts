/** Applies the shape of a workload, in which the stack's settings are included, to the pod as its system wires it. */
import { basename } from "node:path";
import { readFileSync } from "node:fs";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Shape } from "../../settings/slices/shape.ts";
import type { FileSource, ProbeSetting } from "../../settings/slices/workload.ts";
import { withTag } from "../../catalogue/image.ts";
import { secretKey } from "./config-objects.ts";
import { existingConfigMap, existingSecret, type ConfigSource } from "../site/config-source.ts";
import { fileObjects, readFiles } from "./file-objects.ts";
import type { Place } from "../site/namespace.ts";
import type { Container, EnvValue, Pod } from "./pod.ts";
import type { Mount } from "./volumes.ts";

type OfShape = "resources" | "startup" | "readiness" | "liveness" | "preStopSeconds" | "ports";

/** A container as its system wires it, without what the shape decides: probes, ports, and resources of the first container. */
export type OwnedContainer = Omit<Container, OfShape> & Partial<Pick<Container, "resources">>;

/** A pod as its system wires it. */
export interface OwnedPod extends Pick<Pod, "extraLabels" | "annotations" | "restartPolicy"> {
  /**
   * The first container is the workload itself: it gets image, command, probes, ports and resources of the shape. Variables,
   * mounted files and writable paths of the shape go to all.
   */
  readonly containers: readonly [OwnedContainer, ...OwnedContainer[]];
  /** Containers that run to their end before the others start; resources as in the shape unless they have their own. @default [] */
  readonly initContainers?: readonly OwnedContainer[];
}

interface Owner extends Place {
  readonly ownerName: string;
}

/**
 * Applies a shape to a pod, and makes the ConfigMaps of the files that it mounts.
 *
 * @returns the pod without its labels and its ServiceAccount, which the caller adds
 */
export function shapedPod(
  name: string,
  pod: OwnedPod,
  shape: Shape,
  { site, namespace, ownerName }: Owner,
  parent: pulumi.Resource,
): Omit<Pod, "labels" | "serviceAccountName"> {
  const files = Object.entries(shape.files).map(([path, source], i): Mount => {
    const numbered = i === 0 ? "" : `-${i + 1}`;
    return fileMount(`${name}-files${numbered}`, path, source, { site, namespace, ownerName }, i, parent);
  });
  const shared = distinct([...Object.entries(shape.writable).map(writableMount), ...files]);
  const others = (containers: readonly OwnedContainer[]) =>
    containers.map((container): Container => ({
      ...container,
      resources: container.resources ?? shape.resources,
      env: { ...container.env, ...ownEnv(shape) },
      mounts: [...shared, ...(container.mounts ?? [])],
    }));
  const {
    containers: [main, ...beside],
    initContainers,
    ...rest
  } = pod;
  return {
    ...rest,
    containers: [mainContainer(main, shape, shared), ...others(beside)],
    initContainers: initContainers && others(initContainers),
    user: shape.user,
    priorityClassName: site.priorities.names[shape.kind],
    graceSeconds: shape.graceSeconds,
    shareProcesses: shape.shareProcesses,
    nodeSelector: site.nodeSelector(shape.pool),
    imagePullSecrets: namespace.pullSecrets,
  };
}

function mainContainer(main: OwnedContainer, shape: Shape, shared: readonly Mount[]): Container {
  const probe = (setting: ProbeSetting | undefined) => (setting === undefined ? undefined : probeOf(setting));
  const envFrom = [...(main.envFrom ?? []), ...shape.envFrom.map(existingSecret)];
  return {
    ...main,
    image: release(main.image, shape),
    command: shape.command ?? main.command,
    args: shape.args ?? (shape.command === undefined ? main.args : undefined),
    env: { ...main.env, ...ownEnv(shape) },
    envFrom,
    ports: shape.ports,
    resources: shape.resources,
    startup: probe(shape.probes.startup),
    readiness: probe(shape.probes.readiness),
    liveness: probe(shape.probes.liveness),
    preStopSeconds: shape.preStopSeconds,
    mounts: [...shared, ...ownOrRunning(main.mounts ?? [], shape)],
  };
}

/** The system's mounts, with the claims of a running installation in the place of its own claims. */
function ownOrRunning(mounts: readonly Mount[], { running }: Shape): readonly Mount[] {
  const { claims } = running ?? {};
  if (claims === undefined) return mounts;
  const taken = claims.flatMap(({ name, mounts: paths }) =>
    Object.entries(paths).map(([path, folder]): Mount => ({
      path,
      volume: { kind: "claim", name },
      ...(folder === "" ? {} : { subPath: folder }),
    })),
  );
  return [...taken, ...mounts.filter(({ volume }) => volume.kind !== "claim")];
}

/**
 * The image of the first container: the system's, with the name or tag of the shape in place of its own.
 *
 * A name without a slash stays in the system's registry: `worker` makes `registry.example.com/team/api:1.4.0` into
 * `registry.example.com/team/worker:1.4.0`.
 */
export function release(image: string, { image: other, tag }: Pick<Shape, "image" | "tag">): string {
  const [, path = image, version = ""] = /^(.*?)(@[^@]+|:[^:/@]+(?:@[^@]+)?)?$/.exec(image) ?? [];
  const name =
    other === undefined || other.includes("/") ? (other ?? path) : [...path.split("/").slice(0, -1), other].join("/");
  if (tag !== undefined) return withTag(name, tag);
  return /[:@]/.test(name.split("/").at(-1) ?? "") ? name : `${name}${version}`;
}

function ownEnv({ env }: Shape): Record<string, EnvValue> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]): [string, EnvValue] => [
      name,
      typeof value === "string" ? value : secretKey(existingSecret(value.secret), value.key),
    ]),
  );
}

function probeOf({ http, tcp, exec, ...timings }: ProbeSetting): types.input.core.v1.Probe {
  const times = Object.fromEntries(Object.entries(timings));
  if (exec !== undefined) return { exec: { command: exec }, ...times };
  if (http === undefined) return { tcpSocket: { port: tcp ?? 0 }, ...times };
  const { path = "/", port = 80, scheme } = http;
  return { httpGet: { path, port, scheme }, ...times };
}

/** A writable path as a scratch volume: `/home/node/.cache` has the volume `writable-home-node-cache`. */
function writableMount([path, sizeLimit]: [string, string]): Mount {
  const name = path === "/tmp" ? "tmp" : volumeName("writable", path);
  return { path, volume: { kind: "scratch", name, sizeLimit } };
}

/** Adds a number to the name of a volume that another one has already, as for `/a/cache` and `/a/.cache`. */
function distinct(mounts: readonly Mount[]): Mount[] {
  const seen = new Map<string, number>();
  return mounts.map((mount) => {
    const { name } = mount.volume;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? mount : { ...mount, volume: { ...mount.volume, name: `${name.slice(0, 58)}-${count}` } };
  });
}

function volumeName(kind: string, path: string): string {
  return `${kind}-${path
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")}`
    .slice(0, 63)
    .replace(/-$/, "");
}

function fileMount(
  name: string,
  path: string,
  source: FileSource,
  { site, namespace, ownerName }: Owner,
  index: number,
  parent: pulumi.Resource,
): Mount {
  const volume = (from: ConfigSource | readonly ConfigSource[]) =>
    ({ kind: "files", name: volumeName("files", path), from }) as const;
  const objects = (files: Record<string, Buffer>) => {
    const objectName = `${ownerName}-mounted-files${index === 0 ? "" : `-${index + 1}`}`;
    return fileObjects(name, { site, namespace, objectName, files }, parent);
  };
  if ("folder" in source) return { path, volume: volume(objects(readFiles(source.folder))) };
  if ("file" in source) {
    const key = basename(source.file);
    return { path, subPath: key, volume: volume(objects({ [key]: readFileSync(source.file) })) };
  }
  const from = "configMap" in source ? existingConfigMap(source.configMap) : existingSecret(source.secret);
  return { path, volume: volume(from), subPath: source.key };
}
