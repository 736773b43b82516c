/** A simulated DigitalOcean account. Resources are stored in the form in which the API returns them. */
import { randomBytes, randomUUID } from "node:crypto";
import { regions } from "../../catalogue/regions.ts";
import type {
  Holdings,
  Vpc,
  NatGateway,
  KubernetesCluster,
  Database,
  Registry,
  DnsRecord,
  Project,
  SpacesKey,
} from "./resources.ts";
import { freeRange } from "./rules/networks.ts";

/** The control plane of a DOKS cluster. */
export interface Host {
  /** Address of its API server. */
  readonly server: string;
  /** Certificate of the API server's authority in PEM. */
  readonly ca: string;
  addNodes(nodes: readonly { name: string; pool: string; size: string }[]): Promise<void>;
  removeNodes(names: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}
/** Starts the control plane of a cluster; each token gets every right in it. */
export type StartHost = (clusterId: string, tokens: readonly string[]) => Promise<Host>;

/** The state of an account. */
export class Account implements Holdings {
  /** Valid API tokens. A token that is removed from the list is revoked. */
  tokens: readonly string[];
  readonly startHost: StartHost;
  /** Milliseconds from the creation of a database or a node until it runs. */
  readonly settleMs: number;
  /** Whether Spaces has a bucket of this name. Buckets are not in the account's state: another server stores them. */
  readonly bucketExists: (name: string) => boolean;
  /** Slugs of the Kubernetes versions on offer, newest first; DigitalOcean retires each within weeks. */
  versions = ["1.36.3-do.0", "1.35.7-do.0", "1.34.10-do.0"];

  readonly vpcs = new Map<string, Vpc>();
  readonly natGateways = new Map<string, NatGateway>();
  readonly clusters = new Map<string, KubernetesCluster>();
  readonly hosts = new Map<string, Host>();
  readonly databases = new Map<string, Database>();
  readonly registries = new Map<string, Registry>();
  tier = "basic";
  readonly domains = new Map<string, { readonly ttl: number; readonly records: Map<number, DnsRecord> }>();
  readonly projects = new Map<string, Project>();
  /** Id of the project that each resource is assigned to, by the resource's URN; others are in the default project. */
  readonly projectOf = new Map<string, string>();
  readonly spacesKeys = new Map<string, SpacesKey>();
  /** Told of the secret of each Spaces key, which the account itself forgets; undefined for one that is deleted. */
  readonly keep: (accessKey: string, secret: string | undefined) => void = () => undefined;
  /** Told of the addresses of all host names, whenever a record may have changed. */
  readonly publish: (hosts: ReadonlyMap<string, readonly string[]>) => void = () => undefined;
  /** Days for which the credentials in a cluster's kubeconfig are valid. */
  credentialDays = 7;
  #records = 1000;

  constructor(
    options: Pick<Account, "tokens" | "startHost" | "settleMs" | "bucketExists"> &
      Partial<Pick<Account, "keep" | "publish">>,
  ) {
    this.tokens = options.tokens;
    this.startHost = options.startHost;
    this.settleMs = options.settleMs;
    this.bucketExists = options.bucketExists;
    if (options.keep !== undefined) this.keep = options.keep;
    if (options.publish !== undefined) this.publish = options.publish;
    const now = timestamp();
    const project = { id: randomUUID(), owner_uuid: randomUUID(), owner_id: 1, created_at: now, updated_at: now };
    for (const region of regions) this.giveVpc(region, { id: randomUUID(), name: `default-${region}`, default: true });
    const described = { name: "default", description: "", purpose: "Service or API", environment: "Development" };
    this.projects.set(project.id, { ...project, ...described, is_default: true });
  }

  /** Id of a region's default VPC, in which resources are made that name no other VPC. */
  defaultVpc(region: string): string {
    return [...this.vpcs.values()].find((one) => one.default && one.region === region)?.id ?? "";
  }

  /** Adds a VPC with a free range, without a request. */
  giveVpc(region: string, { id, name, ...rest }: { id: string; name: string; default?: boolean }): void {
    if (this.vpcs.has(id)) return;
    const range = { ip_range: freeRange(region, this), created_at: timestamp() };
    this.vpcs.set(id, { id, urn: `do:vpc:${id}`, name, description: "", region, default: false, ...range, ...rest });
  }

  /** Id for a new DNS record. */
  nextRecord(): number {
    this.#records += 1;
    return this.#records;
  }

  /** Tells of the host names that its domains' records of type A have. */
  publishRecords(): void {
    const pairs = [...this.domains].flatMap(([domain, { records }]) =>
      [...records.values()]
        .filter(({ type }) => type === "A")
        .map(({ name, data }) => ({ host: name === "@" ? domain : `${name}.${domain}`, data })),
    );
    const hosts = [...Map.groupBy(pairs, ({ host }) => host)];
    this.publish(new Map(hosts.map(([host, found]) => [host, found.map(({ data }) => data)])));
  }

  /** Kind and id of every resource, as in a stack's state; without the default VPCs and the default project. */
  inventory(): string[] {
    const named = (kind: string, names: Iterable<string>) => [...names].map((name) => `${kind} ${name}`);
    return [
      ...named(
        "vpc",
        [...this.vpcs.values()].filter((one) => !one.default).map(({ id }) => id),
      ),
      ...named("nat", this.natGateways.keys()),
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

/** A time in the format of RFC 3339, in whole seconds. */
export function timestamp(at = new Date()): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** A random password: 24 hexadecimal characters. */
export function secret(): string {
  return randomBytes(12).toString("hex");
}
