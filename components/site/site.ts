import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Shape } from "../../settings/slices/shape.ts";
import type { Images } from "./images.ts";

/** What a component needs to know about the cluster and account that it is built in. `Platform` implements it. */
export interface Site {
  /** Whether resources that hold data are protected, and retained when they leave the program. */
  readonly production: boolean;
  /** The Kubernetes provider of the cluster; every Kubernetes object of a system is made with it. */
  readonly provider: k8s.Provider;
  /** Images of data services and of the scripts around them, with their tags; `platform.images` overrides the pinned ones. */
  readonly images: Images;
  /** HMAC key of the checksum annotations on pods, so that nobody can guess a secret from its checksum. */
  readonly checksumKey: pulumi.Output<string>;
  /**
   * The DOKS cluster and its VPC, which managed databases and firewalls refer to; undefined for a cluster known by its
   * kubeconfig only.
   */
  readonly doks: DoksSite | undefined;
  /** Node pools that this stack makes; pods wait for them. */
  readonly pools: readonly pulumi.Resource[];
  /** PriorityClasses of pods by the kind of their workload, and the resources to wait for before a pod uses one. */
  readonly priorities: { readonly names: PriorityClassNames; readonly ready: readonly pulumi.Resource[] };
  /** Region of new Spaces buckets, `nyc3`; Spaces is in fewer regions than DOKS. */
  readonly storageRegion: string;
  /** The stack's container registry; undefined where it has none. */
  readonly registry: ImageRegistry | undefined;
  /** DNS zones in which the stack writes the records of its hosts. */
  readonly dns: Dns;
  /** Where routes attach; undefined on a cluster that takes no traffic from the internet. */
  readonly edge: Edge | undefined;
  /** The Prometheus Operator; undefined where the cluster has none. */
  readonly monitoring: Monitoring | undefined;
  /** Whose pods may read the metrics of the workloads, with or without the operator; undefined if nobody's. */
  readonly scraper: Scraper | undefined;
  /** Whether the cluster has a Linkerd control plane, which injects its proxy into pods that ask for it. */
  readonly linkerd: boolean;
  /**
   * Assigns a DigitalOcean resource to the stack's DigitalOcean project. Does nothing where the stack has no project.
   *
   * @param urn DigitalOcean's, such as `do:space:backups`
   */
  addToProject(name: string, urn: pulumi.Input<string>, parent: pulumi.Resource): void;
  /** Node selector for a node pool; undefined (any node) where the settings leave it out, or do not name the pool. */
  nodeSelector(pool: string): Record<string, string> | undefined;
  /**
   * `storageClassName` of a claim; undefined (the default class) for a cluster known by its kubeconfig, unless its settings name
   * one.
   *
   * @param doksClass class to use on DOKS @default in production the one that keeps a volume whose claim is deleted
   */
  storageClass(doksClass?: string): string | undefined;
}

/** The DOKS cluster that a stack runs on, whether the stack itself or another one makes it. */
export interface DoksSite {
  /** DigitalOcean's id of the cluster, a UUID; firewalls of managed databases let it in by this id. */
  readonly clusterId: pulumi.Output<string>;
  /** DigitalOcean's id of the cluster's VPC, a UUID; managed databases are made in it. */
  readonly vpcId: pulumi.Output<string>;
  /** CIDR block of the VPC, `10.20.0.0/20`: the addresses that nodes and managed databases have. */
  readonly vpcRange: pulumi.Input<string>;
  /** DigitalOcean's slug of the cluster's region, `nyc1`. */
  readonly region: pulumi.Input<string>;
}

/** Name of the PriorityClass for each kind of workload; undefined for pods that get none. */
export type PriorityClassNames = Readonly<Record<Shape["kind"], pulumi.Input<string | undefined>>>;

/** The container registry from which images that the systems build themselves are pulled. */
interface ImageRegistry {
  /** Prefix of its image references, without a slash at the end: `registry.digitalocean.com/geo`. */
  readonly path: string;
  /** Content of `.dockerconfigjson` for pull Secrets, as JSON; secret. */
  readonly dockerConfig: pulumi.Output<string>;
}

/** The DNS zones in which a stack writes records. */
export interface Dns {
  /** Names of the zones, `example.com`; a host that lies in none of them gets no record. */
  readonly domains: readonly string[];
  /** Zones that the stack makes itself; records wait for them. */
  readonly ready: readonly pulumi.Resource[];
}

/** How traffic from the internet reaches the cluster, and what routes attach to. */
export interface Edge {
  /** Which objects a Route makes: those of Gateway API, or a classic Ingress for the nginx controller. */
  readonly kind: "gateway" | "ingress";
  /** Namespace of the proxy pods; NetworkPolicies of the workloads admit them from there. */
  readonly proxyNamespace: string;
  /**
   * Address of the shared Gateway's load balancer, for DNS records; undefined for `ingress`: each Ingress reports its
   * own.
   */
  readonly address: pulumi.Output<string> | undefined;
  /** `ingressClassName` of each Ingress; undefined for `gateway`. */
  readonly ingressClass: string | undefined;
  /** The shared Gateway that ListenerSets and HTTP redirects attach to; undefined for `ingress`. */
  readonly gateway: { readonly name: string; readonly namespace: string } | undefined;
  /** `metadata.name` of the ClusterIssuer that issues certificates. */
  readonly issuer: pulumi.Input<string>;
  /** `host` gives each host of a route a certificate of its own, `system` one certificate to all of them together. */
  readonly certificates: "host" | "system";
  /** Resources that routes wait for: the issuer, and the Gateway if the stack makes one. */
  readonly ready: readonly pulumi.Resource[];
}

/** The pods of a Prometheus. */
interface Scraper {
  /** Namespace of the pods. */
  readonly namespace: string;
  /** Labels of the pods. @default - every pod of the namespace */
  readonly labels?: Record<string, string> | undefined;
}

/** The Prometheus Operator of a cluster: where alerts, scrape targets and dashboards go. */
export interface Monitoring {
  /** Namespace that Prometheus runs in. */
  readonly namespace: string;
  /** Labels that a ServiceMonitor or PrometheusRule needs, or Prometheus does not select it. */
  readonly labels: Record<string, string>;
  /** Resources to wait for before an object of the operator's kinds is made; empty where the operator exists already. */
  readonly ready: readonly pulumi.Resource[];
}
