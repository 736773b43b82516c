/**
 * Records the resources that the program registers with Pulumi's mock monitor, with their options, which mocks do not
 * get.
 */
import * as pulumi from "@pulumi/pulumi";
import type { Resource } from "../resource.ts";
import type { Connection } from "../../components/connections/connection.ts";

/** The methods of a `RegisterResourceRequest` that are called here; Pulumi publishes no type for it. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getDependenciesList(): string[];
  getPropertydependenciesMap(): { toArray(): [string, string[][]][] };
  /** URN and id of the provider, with `::` between them; empty for the default one. */
  getProvider(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getAliasesList(): AliasMessage[];
}
interface AliasMessage {
  getUrn(): string;
  getSpec(): { getName(): string; getType(): string; getParenturn(): string; getNoparent(): boolean } | undefined;
}
interface OutputsRequest {
  getUrn(): string;
  getOutputs(): { toJavaScript(): Record<string, unknown> } | undefined;
}
interface RegisterResponse {
  getUrn(): string;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  setUrn(urn: string): void;
}
type Callback = (error: unknown, response: RegisterResponse | undefined) => void;
interface Monitor {
  newUrn(parent: string, type: string, name: string): string;
  registerResource(request: RegisterRequest, callback: Callback): Promise<void>;
  registerResourceOutputs(request: OutputsRequest, callback: Callback): void;
}

/** Key and value by which Pulumi marks a serialised value as secret (SDK: `runtime/rpc`). */
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** What a run of the program registered; it grows during the run. */
export interface Recording {
  readonly resources: Resource[];
  /** Stack outputs, with secret ones in clear text. */
  outputs: Record<string, unknown>;
  /** Names of the stack outputs that are secret. */
  secretOutputs: string[];
}

/** Starts a recording on the monitor that `setMocks` has made. */
export function record(): Recording {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const recording: Recording = { resources: [], outputs: {}, secretOutputs: [] };
  monitor.newUrn = fullUrn;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined) recording.resources.push(registered(request, response));
      callback(error, response);
    });
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, callback) => {
    if (request.getUrn().includes("::pulumi:pulumi:Stack::")) {
      const secretPaths: string[][] = [];
      recording.outputs = plain(request.getOutputs()?.toJavaScript() ?? {}, [], secretPaths) as Record<string, unknown>;
      recording.secretOutputs = [...new Set(secretPaths.map((path) => path[0] ?? ""))];
    }
    registerOutputs(request, callback);
  };
  return recording;
}

/**
 * A URN as the engine makes it, with the types of all ancestors but the stack. The mock monitor has only the parent's
 * type in it.
 */
function fullUrn(parent: string, type: string, name: string): string {
  const parentType = parent.split("::")[2] ?? "";
  const qualified = parentType === "" || parentType === "pulumi:pulumi:Stack" ? type : `${parentType}$${type}`;
  return `urn:pulumi:${[pulumi.getStack(), pulumi.getProject(), qualified, name].join("::")}`;
}

/** The URN that an alias stands for. Parts that the alias leaves out are those of the resource itself. */
function aliasUrn(alias: AliasMessage, request: RegisterRequest): string {
  const spec = alias.getSpec();
  if (spec === undefined) return alias.getUrn();
  const parent = spec.getNoparent() ? "" : spec.getParenturn() || request.getParent();
  return fullUrn(parent, spec.getType() || request.getType(), spec.getName() || request.getName());
}

function registered(request: RegisterRequest, response: RegisterResponse): Resource {
  const secretPaths: string[][] = [];
  const inputs = plain(request.getObject()?.toJavaScript() ?? {}, [], secretPaths) as Record<string, unknown>;
  return {
    urn: response.getUrn(),
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent() || undefined,
    custom: request.getCustom(),
    inputs,
    secretPaths,
    outputs: request.getCustom() ? outputsOf(response, inputs) : {},
    dependsOn: request.getDependenciesList().toSorted(),
    inputsFrom: inputsFrom(request),
    provider: request.getProvider().split("::").slice(0, -1).join("::") || undefined,
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    aliases: request.getAliasesList().map((alias) => aliasUrn(alias, request)),
    // Components declare their connections as an input of their own: see components/connections.
    connectsTo: (inputs["connectsTo"] ?? []) as Connection[],
  };
}

function inputsFrom(request: RegisterRequest): Resource["inputsFrom"] {
  const all = request.getPropertydependenciesMap().toArray();
  const made = all.map(([input, [urns = []]]) => [input, urns.toSorted()] as const);
  return Object.fromEntries(made.filter(([, urns]) => urns.length > 0));
}

/** The outputs of a resource: what the mock of its provider answered beyond the inputs. */
function outputsOf(response: RegisterResponse, inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const state = plain(response.getObject()?.toJavaScript() ?? {}, [], []) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(state).filter(([key]) => !(key in inputs)));
}

/** A value without Pulumi's marks of secrets. Adds the path of each marked value to `secretPaths`. */
function plain(value: unknown, path: string[], secretPaths: string[][]): unknown {
  if (Array.isArray(value)) return value.map((item, i) => plain(item, [...path, String(i)], secretPaths));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object[signature] === secretMark) {
    secretPaths.push(path);
    return plain(object["value"], path, secretPaths);
  }
  return Object.fromEntries(
    Object.entries(object).map(([key, inner]) => [key, plain(inner, [...path, key], secretPaths)]),
  );
}
