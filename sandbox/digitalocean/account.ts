/** What an account at DigitalOcean holds. Everything is kept as the API shows it, so that answers need no translation. */
import { randomBytes, randomUUID } from "node:crypto";
import { regions } from "../../catalogue/regions.ts";
import type {
  Holdings,
  Vpc,
  KubernetesCluster,
  Database,
  Registry,
  DnsRecord,
  Project,
  SpacesKey,
} from "./resources.ts";
import { freeRange } from "./rules/networks.ts";

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

export class Account implements Holdings {
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
