/** A change with what is around it, as the parts of the analysis ask about it; and what they find. Pure. */
import { podsOf, selects, type Labels, type Pods } from "../../../graph/pods.ts";
import { kindOf, metadataOf, type Resource } from "../../../graph/resource.ts";
import { byUrn, type ByUrn } from "../../../graph/stack.ts";
import { isGone, type Change, type FieldChange } from "../change.ts";
import type { Verdict } from "./rollout.ts";
import type { Durations, Seconds } from "./seconds.ts";

/** What an update does to one workload, and why. */
export interface Effect {
  /** URN of the workload. */
  readonly workload: string;
  readonly verdict: Verdict;
  /** For how long it is away, or something that it needs is. */
  readonly away: Seconds;
  readonly why: string;
  /** Whether the workload is deleted first, and then made again. @default false */
  readonly remade?: boolean;
  /** URN of the resource whose change is to blame: the workload's own, or a node pool's. */
  readonly cause: string;
}

/** What an update does to something that is no workload: nodes, a database, a certificate, a DNS record, the edge. */
export interface Happening {
  readonly kind: "nodes" | "database" | "certificate" | "dns" | "edge";
  readonly resource: Resource;
  /** `away` for minutes, or for many; `brief` for less; `none` if nobody notices. */
  readonly verdict: "away" | "brief" | "none";
  readonly away: Seconds;
  /** Rest of a sentence that begins with the resource: `is deleted with its nodes, then made again`. */
  readonly text: string;
  /** URN of the resource whose change is to blame, if it is another one: the Gateway of a DNS record. */
  readonly cause?: string;
  /** The fields that are to blame: `size: s-4vcpu-8gb → g-4vcpu-16gb`. */
  readonly reason?: string;
  readonly fix?: string;
  readonly setting?: string;
  readonly page?: string;
}

/** A change, with the stack before and after it. */
export class World {
  readonly before: readonly Resource[];
  readonly after: readonly Resource[];
  readonly changes: readonly Change[];
  readonly durations: Durations;
  /** Resources of both, by URN; those after the change win. */
  readonly all: ByUrn;
  readonly podsBefore: readonly Pods[];
  readonly podsAfter: readonly Pods[];
  /** Workloads that run before the change, as they are after it if they still exist. */
  readonly running: readonly Pods[];
  // A stack may have thousands of resources, and each workload asks for some of them.
  readonly #changesByKind: ReadonlyMap<string, readonly Change[]>;
  readonly #before: ByUrn;
  readonly #replaced: ReadonlyMap<string, Change>;
  readonly #podsBefore: ReadonlyMap<string, Pods>;
  readonly #podsAfter: ReadonlyMap<string, Pods>;
  readonly #runningByName: ReadonlyMap<string | undefined, readonly Pods[]>;
  readonly #services: ReadonlyMap<string | undefined, readonly Resource[]>;
  readonly #servers: ReadonlyMap<unknown, readonly Resource[]>;
  readonly #databases: ReadonlyMap<string | undefined, readonly Resource[]>;

  constructor(
    before: readonly Resource[],
    after: readonly Resource[],
    changes: readonly Change[],
    durations: Durations,
  ) {
    this.before = before;
    this.after = after;
    this.changes = changes;
    this.durations = durations;
    this.all = byUrn([...before, ...after]);
    this.podsBefore = podsOf(before).filter(isSteady);
    this.podsAfter = podsOf(after).filter(isSteady);
    this.#before = byUrn(before);
    const byOwner = (all: readonly Pods[]) => new Map(all.map((pods) => [pods.owner.urn, pods]));
    [this.#podsBefore, this.#podsAfter] = [byOwner(this.podsBefore), byOwner(this.podsAfter)];
    this.running = this.podsBefore.map((pods) => this.#podsAfter.get(pods.owner.urn) ?? pods);
    this.#runningByName = Map.groupBy(this.running, ({ owner }) => metadataOf(owner)?.name);
    this.#changesByKind = Map.groupBy(changes, ({ resource }) => kindOf(resource));
    this.#replaced = new Map(changes.filter(isGone).map((change) => [change.resource.urn, change]));
    const services = after.filter((one) => kindOf(one) === "Service" && !isForMetrics(one));
    this.#services = Map.groupBy(services, (one) => metadataOf(one)?.namespace);
    const all = [...this.all.values()];
    this.#servers = Map.groupBy(
      all.filter(({ inputs }) => inputs["serverName"] !== undefined),
      ({ inputs }) => inputs["serverName"],
    );
    this.#databases = Map.groupBy(
      all.filter((one) => kindOf(one) === "DatabaseCluster"),
      ({ parent }) => parent,
    );
  }

  /** Changes of some kinds: `of("Service")`. */
  of(...kinds: readonly string[]): Change[] {
    const [kind, ...more] = kinds;
    if (kind !== undefined && more.length === 0) return [...(this.#changesByKind.get(kind) ?? [])];
    return this.changes.filter(({ resource }) => kinds.includes(kindOf(resource)));
  }

  /** Those of the running workloads that have a name, in any namespace. */
  runningAs(name: string): readonly Pods[] {
    return this.#runningByName.get(name) ?? [];
  }

  /** Components of servers with a name, before or after the change. */
  servers(name: string): readonly Resource[] {
    return this.#servers.get(name) ?? [];
  }

  /** The managed databases of a component, before or after the change. */
  databasesIn(component: string | undefined): readonly Resource[] {
    return this.#databases.get(component) ?? [];
  }

  /** A resource as it was before the change. */
  earlier(urn: string): Resource | undefined {
    return this.#before.get(urn);
  }

  /** Pods of an owner before the change. */
  podsEarlier(urn: string): Pods | undefined {
    return this.#podsBefore.get(urn);
  }

  /** Pods of an owner after the change. */
  podsLater(urn: string): Pods | undefined {
    return this.#podsAfter.get(urn);
  }

  /** Pods of an owner after the change, or before it if they are deleted. */
  podsOf(urn: string): Pods | undefined {
    return this.#podsAfter.get(urn) ?? this.#podsBefore.get(urn);
  }

  /** Whether a Service leads to pods; one for metrics alone does not count, as nobody waits for that answer. */
  takesRequests({ namespace, labels }: Pods): boolean {
    return this.#services.get(namespace)?.some((one) => leadsTo(one, namespace, labels)) === true;
  }

  /**
   * URN of the resource whose own change is to blame for another's: of the network, if its cluster, and so everything in
   * that, is made anew.
   */
  rootOf(urn: string): string {
    const replaced = (one: string) => this.#replaced.get(one);
    const visit = (at: string, seen: readonly string[]): string => {
      const change = replaced(at);
      const next =
        change === undefined ? [] : madeOf(change).filter((one) => replaced(one) !== undefined && !seen.includes(one));
      return next[0] === undefined ? at : visit(next[0], [...seen, next[0]]);
    };
    return visit(urn, [urn]);
  }

  /** Number of nodes of a pool before the change, or now if it is new: the most that there can be. */
  nodesOf(pool: Resource): number {
    const inputs = this.earlier(pool.urn)?.inputs ?? pool.inputs;
    const { nodeCount, maxNodes } = (inputs["nodePool"] ?? inputs) as { nodeCount?: number; maxNodes?: number };
    return maxNodes ?? nodeCount ?? 1;
  }
}

/** URNs of the resources that the fields which replace a resource are made of. */
function madeOf({ resource, fields }: Change): string[] {
  return fields
    .filter(({ replaces }) => replaces)
    .flatMap(({ path }) =>
      path === "(provider)" ? [resource.provider ?? ""] : (resource.inputsFrom[path.split(/[.[]/)[0] ?? ""] ?? []),
    );
}

/** Deployments and StatefulSets: what should run all the time, with a number of pods of its own. */
function isSteady({ owner }: Pods): boolean {
  return ["Deployment", "StatefulSet"].includes(kindOf(owner));
}

function isForMetrics({ inputs }: Resource): boolean {
  const { ports = [] } = inputs["spec"] as { ports?: readonly { name?: string }[] };
  return ports.length > 0 && ports.every(({ name }) => name === "metrics");
}

/** Whether a Service selects pods with these labels. A Service without selector selects none. */
export function leadsTo(service: Resource, namespace: string, labels: Labels): boolean {
  const { selector } = (service.inputs["spec"] ?? {}) as { selector?: Labels };
  return (
    metadataOf(service)?.namespace === namespace && selector !== undefined && selects({ matchLabels: selector }, labels)
  );
}

/**
 * Whether a replaced object is deleted before the new one is made: if both have the same name. Sources: pulumi-kubernetes
 * 4.34, `provider/pkg/provider/provider.go`, Diff; pulumi-terraform-bridge, `nameRequiresDeleteBeforeReplace`.
 */
export function deletedFirst({ operation, fields, resource }: Change): boolean {
  const renamed = fields.some(({ path }) =>
    ["metadata.name", "metadata.namespace", "(provider)", "name"].includes(path),
  );
  const named = metadataOf(resource)?.name ?? resource.inputs["name"];
  return operation === "replace" && named !== undefined && !renamed;
}

/** The fields of a change that replace the resource, in one line: `size: s-4vcpu-8gb → g-4vcpu-16gb`. */
export function reasonOf({ fields }: Change, which = ({ replaces }: FieldChange) => replaces): string {
  return fields
    .filter(which)
    .slice(0, 3)
    .map(({ path, before, after }) => `${path}: ${valueText(before)} → ${valueText(after)}`)
    .join(", ");
}

const longestValue = 40;

function valueText(value: unknown): string {
  if (value === undefined) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
