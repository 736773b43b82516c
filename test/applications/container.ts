/** What a rendered workload gives its application: environment, files, user, limits, and who asks it what. */
import type { Labels } from "../../graph/pods.ts";
import type { Loose, RenderedStack } from "../support/stack.ts";

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly fsGroup: number;
}

export interface Container {
  readonly stack: RenderedStack;
  readonly kind: string;
  readonly owner: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly pod: Loose;
  readonly spec: Loose;
  readonly env: Readonly<Record<string, string>>;
  readonly user: User;
}

/** Images of other projects, which run what they are known to run. */
const infrastructure =
  /(^|\/)(postgres|redis|valkey|rabbitmq|cp-(zookeeper|kafka|schema-registry)|kafka-exporter|aws-cli|kubectl|dbmate)[:@]/;

/** Names of the workloads that run an application's image. */
export function applicationWorkloads(stack: RenderedStack): string[] {
  const templates = stack.podTemplates().filter(({ template }) => {
    const { containers, initContainers = [] } = template.spec;
    return [...containers, ...initContainers].some(({ image }: Loose) => !infrastructure.test(image));
  });
  return templates.map(({ owner }) => workloadName(owner)).toSorted();
}

/** `Job/gx-migrate-990b61ec` → `gx-migrate`. */
function workloadName(owner: string): string {
  const [kind, name = ""] = owner.split("/");
  return kind === "Job" ? name.replace(/-[0-9a-f]{8}$/, "") : name;
}

/** The container that runs a workload's application; undefined where the stack has no such workload. */
export function containerOf(stack: RenderedStack, workload: string): Container | undefined {
  const found = stack.podTemplates().find(({ owner }) => workloadName(owner) === workload);
  if (found === undefined) return undefined;
  const { owner, namespace, template } = found;
  const [kind = "", name = ""] = owner.split("/");
  const { spec: pod, metadata } = template;
  const { runAsUser: uid, runAsGroup: gid, fsGroup } = pod.securityContext;
  const container = {
    ...{ stack, kind, namespace, pod, owner: name, spec: pod.containers[0], user: { uid, gid, fsGroup } },
    ...{ labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} },
  };
  return { ...container, env: environment(container) };
}

/** Keys and values of a ConfigMap or Secret; empty for one that the stack does not make. */
export function contents(stack: RenderedStack, namespace: string, kind: string, name: string): Record<string, string> {
  const object: Loose = stack
    .objects()
    .find((one) => one.kind === kind && one.metadata.namespace === namespace && one.metadata.name === name);
  const decode = (data: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64").toString("latin1")]),
    );
  if (kind === "Secret") return { ...decode(object?.data), ...object?.stringData };
  return { ...decode(object?.binaryData), ...object?.data };
}

function environment(container: Omit<Container, "env">): Record<string, string> {
  const { stack, namespace, spec } = container;
  const all: Record<string, string> = {};
  for (const { configMapRef, secretRef, prefix = "" } of spec.envFrom ?? []) {
    const [kind, { name }] = secretRef === undefined ? ["ConfigMap", configMapRef] : ["Secret", secretRef];
    for (const [key, text] of Object.entries(contents(stack, namespace, kind, name))) all[`${prefix}${key}`] = text;
  }
  for (const { name, value, valueFrom } of spec.env ?? []) {
    const text = valueFrom === undefined ? expanded(value ?? "", all) : referenced(container, valueFrom);
    if (text !== undefined) all[name] = text;
  }
  return all;
}

/** `$(NAME)` of a variable that came earlier; `$$(NAME)` is not one. */
function expanded(text: string, earlier: Record<string, string>): string {
  return text.replaceAll(/\$(\$?)\((\w+)\)/g, (whole, escaped: string, name: string) =>
    escaped === "$" ? `$(${name})` : (earlier[name] ?? whole),
  );
}

function referenced({ stack, namespace, owner }: Omit<Container, "env">, from: Loose): string | undefined {
  const { secretKeyRef, configMapKeyRef, fieldRef } = from;
  if (fieldRef !== undefined) {
    const fields: Record<string, string> = { "metadata.name": `${owner}-0`, "metadata.namespace": namespace };
    return fields[fieldRef.fieldPath] ?? "127.0.0.1";
  }
  const { name, key, optional } = secretKeyRef ?? configMapKeyRef;
  const text = contents(stack, namespace, secretKeyRef === undefined ? "ConfigMap" : "Secret", name)[key];
  // A Secret that others make has something in it.
  return text ?? (optional === true ? undefined : "given");
}

/** The memory limit in MiB. */
export function memoryLimit({ spec }: Container): number | undefined {
  const [, count, unit = ""] = /^([\d.]+)(Mi|Gi)$/.exec(spec.resources?.limits?.memory ?? "") ?? [];
  return count === undefined ? undefined : Number(count) * (unit === "Gi" ? 1024 : 1);
}

/** Seconds that pass before the signal to stop. */
export function preStopSeconds({ spec }: Container): number {
  const { sleep, exec } = spec.lifecycle?.preStop ?? {};
  return sleep?.seconds ?? Number(/\bsleep (\d+)/.exec((exec?.command ?? []).join(" "))?.[1] ?? 0);
}

/** Paths and ports that Prometheus asks, by annotation or by a ServiceMonitor. */
export function scrapes({ stack, namespace, labels, annotations, spec }: Container): { port: number; path: string }[] {
  const annotated = annotations["prometheus.io/scrape"] === "true";
  const { "prometheus.io/port": port = "80", "prometheus.io/path": path = "/metrics" } = annotations;
  const services: Loose[] = stack.objects().filter(({ kind }) => kind === "Service");
  const monitors: Loose[] = stack.objects().filter(({ kind }) => kind === "ServiceMonitor");
  const monitored = monitors.flatMap(({ metadata, spec: monitor }) => {
    const chosen = services.filter(
      (service) =>
        service.metadata.namespace === namespace &&
        metadata.namespace === namespace &&
        within(monitor.selector.matchLabels, service.metadata.labels ?? {}) &&
        within(service.spec.selector ?? {}, labels),
    );
    return chosen.flatMap((service) =>
      monitor.endpoints.map((endpoint: Loose) => {
        const { targetPort } = service.spec.ports.find(({ name }: Loose) => name === endpoint.port) ?? {};
        return { port: portNumber(spec, targetPort), path: endpoint.path ?? "/metrics" };
      }),
    );
  });
  return [...(annotated ? [{ port: Number(port), path }] : []), ...monitored];
}

/** A container port by its number or name. */
export function portNumber(spec: Loose, port: string | number): number {
  const named = spec.ports?.find(({ name }: Loose) => name === port)?.containerPort;
  return named ?? Number(port);
}

function within(some: Labels, all: Labels): boolean {
  return Object.entries(some).every(([key, text]) => all[key] === text);
}
