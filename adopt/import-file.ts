/** The files for `pulumi import`. Pure. */
import { dataHolders } from "../graph/data.ts";
import { mask } from "../graph/masking.ts";
import { kindOf, providerOf, type Resource } from "../graph/resource.ts";
import { byUrn } from "../graph/stack.ts";
import type { Match } from "./match/match.ts";

/** A resource in an import file. Source: Pulumi CLI 3.265, `importSpec` in `pkg/cmd/pulumi/operations/import.go`. */
interface ImportSpec {
  readonly type: string;
  /** What the file calls it: its URN, which nothing else has. */
  readonly name: string;
  /** Pulumi's name of it. */
  readonly logicalName: string;
  readonly id?: string;
  readonly component?: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly version?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** A file for `pulumi import --file`. */
interface ImportFile {
  readonly resources: readonly ImportSpec[];
}

/**
 * The imports, in their order. Components come alone: the engine makes a provider before the component that it belongs to, and then
 * refuses its own state (Pulumi CLI 3.265, `registerProviders`). What holds data is protected with the import, so that no update
 * replaces it in silence.
 */
export interface Imports {
  readonly components: ImportFile;
  readonly data: ImportFile;
  readonly others: ImportFile;
}

/** What the files are made of. */
interface About {
  readonly resources: readonly Resource[];
  readonly found: ReadonlyMap<string, Match>;
  /** DigitalOcean's id of the cluster; undefined for one that only a kubeconfig tells of. */
  readonly clusterId: string | undefined;
  /** Version of each provider's package, by its name: `kubernetes`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The files, each with the components and providers that its resources belong to. */
export function importFiles(about: About): Imports {
  const { resources, found } = about;
  const holders = dataHolders(resources);
  const [data, others] = [true, false].map((wanted) =>
    [...found.values()].filter(({ resource }) => holders.has(resource.urn) === wanted),
  );
  const files = { data: fileOf(data ?? [], about), others: fileOf(others ?? [], about) };
  const components = [...files.data.resources, ...files.others.resources].filter(({ component }) => component === true);
  const byName = new Map(components.map((one) => [one.name, one]));
  return { components: { resources: [...byName.values()] }, ...files };
}

function fileOf(matches: readonly Match[], about: About): ImportFile {
  const all = byUrn(about.resources);
  const around = new Map<string, ImportSpec>();
  for (const { resource } of matches) {
    for (const one of holdersOf(resource, all)) around.set(one.urn, componentSpec(one));
    const provider = all.get(resource.provider ?? "");
    if (provider === undefined) continue;
    for (const one of holdersOf(provider, all)) around.set(one.urn, componentSpec(one));
    around.set(provider.urn, providerSpec(provider, about));
  }
  return { resources: [...around.values(), ...matches.map((one) => specOf(one, about))] };
}

/** The components that a resource is in, the outermost first; the stack itself is not imported. */
function holdersOf(resource: Resource, all: ReadonlyMap<string, Resource>): Resource[] {
  const parent = all.get(resource.parent ?? "");
  return parent === undefined || isStack(parent) ? [] : [...holdersOf(parent, all), parent];
}

function isStack({ type }: Resource): boolean {
  return type === "pulumi:pulumi:Stack";
}

function base(resource: Resource): Pick<ImportSpec, "type" | "name" | "logicalName" | "parent"> {
  const { type, urn, name, parent } = resource;
  const isTop = parent === undefined || parent.includes("::pulumi:pulumi:Stack::");
  return { type, name: urn, logicalName: name, ...(isTop ? {} : { parent }) };
}

function componentSpec(resource: Resource): ImportSpec {
  return { ...base(resource), component: true };
}

/**
 * A provider without its credentials: whoever imports has a kubeconfig, and the next update gives the provider its own. It stays the
 * same provider, because its identity is the cluster's.
 */
function providerSpec(resource: Resource, { clusterId, versions }: About): ImportSpec {
  const { clusterIdentifier, kubeconfig, ...rest } = resource.inputs;
  const inputs = {
    ...rest,
    clusterIdentifier: clusterId ?? clusterIdentifier,
    ...(kubeconfig === undefined || kubeconfig === mask || clusterId !== undefined ? {} : { kubeconfig }),
  };
  const [, , name = ""] = resource.type.split(":");
  return { ...base(resource), ...versionOf(name, versions), inputs };
}

function specOf(match: Match, { versions, found }: About): ImportSpec {
  const { resource, id, object } = match;
  const provider = resource.provider === undefined ? {} : { provider: resource.provider };
  const spec = { ...base(resource), id, ...provider, ...versionOf(providerOf(resource), versions) };
  return object === undefined || found.get(resource.urn) === undefined ? spec : { ...spec, ...stateOf(match) };
}

function versionOf(name: string, versions: About["versions"]): Pick<ImportSpec, "version"> {
  const version = versions[name];
  return version === undefined ? {} : { version };
}

/** Who the provider says it is when it applies an object. */
const fieldManager = "pulumi-kubernetes-adopted";

/**
 * The state of an object as the provider would have written it, had it made the object. Without it the provider takes every field that
 * Kubernetes has filled in for an input, finds that the program does not set them, and replaces each StatefulSet for the default of
 * `podManagementPolicy`, and each Service for its address. Source: pulumi-kubernetes 4.34, `Read`, `Diff` and `checkpointObject` in
 * `provider/pkg/provider/provider.go`. Values of Secrets are left out: the update writes them.
 */
function stateOf({ resource, inputs, object }: Match): Pick<ImportSpec, "inputs" | "outputs"> {
  const known = kindOf(resource) === "Secret" ? withoutValues(inputs) : withoutMasks(inputs);
  const { metadata, ...rest } = known as { metadata?: object };
  return {
    inputs: known,
    outputs: {
      ...rest,
      metadata: { ...metadata, uid: object?.metadata.uid },
      ...{ __inputs: known, __initialApiVersion: object?.apiVersion, __fieldManager: fieldManager },
    },
  };
}

function withoutValues(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== "data" && key !== "stringData"));
}

/** Inputs without the values that are masked: the update writes them. */
function withoutMasks(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return clean(inputs) as Record<string, unknown>;

  function clean(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => (inner === mask ? [] : [[key, clean(inner)]])),
    );
  }
}
