/** DigitalOcean's resources in the form in which its API returns them. */

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

export interface NatGateway {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  state: string;
  readonly region: string;
  size: number;
  readonly vpcs: readonly { readonly vpc_uuid: string; readonly gateway_ip: string }[];
  readonly egresses: { readonly public_gateways: readonly { readonly ipv4: string }[] };
  readonly udp_timeout_seconds: number;
  readonly icmp_timeout_seconds: number;
  readonly tcp_timeout_seconds: number;
  readonly project_id: string;
  readonly created_at: string;
  updated_at: string;
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
  routing_agent?: { enabled: boolean };
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

/** The state of an account that rules read. */
export interface Holdings {
  readonly vpcs: ReadonlyMap<string, Vpc>;
  readonly natGateways: ReadonlyMap<string, NatGateway>;
  readonly clusters: ReadonlyMap<string, KubernetesCluster>;
  readonly databases: ReadonlyMap<string, Database>;
  readonly registries: ReadonlyMap<string, Registry>;
  readonly projects: ReadonlyMap<string, Project>;
  readonly tier: string;
  /** Slugs of the Kubernetes versions on offer, newest first. */
  readonly versions: readonly string[];
  /** Whether Spaces has a bucket of this name. */
  readonly bucketExists: (name: string) => boolean;
}
