/** A cluster that runs what is rendered, for tests: real containers of the sandbox's images, with NetworkPolicies enforced. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubernetesObject, type Resource } from "../../../graph/resource.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import type { ApiObject, Client } from "../../../sandbox/control-plane/client.ts";
import { hasCondition } from "../../../sandbox/control-plane/client.ts";
import { reportPort } from "../../../sandbox/applications/report.ts";
import { Images } from "../../../sandbox/images/images.ts";
import { startRealCluster, type RealCluster } from "../../../sandbox/node/cluster.ts";
import { missingForNode } from "../../../sandbox/node/needs.ts";
import { startRegistry, type PlayedRegistry } from "../../../sandbox/registry.ts";
import { deploy, ready } from "../cluster/deploy.ts";
import { Issuer } from "../servers/issuer.ts";
import { alone, type Loose, type RenderedStack, type SystemKey } from "../stack.ts";

/** Why pods cannot run here; undefined if they can. */
export const missing = missingForNode();

/** A connection as a simulated application tells of it. */
export interface Told {
  readonly kind: string;
  readonly target: string;
  readonly ok: boolean;
  readonly error: string;
}

export class PodsCluster {
  readonly cluster: RealCluster;
  readonly client: Client;
  readonly #registry: PlayedRegistry;
  readonly #folder: string;

  private constructor(folder: string, cluster: RealCluster, registry: PlayedRegistry) {
    this.#folder = folder;
    this.cluster = cluster;
    this.client = cluster.client;
    this.#registry = registry;
  }

  static async start(): Promise<PodsCluster> {
    const folder = mkdtempSync(join(tmpdir(), "doks-pods-"));
    const images = new Images();
    const registry = await startRegistry(folder, images);
    const cluster = await startRealCluster(join(folder, "cluster"), registry);
    await cluster.enforcePolicies();
    return new PodsCluster(folder, cluster, registry);
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    await this.#registry.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Deploys one system, with real keys and certificates, and waits until all of it is ready. */
  async deploy(system: SystemKey, patch: Patch): Promise<System> {
    const rendered = await alone(system)("local", patch);
    const resources = withCertificates(rendered);
    const images = rendered
      .podTemplates()
      .flatMap(({ template }) => template.spec.containers.map(({ image }: Loose) => image));
    await new Images().prepare(new Set<string>(images));
    await deploy(this.client, resources, 600);
    return new System(this, rendered, resources);
  }

  /** A pod's answer to a request for a path on a port, through the API server. */
  ask(pod: ApiObject, port: number, path: string): Promise<unknown> {
    const { namespace = "", name } = pod.metadata;
    return this.client.call("GET", `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy${path}`);
  }
}

/** A system that runs. */
export class System {
  readonly rendered: RenderedStack;
  readonly resources: readonly Resource[];
  readonly namespace: string;
  readonly #cluster: PodsCluster;

  constructor(cluster: PodsCluster, rendered: RenderedStack, resources: readonly Resource[]) {
    this.#cluster = cluster;
    this.rendered = rendered;
    this.resources = resources;
    this.namespace = rendered.podTemplates()[0]?.namespace ?? "";
  }

  get client(): Client {
    return this.#cluster.client;
  }

  /** Its pods that run, without those that are done or on their way out. */
  async pods(): Promise<ApiObject[]> {
    const all = await this.client.list("v1", "pods", this.namespace);
    // In a list they do not say what they are.
    const named = all.map((pod): ApiObject => ({ ...pod, apiVersion: "v1", kind: "Pod" }));
    return named.filter(({ status, metadata }) => status.phase === "Running" && !("deletionTimestamp" in metadata));
  }

  /** Its pods that simulate applications. */
  async applications(): Promise<ApiObject[]> {
    const images = /(^|\/)(postgres|redis|rabbitmq|cp-(zookeeper|kafka))[:@]/;
    return (await this.pods()).filter(({ spec }) => !images.test(spec.containers[0].image));
  }

  /** What a pod's application tells of its connections, each tried anew. */
  async connections(pod: ApiObject): Promise<readonly Told[]> {
    return JSON.parse(String(await this.#cluster.ask(pod, reportPort, "/connections"))) as Told[];
  }

  /** Connections that do not work, tried until all do, for so many seconds. */
  async broken(seconds: number): Promise<string[]> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const wrong = await this.#wrong();
      if (wrong.length === 0 || Date.now() > deadline) return wrong;
      await sleep(1000);
    }
  }

  async #wrong(): Promise<string[]> {
    const pods = await this.applications();
    const told = await Promise.all(
      pods.map(async (pod) => {
        const list = await this.connections(pod).catch((error: unknown) => [
          { kind: "report", target: "itself", ok: false, error: String(error) },
        ]);
        return list.map((one) => ({ ...one, pod: pod.metadata.name }));
      }),
    );
    return told
      .flat()
      .filter(({ ok }) => !ok)
      .map(({ pod, kind, target, error }) => `${pod} → ${kind} ${target}: ${error}`);
  }

  /** Waits until all of its workloads are ready, so many seconds. */
  async ready(seconds: number): Promise<void> {
    await Promise.all(this.workloads().map((object) => ready(this.client, object, seconds)));
  }

  /** Files of the certificate and key of its authority's client; empty where it has none. */
  identity(): string[] {
    const texts = ["LocallySignedCert", "PrivateKey"].flatMap((kind) => {
      const found = this.resources.find(({ type, name }) => type.endsWith(`:${kind}`) && /-client(-key)?$/.test(name));
      return (found?.outputs?.["certPem"] ?? found?.outputs?.["privateKeyPem"] ?? []) as string | string[];
    });
    return texts.map((text, i) => {
      const file = join(this.#cluster.cluster.machine.folder, `client-${i}.pem`);
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    });
  }

  /** Its Deployments and StatefulSets. */
  workloads(): ApiObject[] {
    const objects = this.resources.map(kubernetesObject) as (ApiObject | undefined)[];
    return objects.filter(
      (object) => object !== undefined && ["Deployment", "StatefulSet"].includes(object.kind),
    ) as ApiObject[];
  }

  /** Takes the system away, with its volumes. */
  async remove(): Promise<void> {
    const { client, namespace } = this;
    const claims = await client.list("v1", "persistentvolumeclaims", namespace);
    await client.delete({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    await client.call("DELETE", `/api/v1/namespaces/${namespace}/pods?gracePeriodSeconds=0`);
    const gone = async () =>
      (await client.get({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } })) === undefined;
    for (let tries = 0; tries < 900 && !(await gone()); tries += 1) await sleep(200);
    for (const { spec } of claims)
      await client
        .delete({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: spec.volumeName } })
        .catch(() => undefined);
  }
}

/** Names of pods that are not ready, or were started again. */
export function unwell(pods: readonly ApiObject[]): string[] {
  return pods.flatMap((pod) => {
    const restarts = (pod["status"].containerStatuses as { restartCount: number }[]).reduce(
      (sum, one) => sum + one.restartCount,
      0,
    );
    const wrong = [
      ...(hasCondition(pod, "Ready") ? [] : ["not ready"]),
      ...(restarts > 0 ? [`${restarts} restarts`] : []),
    ];
    return wrong.map((what) => `${pod.metadata.name}: ${what}`);
  });
}

/** The resources with real keys and certificates in the places of those that stand in for them. */
function withCertificates(rendered: RenderedStack): Resource[] {
  let text = JSON.stringify(rendered.rendering.resources);
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
  for (const [standIn, real] of new Issuer(rendered).all()) text = text.replaceAll(inJson(standIn), inJson(real));
  return JSON.parse(text) as Resource[];
}
