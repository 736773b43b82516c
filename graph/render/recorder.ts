/** Writes down every registration that reaches Pulumi's mock monitor, options included, which the mocks themselves never see. */
import * as pulumi from "@pulumi/pulumi";
import type { Connection, Resource } from "../resource.ts";

/** The parts of a `RegisterResourceRequest` that are read; Pulumi publishes no type for it. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getDependenciesList(): string[];
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

/** Pulumi's marks in serialised values (sdk: runtime/rpc). */
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

export interface Recording {
  readonly resources: Resource[];
  /** The stack's outputs, and which of them are secret. */
  outputs: Record<string, unknown>;
  secretOutputs: string[];
}

/** Begins recording on the monitor that `setMocks` made; the recording fills while the program runs. */
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

/** As the engine makes them: the types of all ancestors but the stack. The mock monitor keeps only the nearest. */
function fullUrn(parent: string, type: string, name: string): string {
  const parentType = parent.split("::")[2] ?? "";
  const qualified = parentType === "" || parentType === "pulumi:pulumi:Stack" ? type : `${parentType}$${type}`;
  return `urn:pulumi:${[pulumi.getStack(), pulumi.getProject(), qualified, name].join("::")}`;
}

/** The URN that an alias stands for; what it does not say is as it is now. */
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
    outputs: request.getCustom() ? answered(response, inputs) : {},
    dependsOn: request.getDependenciesList().toSorted(),
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    aliases: request.getAliasesList().map((alias) => aliasUrn(alias, request)),
    // Components that connect say it in their own inputs: see components/connections.
    connectsTo: (inputs["connectsTo"] ?? []) as Connection[],
  };
}

/** What the provider's stand-in added to the inputs. */
function answered(response: RegisterResponse, inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const state = plain(response.getObject()?.toJavaScript() ?? {}, [], []) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(state).filter(([key]) => !(key in inputs)));
}

/** The value without Pulumi's marks; the paths of what was marked secret go into `secretPaths`. */
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
