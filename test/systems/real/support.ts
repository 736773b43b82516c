/** How the tests of the published applications ask about a system that is rendered alone, whichever stack it is in. */
import { kubernetesObject } from "../../../graph/resource.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import { alone, problems, RenderedStack, systemKeys, type Loose, type SystemKey } from "../../support/stack.ts";

export const stacks = ["prod", "staging", "local"];

/** Alerts and dashboards in every stack, also where its file has no Prometheus. */
export const watched: Patch = { "doks-systems:platform": { addons: { prometheus: "existing" } } };

/** A data service with nothing left of the one that the file may name. */
export function instead(service: Patch): Patch {
  const known = [
    "storage",
    "passwordVersion",
    "maxMemory",
    "eviction",
    "size",
    "nodes",
    "version",
    "name",
    "resources",
  ];
  const more = ["connectionPool", "host", "port", "user", "tls", "caCertificate", "where", "parameters"];
  return { ...Object.fromEntries([...known, ...more].map((key) => [key, null])), ...service };
}

/** One system: its renderings, each made once, and the problems that its settings have. */
export function published(system: SystemKey) {
  const key = `doks-systems:${system}`;
  const made = new Map<string, Promise<PublishedStack>>();
  const others = Object.fromEntries(
    systemKeys.filter((one) => one !== system).map((one) => [`doks-systems:${one}`, null]),
  );
  return {
    key,
    /** A stack as its file has it, with these settings of the system over it. */
    render: (name: string, settings: Patch = {}, further: Patch = {}): Promise<PublishedStack> => {
      const patch = { ...further, [key]: settings };
      const what = JSON.stringify([name, patch]);
      const stack = made.get(what) ?? alone(system)(name, patch).then((one) => new PublishedStack(one.rendering));
      made.set(what, stack);
      return stack;
    },
    /** Problems of the system's own settings. */
    refused: (name: string, settings: Patch) =>
      problems(name, { ...others, [key]: settings }).filter(({ path }) => path.startsWith(key)),
  };
}

/** A rendered stack; what is not said to be of another kind is a Deployment. */
export class PublishedStack extends RenderedStack {
  /** The notices whose path has this in it, as a preview shows them: path and text. */
  notices(path: string): string[] {
    return this.rendering.notices
      .filter((notice) => notice.path.includes(path))
      .map((notice) => `${notice.path} ${notice.text}`);
  }

  pod(name: string, kind = "Deployment"): Loose {
    return this.podSpec(kind, name) ?? this.one(kind, name);
  }

  /** A workload's only container, or its first. */
  main(name: string, kind = "Deployment"): Loose {
    return this.pod(name, kind).containers[0];
  }

  /** Name of a task's Job, whose end is a hash of what it runs. */
  jobOf(task: string): string {
    const jobs = this.names("kubernetes:batch/v1:Job");
    const found = jobs.filter((name) => name.replace(/-[0-9a-f]{8}$/, "") === task && name !== task);
    if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} of ${task}: ${jobs.join(", ")}`);
    return found[0];
  }

  /** The objects that an object waits for: `Job/gx-migrate-0a1b2c3d`. */
  awaitedBy(name: string, kind = "Deployment"): string[] {
    return this.waitsFor(this.one(kind, name))
      .map(kubernetesObject)
      .flatMap((object) => (object === undefined ? [] : `${object.kind}/${object.metadata.name}`));
  }

  /** Content of a Secret or ConfigMap of the stack; empty for one that somebody else keeps. */
  content(kind: "Secret" | "ConfigMap", name: string): Record<string, string> {
    const type = `kubernetes:core/v1:${kind}`;
    if (!this.names(type).includes(name)) return {};
    const { data, stringData, binaryData } = this.object(type, name);
    return { ...binaryData, ...data, ...stringData };
  }

  /** What a process reads in a variable, wherever it comes from. */
  variable(container: Loose, name: string): string | undefined {
    const given = container.env?.find((entry: Loose) => entry.name === name);
    const ref = given?.valueFrom?.secretKeyRef;
    if (ref !== undefined) return this.content("Secret", ref.name)[ref.key];
    if (given !== undefined) return given.value;
    const sources: Record<string, string>[] = (container.envFrom ?? []).map(({ configMapRef, secretRef }: Loose) =>
      configMapRef === undefined
        ? this.content("Secret", secretRef.name)
        : this.content("ConfigMap", configMapRef.name),
    );
    return Object.assign({}, ...sources)[name];
  }

  /** Every rule that lets a workload's pods out. */
  egress(name: string, kind = "Deployment"): Loose[] {
    const { namespace, template } = this.podTemplates().find(({ owner }) => owner === `${kind}/${name}`) as Loose;
    const selects = (labels: Record<string, string> = {}) =>
      Object.entries(labels).every(([label, value]) => template.metadata.labels[label] === value);
    return this.all("NetworkPolicy")
      .map(({ inputs }) => inputs as Loose)
      .filter(({ metadata, spec }) => metadata.namespace === namespace && selects(spec.podSelector.matchLabels))
      .flatMap(({ spec }) => spec.egress ?? []);
  }

  /** Ports of the internet that a workload's pods reach, private addresses left out. */
  internetPorts(name: string, kind = "Deployment"): number[] {
    const rules = this.egress(name, kind).filter(({ to }) =>
      to?.some((peer: Loose) => peer.ipBlock?.cidr === "0.0.0.0/0" && peer.ipBlock.except.includes("10.0.0.0/8")),
    );
    const ports: number[] = rules.flatMap((rule) => rule.ports.map(({ port }: Loose) => port));
    return [...new Set(ports)].toSorted((a, b) => a - b);
  }

  /** Ports that a workload's pods reach in another namespace, each with the labels of the pods there. */
  neighbourPorts(name: string, namespace: string): [object, number][] {
    return this.egress(name).flatMap(({ to, ports }) =>
      (to ?? [])
        .filter((peer: Loose) => peer.namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"] === namespace)
        .flatMap((peer: Loose) => ports.map(({ port }: Loose) => [peer.podSelector?.matchLabels ?? {}, port])),
    );
  }

  /** Every alert by its name. */
  alerts(): Record<string, Loose> {
    const rules = this.all("PrometheusRule")
      .flatMap(({ inputs }) => (inputs as Loose).spec.groups)
      .flatMap((group) => group.rules);
    return Object.fromEntries(rules.map((rule: Loose) => [rule.alert, rule]));
  }

  /** How many pods of a Deployment there may be. */
  mostPods(name: string): number {
    const scaler = this.all("HorizontalPodAutoscaler")
      .map(({ inputs }) => (inputs as Loose).spec)
      .find(({ scaleTargetRef }) => scaleTargetRef.name === name);
    return scaler?.maxReplicas ?? this.object("Deployment", name).spec.replicas;
  }

  /** `max_connections` as a server in the cluster is started. */
  maxConnections(server: string): number {
    const args: string[] = this.main(server, "StatefulSet").args ?? [];
    const at = args.findIndex((arg, i) => arg.startsWith("max_connections=") && args[i - 1] === "-c");
    return Number(args[at]?.split("=")[1]);
  }
}

/** The volume of a path. */
export function volumeAt(spec: Loose, path: string): Loose {
  const mount = spec.containers[0].volumeMounts?.find(({ mountPath }: Loose) => mountPath === path);
  return spec.volumes?.find(({ name }: Loose) => name === mount?.name);
}

/** Paths of empty directories: everything else of the pod is read-only. */
export function writable(spec: Loose): string[] {
  const paths: string[] = (spec.containers[0].volumeMounts ?? []).map(({ mountPath }: Loose) => mountPath);
  return paths.filter((path) => volumeAt(spec, path)?.emptyDir !== undefined).toSorted();
}
