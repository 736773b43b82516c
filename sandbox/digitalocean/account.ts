/** What an account at DigitalOcean holds. Everything is kept as the API shows it, so that answers need no translation. */
import { randomBytes, randomUUID } from "node:crypto";
import { regions } from "../../catalogue/regions.ts";
import { freeRange } from "./rules/networks.ts";

export interface Vpc {
  readonly id: string;
  readonly urn: string;
  name: string;
  description: string;
  readonly ip_range: string;
  readonly region: string;
  readonly created_at: string;
  default: boolean;
}

export interface Pool {
  readonly id: string;
  name: string;
  readonly size: string;
  count: number;
  tags: string[];
  labels: Record<string, string>;
  taints: object[];
  auto_scale: boolean;
  min_nodes: number;
  max_nodes: number;
  nodes: {
    id: string;
    name: string;
    status: { state: string };
    droplet_id: string;
    created_at: string;
    updated_at: string;
  }[];
}

export interface KubernetesCluster {
  readonly id: string;
  name: string;
  readonly region: string;
  version: string;
  readonly cluster_subnet: string;
  readonly service_subnet: string;
  readonly vpc_uuid: string;
  ipv4: string;
  endpoint: string;
  tags: string[];
  node_pools: Pool[];
  maintenance_policy: { day: string; start_time: string; duration: string };
  auto_upgrade: boolean;
  surge_upgrade: boolean;
  ha: boolean;
  status: { state: string; message?: string };
  readonly created_at: string;
  updated_at: string;
}

export interface Connection {
  protocol: string;
  uri: string;
  database: string;
  host: string;
  port: number;
  user: string;
  password: string;
  ssl: boolean;
}

export interface Database {
  readonly id: string;
  readonly name: string;
  readonly engine: string;
  version: string;
  size: string;
  region: string;
  num_nodes: number;
  storage_size_mib: number;
  tags: string[];
  status: string;
  readonly private_network_uuid: string;
  readonly created_at: string;
  maintenance_window: { day: string; hour: string; pending: boolean };
  connection: Connection;
  private_connection: Connection;
  db_names: string[];
  users: { name: string; role: string; password: string }[];
  rules: { uuid: string; cluster_uuid: string; type: string; value: string; created_at: string }[];
  pools: { name: string; mode: string; size: number; db: string; user: string }[];
  topics: { name: string; partitions: number; replication_factor: number; config: object }[];
  eviction_policy: string;
}

export interface Registry {
  readonly name: string;
  readonly region: string;
  readonly created_at: string;
  storage_usage_bytes: number;
  storage_usage_bytes_updated_at: string;
}

export interface DnsRecord {
  readonly id: number;
  readonly type: string;
  name: string;
  data: string;
  priority: number | null;
  port: number | null;
  ttl: number;
  weight: number | null;
  flags: number | null;
  tag: string | null;
}

export interface Project {
  readonly id: string;
  readonly owner_uuid: string;
  readonly owner_id: number;
  name: string;
  description: string;
  purpose: string;
  environment: string;
  is_default: boolean;
  readonly created_at: string;
  updated_at: string;
}

export interface SpacesKey {
  name: string;
  readonly access_key: string;
  grants: { bucket: string; permission: string }[];
  readonly created_at: string;
}

/** The part of DOKS that is a cluster itself: what a kubeconfig leads to. */
export interface Host {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  addNodes(nodes: readonly { name: string; pool: string; size: string }[]): Promise<void>;
  removeNodes(names: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}
/** Makes one for a cluster; each token has every right in it. */
export type StartHost = (clusterId: string, tokens: readonly string[]) => Promise<Host>;

export class Account {
  /** That open it; one that is taken away is revoked. */
  tokens: readonly string[];
  readonly startHost: StartHost;
  /** How long what is created takes until it runs. */
  readonly settleMs: number;
  /** Whether Spaces has a bucket; buckets are another service's. */
  readonly bucketExists: (name: string) => boolean;
  /** Patch versions on offer, newest first; DigitalOcean retires each within weeks. */
  versions = ["1.36.3-do.0", "1.35.7-do.0", "1.34.10-do.0"];

  readonly vpcs = new Map<string, Vpc>();
  readonly clusters = new Map<string, KubernetesCluster>();
  readonly hosts = new Map<string, Host>();
  readonly databases = new Map<string, Database>();
  readonly registries = new Map<string, Registry>();
  tier = "basic";
  readonly domains = new Map<string, { readonly ttl: number; readonly records: Map<number, DnsRecord> }>();
  readonly projects = new Map<string, Project>();
  /** Project of each resource, by URN; what is in none is in the default project. */
  readonly projectOf = new Map<string, string>();
  readonly spacesKeys = new Map<string, SpacesKey>();
  /** When the credentials that were given out end. */
  credentialDays = 7;
  #records = 1000;

  constructor(options: Pick<Account, "tokens" | "startHost" | "settleMs" | "bucketExists">) {
    this.tokens = options.tokens;
    this.startHost = options.startHost;
    this.settleMs = options.settleMs;
    this.bucketExists = options.bucketExists;
    const now = timestamp();
    const project = { id: randomUUID(), owner_uuid: randomUUID(), owner_id: 1, created_at: now, updated_at: now };
    for (const region of regions) this.giveVpc(region, { id: randomUUID(), name: `default-${region}`, default: true });
    const described = { name: "default", description: "", purpose: "Service or API", environment: "Development" };
    this.projects.set(project.id, { ...project, ...described, is_default: true });
  }

  /** A region's default VPC, which it has from its first use on, and which what names no other one is in. */
  defaultVpc(region: string): string {
    return [...this.vpcs.values()].find((one) => one.default && one.region === region)?.id ?? "";
  }

  /** A VPC that nobody asked for, in a range that is free. */
  giveVpc(region: string, { id, name, ...rest }: { id: string; name: string; default?: boolean }): void {
    if (this.vpcs.has(id)) return;
    const range = { ip_range: freeRange(region, this), created_at: timestamp() };
    this.vpcs.set(id, { id, urn: `do:vpc:${id}`, name, description: "", region, default: false, ...range, ...rest });
  }

  /** A number for a DNS record. */
  nextRecord(): number {
    this.#records += 1;
    return this.#records;
  }

  /** Every resource by its kind and identity, as a stack's state would have it; without what every account has. */
  inventory(): string[] {
    const named = (kind: string, names: Iterable<string>) => [...names].map((name) => `${kind} ${name}`);
    return [
      ...named(
        "vpc",
        [...this.vpcs.values()].filter((one) => !one.default).map(({ id }) => id),
      ),
      ...named("cluster", this.clusters.keys()),
      ...[...this.clusters.values()].flatMap(({ node_pools: pools }) =>
        named(
          "pool",
          pools.slice(1).map(({ id }) => id),
        ),
      ),
      ...named("database", this.databases.keys()),
      ...named("registry", this.registries.keys()),
      ...[...this.domains].flatMap(([domain, { records }]) =>
        named(
          "record",
          [...records.keys()].map((id) => `${domain}/${id}`),
        ),
      ),
      ...named(
        "project",
        [...this.projects.values()].filter((one) => !one.is_default).map(({ id }) => id),
      ),
      ...named("key", this.spacesKeys.keys()),
    ].toSorted();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.hosts.values()].map((host) => host.stop()));
  }
}

/** RFC 3339, whole seconds. */
export function timestamp(at = new Date()): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

export function secret(): string {
  return randomBytes(12).toString("hex");
}
