/** A rendered stack as tests ask about it. */
import type { KubernetesObject, Resource } from "../../graph/resource.ts";
import { kubernetesObject } from "../../graph/resource.ts";
import { render, type Rendering } from "../../graph/render/render.ts";
import { readStackFile, type Patch } from "../../graph/render/configuration.ts";
import { SettingsError, type Problem } from "../../settings/reading/error.ts";
import { systemNames, type SystemName, parseSettings } from "../../systems/settings.ts";

/** Any part of a manifest; tests assert on what they read, so its type would only be in the way. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

export class RenderedStack {
  readonly rendering: Rendering;

  constructor(rendering: Rendering) {
    this.rendering = rendering;
  }

  /** Resources of a kind: `Deployment`, `SpacesBucket`, or of a whole type token. */
  all(kind: string): Resource[] {
    return this.rendering.resources.filter(({ type }) => type === kind || type.split(":").at(-1) === kind);
  }

  /** The one resource of a kind with this object name, cloud name or resource name; fails when there is not exactly one. */
  one(kind: string, name: string): Resource & { inputs: Loose } {
    const found = this.all(kind).filter((resource) => [nameOf(resource), resource.name].includes(name));
    if (found[0] === undefined || found.length > 1) {
      throw new Error(`${found.length} of ${kind} ${name}; there are ${this.names(kind).join(", ") || "none"}`);
    }
    return found[0];
  }

  names(kind: string): string[] {
    return this.all(kind).map(nameOf).toSorted();
  }

  /** A Kubernetes object's manifest. */
  object(kind: string, name: string): Loose {
    return this.one(kind, name).inputs;
  }

  /** Every pod template, by the kind and name of its owner. */
  podTemplates(): { owner: string; namespace: string; template: Loose }[] {
    return this.objects().flatMap(({ kind, metadata, ...rest }) => {
      const spec: Loose = rest["spec"];
      const template: Loose = kind === "CronJob" ? spec.jobTemplate.spec.template : spec?.template;
      const ownsPods = ["Deployment", "StatefulSet", "Job", "CronJob", "DaemonSet"].includes(kind);
      return ownsPods ? [{ owner: `${kind}/${metadata.name}`, namespace: metadata.namespace ?? "", template }] : [];
    });
  }

  podSpec(kind: string, name: string): Loose {
    return this.podTemplates().find(({ owner }) => owner === `${kind}/${name}`)?.template.spec;
  }

  objects(): KubernetesObject[] {
    return this.rendering.resources.map(kubernetesObject).filter((object) => object !== undefined);
  }

  /** Every container of a pod template, those that run first included. */
  containers(kind: string, name: string): Loose[] {
    const spec = this.podSpec(kind, name);
    return [...(spec.initContainers ?? []), ...spec.containers];
  }

  /** Resource names of everything that an object waits for. */
  before(kind: string, name: string): string[] {
    return this.waitsFor(this.one(kind, name)).map((resource) => resource.name);
  }

  /** Everything that a resource waits for, through every step. */
  waitsFor(resource: Resource): Resource[] {
    const byUrn = new Map(this.rendering.resources.map((one) => [one.urn, one]));
    const seen = new Set<Resource>();
    const visit = (urn: string) => {
      const next = byUrn.get(urn);
      if (next === undefined || seen.has(next)) return;
      seen.add(next);
      next.dependsOn.forEach(visit);
    };
    resource.dependsOn.forEach(visit);
    return [...seen];
  }
}

export async function stack(name: string, patch?: Patch): Promise<RenderedStack> {
  return new RenderedStack(await render(name, patch));
}

export type SystemKey = SystemName;
export const systemKeys: readonly SystemKey[] = systemNames;

/** A stack with one of its systems on. */
export function alone(system: SystemKey): (name: string, patch?: Patch) => Promise<RenderedStack> {
  const others = systemKeys.filter((key) => key !== system).map((key) => [`doks-systems:${key}`, null]);
  return (name, patch = {}) => stack(name, { ...Object.fromEntries(others), ...patch });
}

/** What the settings of a stack are refused for; empty when they are accepted. */
export function problems(name: string, patch: Patch): readonly Problem[] {
  try {
    parseSettings(name, readStackFile(name, patch));
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

/** An environment variable of a container: its literal, `secret/key`, or the path of a field. */
export function env(container: Loose, name: string): string | undefined {
  const variable = container.env?.find((entry: Loose) => entry.name === name);
  const { secretKeyRef: ref, fieldRef: field } = variable?.valueFrom ?? {};
  return ref === undefined ? (field?.fieldPath ?? variable?.value) : `${ref.name}/${ref.key}`;
}

/** What differs between two renderings: names of resources that exist in one only, or whose inputs differ. */
export function changes(before: RenderedStack, after: RenderedStack): string[] {
  const label = (resource: Resource) => `${resource.type.split(":").at(-1) ?? ""} ${nameOf(resource)}`;
  const index = (one: RenderedStack) =>
    new Map(one.rendering.resources.filter(({ custom }) => custom).map((resource) => [resource.urn, resource]));
  const [old, now] = [index(before), index(after)];
  const changed = [...old].filter(([urn, resource]) => {
    const other = now.get(urn);
    return other === undefined || JSON.stringify(other.inputs) !== JSON.stringify(resource.inputs);
  });
  const added = [...now].filter(([urn]) => !old.has(urn));
  return [...changed, ...added].map(([, resource]) => label(resource)).toSorted();
}

function nameOf(resource: Resource): string {
  return kubernetesObject(resource)?.metadata.name ?? (resource.inputs["name"] as string | undefined) ?? resource.name;
}

/** A patch's part that takes away what only a cluster of one's own has. */
export const ownClusterOnly = {
  ...{ version: null, ha: null, systemPool: null },
  ...{ vpcRange: null, clusterSubnet: null, serviceSubnet: null },
};
