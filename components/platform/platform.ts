import * as digitalocean from "@pulumi/digitalocean";
import type * as k8s from "@pulumi/kubernetes";
import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { poolLabel, storageClasses, systemPool } from "../../catalogue/doks.ts";
import { cloudName } from "../../catalogue/names.ts";
import type { Settings } from "../../settings/index.ts";
import type { PlatformSetting } from "../../settings/platform.ts";
import { Addons } from "../addons/addons.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { DoksCluster } from "../cluster/doks-cluster.ts";
import { StackCluster } from "../cluster/stack-cluster.ts";
import { ExistingDoksCluster } from "../cluster/existing-doks-cluster.ts";
import { KubeconfigCluster } from "../cluster/kubeconfig-cluster.ts";
import type { Dns } from "../site/site.ts";
import { prometheusRule, type Alert } from "../monitoring/alerts.ts";
import type { Monitoring } from "../site/site.ts";
import { EdgeComponent, sharedEdge } from "../edge/edge.ts";
import type { Edge } from "../site/site.ts";
import { Registry } from "../storage/registry.ts";
import { imagesOf, type Images } from "../site/images.ts";
import { PriorityClasses } from "../cluster/priority-classes.ts";
import type { DoksSite, Site } from "../site/site.ts";

/** What a stack says of its platform: settings, secrets, and DigitalOcean's token unless its cluster needs none. */
type PlatformSettings = Pick<Settings, "platform" | "platformSecrets" | "digitaloceanToken">;

/**
 * Everything that the systems of a stack share: cluster and node pools, container registry, DNS zones, add-ons, edge, and the
 * DigitalOcean project that groups them in the control panel.
 */
export class Platform extends Component implements Site {
  readonly production: boolean;
  readonly images: Images;
  readonly checksumKey: pulumi.Output<string>;
  readonly doks: DoksSite | undefined;
  readonly pools: readonly pulumi.Resource[];
  readonly priorities: Site["priorities"];
  readonly storageRegion: string;
  readonly registry: Registry | undefined;
  readonly dns: Dns;
  readonly edge: Edge | undefined;
  readonly monitoring: Monitoring | undefined;
  readonly scraper: Site["scraper"];
  readonly linkerd: boolean;
  /** Generated credentials by name, `grafana-password`, for an operator's password manager; secret. */
  readonly operatorSecrets: Record<string, pulumi.Output<string>>;
  readonly provider: k8s.Provider;
  readonly #cluster: Cluster;
  readonly #project: digitalocean.Project | undefined;
  readonly #setting: PlatformSetting;

  constructor(
    name: string,
    { platform: setting, platformSecrets, digitaloceanToken }: PlatformSettings,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    // The review reads these: of which account the stack is, and what it protects.
    const { environment, account } = setting;
    super("doks-systems:platform:Platform", name, { environment, account }, {}, opts);
    this.#setting = setting;
    this.production = setting.environment === "production";
    this.images = imagesOf(setting.images);
    this.storageRegion = setting.storageRegion;
    this.checksumKey = new random.RandomBytes(`${name}-checksums`, { length: 32 }, { parent: this }).hex;
    this.#project = this.createProject(name);
    this.#cluster = this.createCluster(name, digitaloceanToken);
    this.provider = this.#cluster.provider;
    this.doks = this.#cluster.doks;
    this.pools = this.#cluster.pools;
    if (this.#cluster.clusterUrn !== undefined) this.addToProject(`${name}-cluster`, this.#cluster.clusterUrn, this);
    this.priorities = this.createPriorities(name);
    this.registry = this.createRegistry(name);
    const addons = this.createAddons(name, platformSecrets);
    this.monitoring = addons.monitoring;
    this.scraper = setting.monitoring.scrapedBy ?? ownScraper(addons.monitoring);
    this.operatorSecrets = addons.grafanaPassword === undefined ? {} : { "grafana-password": addons.grafanaPassword };
    this.linkerd = setting.addons.linkerd === "existing";
    if (addons.monitoring !== undefined) this.poolAlerts(name, addons.monitoring);
    this.dns = this.createZones(name);
    this.edge = this.createEdge(name, addons);
    this.registerOutputs({});
  }

  /** The stack output `platform`, for people and for stacks that deploy to this one's cluster; nothing secret. */
  get outputs() {
    return {
      environment: this.#setting.environment,
      region: this.#setting.region,
      pools: Object.keys(this.#setting.pools),
      clusterId: this.doks?.clusterId,
      cluster: this.#cluster.shared,
      kubeconfig: this.#cluster.kubeconfig,
      loadBalancer: this.edge?.address,
      outgoingAddresses: this.#cluster.outgoingAddresses,
      issuer: this.edge?.issuer,
      priorityClasses: this.priorities.names,
    };
  }

  addToProject(name: string, urn: pulumi.Input<string>, parent: pulumi.Resource): void {
    if (this.#project === undefined) return;
    new digitalocean.ProjectResources(name, { project: this.#project.id, resources: [urn] }, { parent });
  }

  nodeSelector(pool: string): Record<string, string> | undefined {
    const { cluster, pools } = this.#setting;
    const label = this.#poolLabel;
    // On a cluster that was there before, only what `pools` names is known to exist: a pool for add-ons may not.
    const certain = cluster.source === "create" || cluster.source === "stack" || Object.hasOwn(pools, pool);
    return label === undefined || !certain ? undefined : { [label]: pool };
  }

  storageClass(doksClass: string = this.production ? storageClasses.kept : storageClasses.deleted): string | undefined {
    const { cluster } = this.#setting;
    if (cluster.source !== "kubeconfig") return doksClass;
    return cluster.storageClass === "default" ? undefined : cluster.storageClass;
  }

  /** Key of the node label that says which pool a node is of; undefined where pods keep to no pool. */
  get #poolLabel(): string | undefined {
    const { cluster } = this.#setting;
    if (cluster.source !== "kubeconfig") return poolLabel;
    return cluster.nodeSelectors === false ? undefined : cluster.nodeSelectors.label;
  }

  private createProject(name: string): digitalocean.Project | undefined {
    const { cluster, environment } = this.#setting;
    if (cluster.source !== "create" && cluster.source !== "existing") return undefined;
    return new digitalocean.Project(
      name,
      {
        name: cloudName("doks-systems", pulumi.getStack()),
        description: "Made by Pulumi; see the doks-systems program",
        purpose: "Service or API",
        environment: environment === "production" ? "Production" : "Staging",
      },
      { parent: this },
    );
  }

  private createCluster(name: string, token: pulumi.Output<string> | undefined): Cluster {
    const { cluster, pools, region } = this.#setting;
    if (cluster.source === "kubeconfig") return new KubeconfigCluster(name, { setting: cluster }, { parent: this });
    if (token === undefined) throw new Error("a cluster on DigitalOcean without DigitalOcean's token");
    if (cluster.source === "stack") return new StackCluster(name, { setting: cluster, token }, { parent: this });
    const args = { pools, region, production: this.production, token };
    return cluster.source === "existing"
      ? new ExistingDoksCluster(name, { ...args, setting: cluster }, { parent: this })
      : new DoksCluster(name, { ...args, setting: cluster }, { parent: this });
  }

  private createPriorities(name: string): Site["priorities"] {
    const { priorityClasses: names } = this.#cluster;
    if (names !== undefined) return { names, ready: [] };
    return new PriorityClasses(`${name}-priorities`, { parent: this, providers: [this.provider] });
  }

  private createRegistry(name: string): Registry | undefined {
    const { registry, storageRegion } = this.#setting;
    if (registry.kind === "none") return undefined;
    const args = { setting: registry, region: storageRegion, production: this.production };
    return new Registry(`${name}-registry`, args, { parent: this });
  }

  private createAddons(name: string, { grafanaPassword }: PlatformSettings["platformSecrets"]): Addons {
    const args = {
      setting: this.#setting.addons,
      monitoring: this.#setting.monitoring,
      nodeSelector: this.nodeSelector(systemPool),
      monitoringNodeSelector: this.nodeSelector(this.#setting.monitoring.pool ?? systemPool),
      storageClass: this.storageClass(),
      poolLabel: this.#poolLabel ?? poolLabel,
      production: this.production,
      grafanaPassword,
      adopter: this.#cluster.adopter,
    };
    return new Addons(`${name}-addons`, args, { parent: this, providers: [this.provider] });
  }

  /** Alerts on node pools that have reached their maximum: the next pod would wait, and no other alert would say why. */
  private poolAlerts(name: string, { namespace, labels, ready }: Monitoring): void {
    const label = `label_${(this.#poolLabel ?? poolLabel).replaceAll(/[^a-zA-Z0-9_]/g, "_")}`;
    const alerts = Object.entries(this.#setting.pools).flatMap(([pool, { max }]): Alert[] => {
      if (max === undefined) return [];
      return [
        {
          name: "PoolAtMaximum",
          expr: `count(kube_node_labels{${label}="${pool}"}) >= ${max}`,
          for: "30m",
          severity: "warning",
          summary: `pool ${pool} has all of its ${max} nodes; raise its max, or pods will wait`,
        },
      ];
    });
    if (alerts.length === 0) return;
    const metadata = { name: "node-pools", namespace, labels };
    const opts = { parent: this, provider: this.provider, dependsOn: [...ready] };
    prometheusRule(`${name}-pool-alerts`, { metadata, groupName: "node-pools", alerts }, opts);
  }

  private createZones(name: string): Dns {
    const { domains } = this.#setting;
    const opts = { parent: this, protect: this.production, retainOnDelete: this.production };
    const managed = Object.keys(domains).filter((domain) => domains[domain] !== "external");
    const ready = managed
      .filter((domain) => domains[domain] === "create")
      .map((domain) => new digitalocean.Domain(`${name}-${domain.replaceAll(".", "-")}`, { name: domain }, opts));
    return { domains: managed, ready };
  }

  private createEdge(name: string, addons: Addons): Edge | undefined {
    const { edge } = this.#setting;
    if (edge.kind === "none") return undefined;
    if (edge.kind === "stack") return sharedEdge(edge, this.#cluster.edge);
    const args = {
      setting: edge,
      addons: addons.installed,
      nodeSelector: this.nodeSelector(systemPool),
    };
    return new EdgeComponent(`${name}-edge`, args, { parent: this, providers: [this.provider] });
  }
}

/** The Prometheus of the operator. */
function ownScraper(monitoring: Monitoring | undefined): Site["scraper"] {
  return monitoring && { namespace: monitoring.namespace, labels: { "app.kubernetes.io/name": "prometheus" } };
}
