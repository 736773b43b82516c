/** A stack and the world around it, for tests with the real engine. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { parse } from "yaml";
import type { Patch } from "../../graph/render/configuration.ts";
import { engineProblem } from "../../commands/engine.ts";
import type { Finished, RunOptions } from "../../sandbox/engine.ts";
import { platformOf, Rehearsal, type StateResource } from "../../sandbox/rehearsal.ts";
import { hasGo } from "../../sandbox/tools.ts";
import { label, typeOf } from "../../sandbox/urn.ts";
import { startWorld, type World } from "../../sandbox/world.ts";
import { Client, type ApiObject } from "../../sandbox/control-plane/client.ts";
import type { Access } from "./cluster/pod-watch.ts";
import { systemKeys, type SystemKey } from "./stack.ts";

/** Why tests of this tier cannot run here; one line is printed. */
export const noEngine = hasGo() ? engineProblem()?.split("\n")[0] : "Go is not installed";
vi.setConfig({ testTimeout: 20 * 60_000, hookTimeout: 20 * 60_000 });
if (noEngine !== undefined) console.warn(`skipped: the engine tier: ${noEngine}`);

/** Settings that leave one system of a stack on. */
export function only(system: SystemKey): Patch {
  return Object.fromEntries(systemKeys.filter((key) => key !== system).map((key) => [`doks-systems:${key}`, null]));
}

/** Both patches in one. */
export function merged(a: Patch, b: Patch): Patch {
  const inner = (one: unknown): one is Patch => typeof one === "object" && one !== null && !Array.isArray(one);
  const entries = Object.entries(b).map(([key, value]) => [
    key,
    inner(value) && inner(a[key]) ? merged(a[key], value) : value,
  ]);
  return { ...a, ...Object.fromEntries(entries) };
}

export class Stage {
  readonly world: World;
  readonly rehearsal: Rehearsal;
  /** Everything that any command printed. */
  readonly outputs: string[] = [];

  private constructor(world: World, rehearsal: Rehearsal) {
    this.world = world;
    this.rehearsal = rehearsal;
  }

  static async open(stack: string, patch: Patch = {}): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), "doks-engine-"));
    const world = await startWorld(folder, platformOf(stack, patch));
    try {
      return new Stage(world, await Rehearsal.open(stack, world, patch));
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.world.stop();
    rmSync(this.world.folder, { recursive: true, force: true });
  }

  async run(args: readonly string[], options?: RunOptions): Promise<Finished> {
    const finished = await this.rehearsal.run(args, options);
    this.outputs.push(finished.output);
    return finished;
  }

  up(args: readonly string[] = [], options?: RunOptions): Promise<Finished> {
    return this.run(["up", "--yes", "--skip-preview", ...args], options);
  }

  /** An update that must succeed. */
  async mustUp(...args: readonly string[]): Promise<Finished> {
    const finished = await this.up(args);
    expect(finished.code, tail(finished.output)).toBe(0);
    return finished;
  }

  destroy(): Promise<Finished> {
    return this.run(["destroy", "--yes"]);
  }

  /** What the engine would do, as `operation type name`, without what stays the same. */
  async planned(...args: readonly string[]): Promise<string[]> {
    const { code, output } = await this.run(["preview", "--json", ...args]);
    expect(code, tail(output)).toBe(0);
    return steps(output);
  }

  resources(): Promise<StateResource[]> {
    return this.rehearsal.resources();
  }

  /** A client of the one cluster that runs. */
  cluster(): Client {
    const { server, token, ca } = this.access();
    return new Client(server, token, ca);
  }

  /** Where the one cluster that runs is: DigitalOcean's, or the one that was there. */
  access(): Access {
    const [host] = [...this.world.api.account.hosts.values()];
    if (host !== undefined) return { server: host.server, token: this.world.api.account.tokens[0] ?? "", ca: host.ca };
    const given = readFileSync(this.world.env["KUBECONFIG"] ?? "", "utf8");
    const { clusters, users } = parse(given) as {
      clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
      users: { user: { token: string } }[];
    };
    const { server = "", "certificate-authority-data": authority = "" } = clusters[0]?.cluster ?? {};
    return { server, token: users[0]?.user.token ?? "", ca: Buffer.from(authority, "base64").toString() };
  }

  async uids(objects: readonly (Pick<ApiObject, "apiVersion" | "kind"> & { name: string; namespace: string })[]) {
    const client = this.cluster();
    const found = objects.map(({ name, namespace, ...kind }) => client.get({ ...kind, metadata: { name, namespace } }));
    const uids = (await Promise.all(found)).map((object) => object?.metadata.uid);
    client.close();
    return uids;
  }

  /** What every test ends with: nobody but the state knows of anything, and the state is true. */
  async settled(): Promise<void> {
    expect(this.world.api.account.inventory()).toEqual(inventoryOf(await this.resources(), this.world.given));
    expect(this.world.spaces.buckets().toSorted()).toEqual(bucketsOf(await this.resources()));
    const { code, output } = await this.run(["preview", "--refresh", "--expect-no-changes"]);
    expect(code, tail(output)).toBe(0);
    expect(this.locks()).toEqual([]);
    this.keepsSecrets();
  }

  /** Locks that an update left in the state's folder. */
  locks(): string[] {
    const folder = join(this.world.folder, "state", ".pulumi", "locks");
    try {
      return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
    } catch {
      return [];
    }
  }

  /** No secret in anything that was printed, nor in the state as it lies there. */
  keepsSecrets(): void {
    const { account } = this.world.api;
    const secrets = [
      ...account.tokens,
      ...[...account.databases.values()].map(({ connection }) => connection.password),
    ];
    const state = join(this.world.folder, "state", ".pulumi", "stacks", "doks-systems", `${this.rehearsal.stack}.json`);
    const texts = [...this.outputs, readFileSync(state, "utf8"), readFileSync(this.rehearsal.configFile, "utf8")];
    for (const text of texts) {
      for (const secret of secrets) expect(text.includes(secret), `a text shows ${secret.slice(0, 8)}…`).toBe(false);
      // What the rehearsal made up for the settings' secrets.
      expect(/sandbox-[0-9a-f]{20}/.exec(text)).toBeNull();
      expect(text).not.toContain(Buffer.from("sandbox-").toString("base64").slice(0, 10));
    }
  }

  /** Calls that the API got, as `METHOD path`. */
  calls(method: string, path: RegExp): string[] {
    return this.world.api.journal.filter((one) => one.method === method && path.test(one.path)).map((one) => one.path);
  }
}

/** Steps of a preview's JSON, without those that do nothing and without components. */
function steps(output: string): string[] {
  const plan = JSON.parse(output.slice(output.indexOf("{"))) as { steps: { op: string; urn: string }[] };
  return plan.steps
    .filter(({ op, urn }) => !["same", "read", "refresh"].includes(op) && !typeOf(urn).startsWith("doks-systems:"))
    .map(({ op, urn }) => `${op} ${label(urn)}`)
    .toSorted();
}

/** The same words as the account's own inventory. */
function inventoryOf(resources: readonly StateResource[], given: readonly string[]): string[] {
  const kinds: Record<string, (resource: StateResource) => string> = {
    Vpc: ({ id }) => `vpc ${id ?? ""}`,
    VpcNatGateway: ({ id }) => `nat ${id ?? ""}`,
    KubernetesCluster: ({ id }) => `cluster ${id ?? ""}`,
    KubernetesNodePool: ({ id }) => `pool ${id ?? ""}`,
    DatabaseCluster: ({ id }) => `database ${id ?? ""}`,
    ContainerRegistry: ({ id }) => `registry ${id ?? ""}`,
    DnsRecord: ({ id, inputs }) => `record ${String(inputs?.["domain"])}/${id ?? ""}`,
    Project: ({ id }) => `project ${id ?? ""}`,
    SpacesKey: ({ id }) => `key ${id ?? ""}`,
  };
  const own = resources.flatMap((resource) => {
    const describe = kinds[resource.type.split(":").at(-1) ?? ""];
    return describe === undefined || !resource.type.startsWith("digitalocean:") ? [] : [describe(resource)];
  });
  return [...own, ...given].toSorted();
}

function bucketsOf(resources: readonly StateResource[]): string[] {
  return resources
    .filter(({ type }) => type.endsWith(":SpacesBucket"))
    .map(({ id }) => id ?? "")
    .toSorted();
}

/** The end of a long output. */
export function tail(output: string, lines = 40): string {
  const all = output.split("\n");
  // What went wrong may stand above outputs of a hundred lines.
  const wrong = all.slice(0, -lines).filter((line) => /\berror\b/i.test(line));
  return [...wrong, ...all.slice(-lines)].join("\n");
}
