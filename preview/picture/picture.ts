/**
 * A picture of a stack: workloads, data stores, the connections between them, and what is public. The edges are the declared
 * connections from which NetworkPolicies are made. Pure.
 */
import { dataHolders } from "../../graph/data.ts";
import { byUrn, systemOf, type ByUrn } from "../../graph/stack.ts";
import { podsOf, selects, type Pods } from "../../graph/pods.ts";
import { kindOf, metadataOf, type Resource } from "../../graph/resource.ts";
import type { Connection } from "../../components/connections/connection.ts";
import { podGroups } from "../review/capacity/pods.ts";

/** A box in the picture. */
export interface PictureNode {
  /** URN of the resource; a name for what is no resource of the stack. */
  readonly id: string;
  readonly kind: "workload" | "stateful" | "task" | "database" | "bucket" | "route" | "entrance" | "outside";
  readonly title: string;
  /** Second line, below the title: `5 to 200 pods`. */
  readonly note: string;
  /** System in whose frame the node is drawn; undefined for what is no resource of the stack. */
  readonly system: string | undefined;
  readonly holdsData: boolean;
  /** Smallest and largest number of pods; undefined for what runs none, or only for a while. */
  readonly pods?: { readonly min: number; readonly max: number };
}

/** An arrow in the picture. */
export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  /** Ports: `5432`, `80,443`. */
  readonly label: string;
  /** Whether traffic from the internet takes this edge. */
  readonly isPublic: boolean;
}

/** Nodes and edges, each in a fixed order. */
export interface Picture {
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}

/** Id of the node that stands for everybody. */
export const internet = "internet";

/** The picture of a stack's resources. */
export function picture(resources: readonly Resource[]): Picture {
  return new Drawing(resources).finish();
}

class Drawing {
  readonly #all: ByUrn;
  readonly #resources: readonly Resource[];
  readonly #nodes = new Map<string, PictureNode>();
  readonly #edges: PictureEdge[] = [];
  readonly #holders: ReadonlySet<string>;
  readonly #children: ReadonlyMap<string, readonly Resource[]>;
  readonly #byKind: ReadonlyMap<string, readonly Resource[]>;
  readonly #pods: ReadonlyMap<string, readonly Pods[]>;
  readonly #services: ReadonlyMap<string, readonly Resource[]>;
  /** Components of managed services by system and name of the server. */
  readonly #servers: ReadonlyMap<string, Resource>;
  readonly #buckets: ReadonlyMap<string, readonly Resource[]>;

  constructor(resources: readonly Resource[]) {
    this.#resources = resources;
    this.#all = byUrn(resources);
    this.#holders = dataHolders(resources);
    this.#children = Map.groupBy(resources, ({ parent }) => parent ?? "");
    this.#byKind = Map.groupBy(resources, kindOf);
    this.#pods = Map.groupBy(podsOf(resources), ({ namespace }) => namespace);
    this.#services = Map.groupBy(this.#of("Service"), inNamespace);
    this.#buckets = Map.groupBy(this.#of("SpacesBucket"), (one) => systemOf(one, this.#all));
    const servers = resources.filter(({ inputs }) => typeof inputs["serverName"] === "string");
    // The first of a name is taken.
    this.#servers = new Map(
      servers.toReversed().map((one) => [`${systemOf(one, this.#all)} ${String(one.inputs["serverName"])}`, one]),
    );
  }

  #of(kind: string): readonly Resource[] {
    return this.#byKind.get(kind) ?? [];
  }

  finish(): Picture {
    this.#workloads();
    this.#stores();
    this.#connections();
    this.#entrances();
    const nodes = [...this.#nodes.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const key = ({ from, to, label }: PictureEdge) => `${from} ${to} ${label}`;
    const edges = [...new Map(this.#edges.map((edge) => [key(edge), edge])).values()];
    return { nodes, edges: edges.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) };
  }

  #add(
    resource: Resource,
    node: Pick<PictureNode, "kind" | "title" | "note"> & Partial<Pick<PictureNode, "holdsData" | "pods">>,
  ): void {
    const system = systemOf(resource, this.#all);
    this.#nodes.set(resource.urn, { holdsData: false, ...node, id: resource.urn, system });
  }

  #outside(id: string, title = id): string {
    if (!this.#nodes.has(id))
      this.#nodes.set(id, { id, kind: "outside", title, note: "", system: undefined, holdsData: false });
    return id;
  }

  /** Adds a node for each component with pods. */
  #workloads(): void {
    const groups = new Map(podGroups(this.#resources).map((group) => [group.urn, group]));
    const kinds = { Workload: "workload", StatefulWorkload: "stateful", Task: "task", ScheduledTask: "task" } as const;
    for (const resource of this.#resources) {
      if (!resource.type.startsWith("doks-systems:workload:")) continue;
      const kind = kinds[kindOf(resource) as keyof typeof kinds] as PictureNode["kind"] | undefined;
      const owner = this.#children.get(resource.urn)?.find(({ urn }) => groups.has(urn));
      const group = groups.get(owner?.urn ?? "");
      if (kind === undefined || owner === undefined || group === undefined) continue;
      const schedule = (owner.inputs["spec"] as { schedule?: string }).schedule;
      const pods =
        group.min === group.max
          ? `${group.min} ${group.min === 1 ? "pod" : "pods"}`
          : `${group.min} to ${group.max} pods`;
      const note = kind === "task" ? (schedule ?? "at each update") : pods;
      const name = metadataOf(owner)?.name ?? resource.name;
      // The name of a Job ends with a hash of its content, which means nothing to a reader.
      const title = kind === "task" ? name.replace(/-[0-9a-f]{8}$/, "") : name;
      const holdsData = this.#holders.has(owner.urn);
      const { min, max } = group;
      this.#add(resource, { kind, title, note, holdsData, ...(kind !== "task" && { pods: { min, max } }) });
    }
  }

  #stores(): void {
    for (const resource of this.#resources) {
      const { inputs } = resource;
      const name = String(inputs["name"]);
      const kind = kindOf(resource);
      if (kind === "DatabaseCluster") {
        const note = `managed ${String(inputs["engine"])}, ${String(inputs["nodeCount"])} × ${String(inputs["size"])}`;
        this.#add(resource, { kind: "database", title: name, note, holdsData: true });
      }
      if (kind === "SpacesBucket")
        this.#add(resource, { kind: "bucket", title: name, note: "bucket", holdsData: true });
    }
  }

  #connections(): void {
    // By system and title, as a connection names it. The first of a name is taken.
    const servers = new Map(
      [...this.#nodes.values()]
        .filter(({ kind }) => kind !== "task")
        .map(({ id, system, title }): [string, string] => [`${system ?? ""} ${title}`, id])
        .toReversed(),
    );
    for (const from of this.#resources) {
      if (!this.#nodes.has(from.urn)) continue;
      for (const connection of from.connectsTo) {
        const to = this.#target(from, connection, servers);
        if (to !== from.urn)
          this.#edges.push({ from: from.urn, to, label: connection.ports.join(","), isPublic: false });
      }
    }
  }

  /** Id of the node that a connection leads to. */
  #target(from: Resource, { kind, target }: Connection, servers: ReadonlyMap<string, string>): string {
    const system = systemOf(from, this.#all);
    switch (kind) {
      case "managed":
        return this.#managed(system, target) ?? this.#outside(target);
      case "outside":
        if (target === "spaces") return this.#nearestBucket(from) ?? this.#outside("Spaces");
        return this.#outside(`${system}/${target}`, target);
      case "neighbour":
      case "private":
        return this.#outside(`${system}/${target}`, target);
      case "kubernetes-api":
        return this.#outside("Kubernetes API");
      case "pods":
        return servers.get(`${system} ${target}`) ?? this.#outside(target);
    }
  }

  #managed(system: string, serverName: string): string | undefined {
    const component = this.#servers.get(`${system} ${serverName}`)?.urn;
    return this.#children.get(component ?? "none")?.find((one) => kindOf(one) === "DatabaseCluster")?.urn;
  }

  /**
   * The bucket that has most ancestors in common with a resource, so that a backup gets its own and not the
   * application's.
   */
  #nearestBucket(from: Resource): string | undefined {
    const above = this.#ancestors(from);
    const shared = (bucket: Resource) => this.#ancestors(bucket).filter((urn) => above.includes(urn)).length;
    return (this.#buckets.get(systemOf(from, this.#all)) ?? []).toSorted(
      (a, b) => shared(b) - shared(a) || this.#ancestors(a).length - this.#ancestors(b).length,
    )[0]?.urn;
  }

  #ancestors(resource: Resource): string[] {
    const parent = this.#all.get(resource.parent ?? "");
    return parent === undefined ? [] : [parent.urn, ...this.#ancestors(parent)];
  }

  /** Adds what is public: the edge, the routes behind it, and load balancers of single workloads. */
  #entrances(): void {
    const edge = this.#resources.find((one) => one.type === "doks-systems:network:Edge");
    if (edge !== undefined) {
      const own = this.#resources.some((one) => kindOf(one) === "Gateway" && one.parent === edge.urn);
      this.#add(edge, { kind: "entrance", title: "edge", note: own ? "load balancer" : "ingress controller" });
      this.#edges.push({ from: this.#outside(internet), to: edge.urn, label: "80,443", isPublic: true });
    }
    for (const resource of this.#resources) {
      const balancer = resource.type === "doks-systems:network:LoadBalancer";
      if (!balancer && resource.type !== "doks-systems:network:Route") continue;
      const hosts = (resource.inputs["hosts"] ?? []) as readonly string[];
      this.#add(resource, { kind: "route", title: hosts.join("\n"), note: balancer ? "load balancer" : "route" });
      const from = balancer ? this.#outside(internet) : (edge?.urn ?? this.#outside(internet));
      this.#edges.push({ from, to: resource.urn, label: "", isPublic: true });
      for (const to of this.#behind(resource)) this.#edges.push({ from: resource.urn, to, label: "", isPublic: true });
    }
  }

  /** Workloads behind a route or a load balancer. */
  #behind(entrance: Resource): string[] {
    const children = this.#children.get(entrance.urn) ?? [];
    const services = children.flatMap((child) => {
      if (kindOf(child) === "Service") return [child];
      const names = backends(child.inputs["spec"]);
      return (this.#services.get(inNamespace(child)) ?? []).filter((one) => names.has(metadataOf(one)?.name ?? ""));
    });
    return services.flatMap((service) => {
      const { selector = {} } = service.inputs["spec"] as { selector?: Readonly<Record<string, string>> };
      const here = this.#pods.get(inNamespace(service)) ?? [];
      const chosen = here.filter(({ labels }) => selects({ matchLabels: selector }, labels));
      return chosen.flatMap(({ owner }) => {
        const workload = this.#all.get(owner.urn)?.parent;
        return workload !== undefined && this.#nodes.has(workload) ? [workload] : [];
      });
    });
  }
}

function inNamespace(resource: Resource): string {
  return metadataOf(resource)?.namespace ?? "default";
}

/** Names of the Services that the `spec` of an HTTPRoute, a TLSRoute or an Ingress refers to. */
function backends(spec: unknown): Set<string> {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "backendRefs") for (const { name } of inner as { name: string }[]) names.add(name);
      if (key === "service") names.add((inner as { name: string }).name);
      walk(inner);
    }
  };
  walk(spec);
  return names;
}
