/** A system that runs in a cluster, for tests: its pods, what its applications tell, and its certificates. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { selects } from "../../../graph/pods.ts";
import { kubernetesObject, type Resource } from "../../../graph/resource.ts";
import type { ApiObject, Client } from "../../../sandbox/control-plane/client.ts";
import { reportPort } from "../../../sandbox/applications/report.ts";
import { deploy, ready } from "../cluster/deploy.ts";
import { unwell } from "../cluster/unwell.ts";
import type { Issuer } from "../servers/issuer.ts";
import type { Loose, RenderedStack } from "../stack.ts";
import type { Identity } from "./clients.ts";

/** A connection as a simulated application tells of it. */
export interface Told {
  readonly kind: string;
  readonly target: string;
  readonly ok: boolean;
  readonly error: string;
}

/** What a system runs on. */
interface Ground {
  readonly client: Client;
  /** Folder for files. */
  readonly folder: string;
  /** A pod's answer to a request for a path on a port. */
  ask(pod: ApiObject, port: number, path: string): Promise<unknown>;
}

/** A system that runs. */
export class System {
  readonly rendered: RenderedStack;
  readonly namespace: string;
  readonly #ground: Ground;
  readonly #issuer: Issuer;
  #resources: readonly Resource[];

  constructor(ground: Ground, given: { rendered: RenderedStack; resources: readonly Resource[]; issuer: Issuer }) {
    this.#ground = ground;
    this.rendered = given.rendered;
    this.#resources = given.resources;
    this.#issuer = given.issuer;
    this.namespace = this.rendered.podTemplates()[0]?.namespace ?? "";
  }

  get resources(): readonly Resource[] {
    return this.#resources;
  }

  get client(): Client {
    return this.#ground.client;
  }

  /** Its pods that run, without those that are done or on their way out. */
  async pods(): Promise<ApiObject[]> {
    const all = await this.client.list("v1", "pods", this.namespace);
    // In a list they do not say what they are.
    const named = all.map((pod): ApiObject => ({ ...pod, apiVersion: "v1", kind: "Pod" }));
    return named.filter(({ status, metadata }) => status.phase === "Running" && !("deletionTimestamp" in metadata));
  }

  /** What the containers of pods with these labels have printed. */
  async logs(labels: Readonly<Record<string, string>>): Promise<string> {
    const pods = (await this.client.list("v1", "pods", this.namespace)).filter(({ metadata }) =>
      selects({ matchLabels: labels }, metadata.labels ?? {}),
    );
    const containers = pods.flatMap(({ metadata, spec }) =>
      (spec.containers as Loose[]).map(({ name }) => [metadata.name, String(name)] as const),
    );
    const told = containers.map(async ([pod, container]) => {
      const path = `/api/v1/namespaces/${this.namespace}/pods/${pod}/log?container=${container}`;
      return `${pod} ${container}: ${String(await this.client.call("GET", path))}`;
    });
    return (await Promise.all(told)).join("\n");
  }

  /** What is wrong with its pods, as {@link unwell} tells it. */
  async unwell(): Promise<string[]> {
    return unwell(this.client, await this.pods());
  }

  /** Its pods that simulate applications. */
  async applications(): Promise<ApiObject[]> {
    const images = /(^|\/)(postgres|redis|rabbitmq|cp-(zookeeper|kafka))[:@]/;
    return (await this.pods()).filter(({ spec }) => !images.test(spec.containers[0].image));
  }

  /** What a pod's application tells of its connections, each tried anew. */
  async connections(pod: ApiObject): Promise<readonly Told[]> {
    return JSON.parse(String(await this.#ground.ask(pod, reportPort, "/connections"))) as Told[];
  }

  /** Connections that do not work, tried until all do, for so many seconds. */
  async broken(seconds: number): Promise<string[]> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const wrong = await this.#wrong();
      if (wrong.length === 0 || Date.now() > deadline) return wrong;
      await sleep(2000);
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

  /**
   * Renews a certificate, as an update does when its end is near: the Secrets that have it change, and with their checksum
   * the pods that read them.
   */
  async renew(name: string): Promise<void> {
    const { before, now } = this.#issuer.renew(name);
    const renewed = replaced(this.#resources, [[before, now]]);
    const secrets = renewed.filter((one, i) => JSON.stringify(one) !== JSON.stringify(this.#resources[i]));
    const sums = secrets.flatMap((secret) => this.#checksumsOf(kubernetesObject(secret)?.metadata.name ?? ""));
    this.#resources = replaced(
      renewed,
      sums.map((sum) => [sum, `${sum}-renewed`]),
    );
    await deploy(this.client, this.#resources, 300);
  }

  /** Checksums of a Secret on the pods that read it. */
  #checksumsOf(secret: string): string[] {
    return this.rendered
      .podTemplates()
      .flatMap(({ template }) => template.metadata.annotations?.[`checksum.doks-systems/${secret}`] ?? []);
  }

  /** Its authority's certificate, and what a client of it shows; both empty where it has none. */
  authority(): { ca: string; identity: Identity } {
    const text = (type: string, name: RegExp, output: string): string => {
      const found = this.#resources.find((one) => one.type.endsWith(`:${type}`) && name.test(one.name));
      return (found?.outputs?.[output] ?? "") as string;
    };
    return {
      ca: text("SelfSignedCert", /./, "certPem"),
      identity: {
        cert: text("LocallySignedCert", /-client$/, "certPem"),
        key: text("PrivateKey", /-client-key$/, "privateKeyPem"),
      },
    };
  }

  /** Files of that certificate and key. */
  identity(): string[] {
    const { cert, key } = this.authority().identity;
    return [cert, key].flatMap((text, i) => {
      const file = join(this.#ground.folder, `client-${i}.pem`);
      writeFileSync(file, text, { mode: 0o600 });
      return text === "" ? [] : [file];
    });
  }

  /** Its Deployments and StatefulSets. */
  workloads(): ApiObject[] {
    const objects = this.#resources.map(kubernetesObject) as (ApiObject | undefined)[];
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

/** Resources with texts in the place of others: real keys and certificates for those that stand in for them. */
export function replaced(
  resources: readonly Resource[],
  texts: readonly (readonly [from: string, to: string])[],
): Resource[] {
  let text = JSON.stringify(resources);
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
  for (const [from, to] of texts) text = text.replaceAll(inJson(from), inJson(to));
  return JSON.parse(text) as Resource[];
}
