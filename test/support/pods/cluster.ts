/** A cluster that runs what is rendered, for tests: real containers of the sandbox's images, with NetworkPolicies enforced. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Patch } from "../../../graph/render/configuration.ts";
import type { Resource } from "../../../graph/resource.ts";
import type { ApiObject, Client } from "../../../sandbox/control-plane/client.ts";
import { edgeImages, Images } from "../../../sandbox/images/images.ts";
import {
  letsEncrypt,
  publicNames,
  spacesKey,
  startRealCluster,
  type RealCluster,
} from "../../../sandbox/node/cluster.ts";
import type { PublicNames } from "../../../sandbox/node/outside-names.ts";
import { missingForNode } from "../../../sandbox/node/needs.ts";
import { tool } from "../../../sandbox/tools.ts";
import { startRegistry, type PlayedRegistry } from "../../../sandbox/registry.ts";
import { deploy } from "../cluster/deploy.ts";
import { Issuer } from "../servers/issuer.ts";
import { cleanUp } from "../servers/servers.ts";
import { replaced, System } from "./system.ts";
import { patience } from "../patience.ts";
import { alone, type Loose, type RenderedStack, type SystemKey } from "../stack.ts";

/** Why pods cannot run here; undefined if they can. */
export const missing = missingForNode();

export class PodsCluster {
  readonly cluster: RealCluster;
  readonly client: Client;
  /** Names that those outside of it know. */
  readonly names: PublicNames;
  readonly #registry: PlayedRegistry;
  /** Folder for files of tests. */
  readonly folder: string;

  private constructor(folder: string, names: PublicNames, cluster: RealCluster, registry: PlayedRegistry) {
    this.folder = folder;
    this.names = names;
    this.cluster = cluster;
    this.client = cluster.client;
    this.#registry = registry;
  }

  /** @param edge whether it has Envoy Gateway and cert-manager */
  static async start({ edge = false } = {}): Promise<PodsCluster> {
    const folder = mkdtempSync(join(tmpdir(), "doks-pods-"));
    const images = new Images();
    if (edge) await images.prepare(edgeImages);
    const registry = await startRegistry(folder, images);
    const acme = edge ? letsEncrypt : undefined;
    const names = publicNames(folder, acme);
    const cluster = await startRealCluster(join(folder, "cluster"), registry, { acme, names });
    await cluster.enforcePolicies();
    return new PodsCluster(folder, names, cluster, registry);
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    await this.#registry.stop();
    // Folders of the issuers of its systems.
    await cleanUp();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Deploys one system, with real keys and certificates, and waits until all of it is ready. */
  async deploy(system: SystemKey, patch: Patch): Promise<System> {
    const rendered = await alone(system)("local", patch);
    const issuer = new Issuer(rendered);
    const texts = [...issuer.all(), ...spacesKeys(rendered)];
    const resources = withPatience(replaced(rendered.rendering.resources, texts));
    const images = rendered
      .podTemplates()
      .flatMap(({ template }) => template.spec.containers.map(({ image }: Loose) => image));
    await new Images().prepare(new Set<string>(images));
    await deploy(this.client, resources, 600);
    return new System(this, { rendered, resources, issuer });
  }

  /** Makes a bucket in the cluster's Spaces, and returns the folder of its objects. */
  bucket(name: string): string {
    const folder = join(this.folder, "cluster", "spaces", "files", name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /**
   * Runs a program in a container, through the API server and the kubelet.
   *
   * @param heard is told what it has printed so far
   * @returns what it prints
   * @throws {Error} with what it says, if it fails
   */
  async exec(
    pod: string,
    namespace: string,
    command: readonly string[],
    input = "",
    heard: (printed: string) => void = () => undefined,
  ): Promise<string> {
    const args = ["--kubeconfig", this.cluster.kubeconfig, "exec", "--stdin", "--namespace", namespace, pod, "--"];
    const running = promisify(execFile)(tool("kubectl"), [...args, ...command], { maxBuffer: 1 << 26 });
    let printed = "";
    running.child.stdout?.on("data", (data: string) => {
      printed += data;
      heard(printed);
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** A pod's answer to a request for a path on a port, through the API server. */
  ask(pod: ApiObject, port: number, path: string): Promise<unknown> {
    const { namespace = "", name } = pod.metadata;
    return this.client.call("GET", `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy${path}`);
  }
}

/** The same resources, with probes that have patience. */
function withPatience(resources: readonly Resource[]): Resource[] {
  return JSON.parse(JSON.stringify(resources), (key, value: Loose) =>
    /^(startup|readiness|liveness)Probe$/.test(key)
      ? { ...value, timeoutSeconds: (value.timeoutSeconds ?? 1) * patience }
      : value,
  ) as Resource[];
}

/** The one key that the cluster's Spaces has, for each that the stack makes. */
function spacesKeys(rendered: RenderedStack): [from: string, to: string][] {
  return rendered.all("SpacesKey").flatMap(({ outputs = {} }): [string, string][] => [
    [String(outputs["accessKey"]), spacesKey.key],
    [String(outputs["secretKey"]), spacesKey.secret],
  ]);
}
