import * as digitalocean from "@pulumi/digitalocean";
import type * as k8s from "@pulumi/kubernetes";
import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformSetting } from "../../settings/platform.ts";
import { Addons } from "../addons/addons.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { DoksCluster, poolLabel, systemPool } from "../cluster/doks-cluster.ts";
import { ExistingCluster } from "../cluster/existing-cluster.ts";
import { EdgeComponent, type Edge } from "../network/edge.ts";
import { Registry } from "../storage/registry.ts";
import { defaultImages, type Images } from "./images.ts";
import type { DoksSite, Site } from "./site.ts";

/**
 * The ground that the systems of a stack stand on: cluster and pools, registry, domains, add-ons, edge, and the
 * DigitalOcean project that shows them together.
 */
export class Platform extends pulumi.ComponentResource implements Site {
  readonly production: boolean;
  readonly images: Images;
  readonly checksumKey: pulumi.Output<string>;
  readonly doks: DoksSite | undefined;
  readonly pools: readonly pulumi.Resource[];
  readonly storageRegion: string;
  readonly registry: Registry | undefined;
  readonly edge: Edge | undefined;
  /** Provider of the stack's cluster, for the systems on it. */
  readonly provider: k8s.Provider;
  readonly #cluster: Cluster;
  readonly #project: digitalocean.Project | undefined;
  readonly #setting: PlatformSetting;

  constructor(
    name: string,
    setting: PlatformSetting,
    digitaloceanToken: pulumi.Output<string> | undefined,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:platform:Platform", name, { environment: setting.environment }, opts);
    this.#setting = setting;
    this.production = setting.environment === "production";
    this.images = { ...defaultImages, ...setting.images };
    this.storageRegion = setting.storageRegion;
    this.checksumKey = new random.RandomBytes(`${name}-checksums`, { length: 32 }, { parent: this }).hex;
    this.#project = this.createProject(name);
    this.#cluster = this.createCluster(name, digitaloceanToken);
    this.provider = this.#cluster.provider;
    this.doks = this.#cluster.doks;
    this.pools = this.#cluster.pools;
    if (this.#cluster.clusterUrn !== undefined) this.adopt(`${name}-cluster`, this.#cluster.clusterUrn, this);
    this.registry = this.createRegistry(name);
    const addons = this.createAddons(name);
    this.edge = this.createEdge(name, addons);
    this.registerOutputs({});
  }

  /** Outputs for people and other stacks; nothing secret. */
  get outputs() {
    return {
      environment: this.#setting.environment,
      region: this.#setting.region,
      pools: Object.keys(this.#setting.pools),
      clusterId: this.doks?.clusterId,
      kubeconfig: this.#cluster.kubeconfig,
      loadBalancer: this.edge?.address,
    };
  }

  adopt(name: string, urn: pulumi.Input<string>, parent: pulumi.Resource): void {
    if (this.#project === undefined) return;
    new digitalocean.ProjectResources(name, { project: this.#project.id, resources: [urn] }, { parent });
  }

  nodeSelector(pool: string): Record<string, string> | undefined {
    return this.#setting.cluster.source === "create" ? { [poolLabel]: pool } : undefined;
  }

  storageClass(doksClass: string): string | undefined {
    return this.#setting.cluster.source === "create" ? doksClass : undefined;
  }

  private createProject(name: string): digitalocean.Project | undefined {
    const { cluster, environment } = this.#setting;
    if (cluster.source !== "create") return undefined;
    return new digitalocean.Project(
      name,
      {
        name: `doks-systems-${pulumi.getStack()}`,
        description: "Made by Pulumi; see the doks-systems program",
        purpose: "Service or API",
        environment: environment === "production" ? "Production" : "Staging",
      },
      { parent: this },
    );
  }

  private createCluster(name: string, token: pulumi.Output<string> | undefined): Cluster {
    const { cluster, pools, region } = this.#setting;
    if (cluster.source === "kubeconfig") return new ExistingCluster(name, { setting: cluster }, { parent: this });
    if (token === undefined) throw new Error("a cluster is to be created without a DigitalOcean token");
    const args = { setting: cluster, pools, region, production: this.production, token };
    return new DoksCluster(name, args, { parent: this });
  }

  private createRegistry(name: string): Registry | undefined {
    const { registry, storageRegion } = this.#setting;
    if (registry.kind === "none") return undefined;
    const args = { setting: registry, region: storageRegion, production: this.production };
    return new Registry(`${name}-registry`, args, { parent: this });
  }

  private createAddons(name: string): Addons {
    const args = {
      setting: this.#setting.addons,
      nodeSelector: this.nodeSelector(systemPool),
      production: this.production,
    };
    return new Addons(`${name}-addons`, args, { parent: this, providers: [this.provider] });
  }

  private createEdge(name: string, addons: Addons): Edge | undefined {
    const { edge, domains } = this.#setting;
    const opts = { parent: this, protect: this.production, retainOnDelete: this.production };
    const zones = Object.keys(domains)
      .filter((domain) => domains[domain] === "create")
      .map((domain) => new digitalocean.Domain(`${name}-${domain.replaceAll(".", "-")}`, { name: domain }, opts));
    if (edge.kind === "none") return undefined;
    const args = {
      setting: edge,
      domains: Object.keys(domains),
      zones,
      addons: addons.installed,
      nodeSelector: this.nodeSelector(systemPool),
    };
    return new EdgeComponent(`${name}-edge`, args, { parent: this, providers: [this.provider] });
  }
}
