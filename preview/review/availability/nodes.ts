/** What a change of the cluster or of its node pools does to nodes, and to what runs on them. Pure. */
import { poolLabel, systemPool } from "../../../catalogue/doks.ts";
import { kindOf } from "../../../graph/resource.ts";
import type { Pods } from "../../../graph/pods.ts";
import type { Change, FieldChange } from "../change.ts";
import { timeToEnd, timeToReady } from "./pod-times.ts";
import { longest, noTime, row, sum, times, type Seconds } from "./seconds.ts";
import { reasonOf, type Effect, type Happening, type World } from "./world.ts";

/** Most nodes that a surge upgrade adds. Source: DigitalOcean, glossary, "Surge Upgrade". */
const surgeNodes = 10;

/** What happens to nodes, and to the workloads on them. */
export interface OnNodes {
  readonly happenings: readonly Happening[];
  readonly effects: readonly Effect[];
}

export function onNodes(world: World): OnNodes {
  const found = world.of("KubernetesCluster", "KubernetesNodePool").flatMap((change) => changeOfNodes(world, change));
  return {
    happenings: [...world.of("Vpc").flatMap(network), ...found.flatMap(({ happenings }) => happenings)],
    effects: found.flatMap(({ effects }) => effects),
  };
}

function changeOfNodes(world: World, change: Change): OnNodes[] {
  if (change.operation === "create" || change.operation === "options") return [];
  const isCluster = kindOf(change.resource) === "KubernetesCluster";
  if (change.operation !== "update") return [isCluster ? clusterGoes(world, change) : poolGoes(world, change)];
  const field = (path: string) => change.fields.find((one) => one.path === path);
  return [
    ...(field("version") === undefined ? [] : [upgrade(world, change)]),
    ...fewer(world, change, field(isCluster ? "nodePool.nodeCount" : "nodeCount") ?? field("maxNodes")),
    ...marked(change),
  ];
}

function network(change: Change): Happening[] {
  if (change.operation !== "replace") return [];
  const text = "is another network: the cluster and the databases in it are made anew, and start empty";
  return [{ kind: "nodes", resource: change.resource, verdict: "away", away: noTime, text, reason: reasonOf(change) }];
}

/** Name of a node pool, as its nodes' label has it. */
function poolOf({ resource }: Change): string {
  return kindOf(resource) === "KubernetesCluster" ? systemPool : String(resource.inputs["name"]);
}

function settingOf(change: Change, field: string): string {
  const pool = poolOf(change);
  return pool === systemPool ? `platform.cluster.systemPool.${field}` : `platform.pools.${pool}.${field}`;
}

function on(pool: string, pods: readonly Pods[]): Pods[] {
  return pods.filter(({ spec }) => spec.nodeSelector?.[poolLabel] === pool);
}

/** From the moment a pod is evicted until another one is ready. */
function timeToMove(world: World, pods: Pods): Seconds {
  return sum(timeToEnd(pods.workload, world.durations), timeToReady(pods.workload, world.durations));
}

function poolGoes(world: World, change: Change): OnNodes {
  const { resource, operation } = change;
  const nodes = count(world.nodesOf(resource));
  const here = on(poolOf(change), world.running);
  if (operation === "delete") {
    const left = on(poolOf(change), world.podsAfter);
    const text =
      left.length === 0 ? `is drained and deleted, with ${nodes} at most` : `is deleted, and pods still want its nodes`;
    const away = row(world.durations, "KubernetesNodePool delete");
    return {
      happenings: [{ kind: "nodes", resource, verdict: left.length === 0 ? "none" : "away", away, text }],
      effects: effects(change, left, "gone", () => noTime, "no node of its pool is left"),
    };
  }
  const made = sum(
    row(world.durations, "KubernetesNodePool delete"),
    row(world.durations, "KubernetesNodePool create"),
  );
  const away = sum(made, longest(...here.map((pods) => timeToReady(pods.workload, world.durations))));
  return {
    happenings: [
      {
        ...{ kind: "nodes", resource, verdict: "away", away, reason: reasonOf(change) },
        text: `is deleted with all its nodes, ${nodes} at most, before the new one is made; local files of its pods are lost`,
        fix: "add a pool under a new name, move to it, then take this one away",
        setting: settingOf(change, "size"),
        page: "docs/runbooks/node-pools.md",
      },
    ],
    effects: effects(
      change,
      here,
      "away",
      (pods) => sum(made, timeToReady(pods.workload, world.durations)),
      "all nodes of its pool go at once",
    ),
  };
}

function clusterGoes(world: World, change: Change): OnNodes {
  const { resource, operation } = change;
  const gone = operation === "delete";
  const away = row(world.durations, "KubernetesCluster create");
  const text = gone
    ? "is deleted, with all that is in it"
    : "is another one: all that is in it is made anew, and starts empty";
  return {
    happenings: [
      { kind: "nodes", resource, verdict: "away", away, text, reason: reasonOf(change), setting: "platform.cluster" },
    ],
    // Each object in it has a change of its own, which names the cluster as its cause.
    effects: [],
  };
}

/** DigitalOcean replaces the control plane, then every node; the provider does not wait for it. */
function upgrade(world: World, change: Change): OnNodes {
  const { resource } = change;
  const pools = world.after.filter((one) => ["KubernetesCluster", "KubernetesNodePool"].includes(kindOf(one)));
  const nodes = pools.reduce((all, pool) => all + world.nodesOf(pool), 0);
  const surge = resource.inputs["surgeUpgrade"] === true;
  const rounds = pools.reduce((all, pool) => all + Math.ceil(world.nodesOf(pool) / (surge ? surgeNodes : 1)), 0);
  const lasts = sum(
    row(world.durations, "KubernetesCluster upgrade of the control plane"),
    times(rounds, row(world.durations, "KubernetesCluster upgrade of a node")),
  );
  const plane = resource.inputs["ha"] === true ? "" : "its API is away for some minutes, ";
  const order = surge ? `up to ${surgeNodes} at a time, the new ones first` : "one by one, the old one first";
  const [single, several] = [world.running.filter(isSingle), world.running.filter((pods) => !isSingle(pods))];
  const versions = reasonOf(change, ({ path }) => path === "version");
  return {
    happenings: [
      {
        ...{ kind: "nodes", resource, verdict: "brief", away: lasts, reason: versions },
        text: `is upgraded: ${plane}every node is replaced (${count(nodes)} at most), ${order}; DigitalOcean goes on after the update has ended`,
        ...{ setting: "platform.cluster.upgradeTo", page: "docs/runbooks/upgrade.md" },
      },
    ],
    effects: [
      ...effects(
        change,
        single,
        "away",
        (pods) => timeToMove(world, pods),
        "its one pod moves to a new node, at least once",
      ),
      ...effects(change, several, "fewer", () => noTime, "its pods move to new nodes"),
    ],
  };
}

function isSingle({ replicas }: Pods): boolean {
  return replicas.min === 1;
}

/** Nodes that are drained because a pool gets smaller. */
function fewer(world: World, change: Change, field: FieldChange | undefined): OnNodes[] {
  const less = Number(field?.before ?? 0) - Number(field?.after ?? 0);
  if (field === undefined || !(less > 0)) return [];
  const certain = field.path !== "maxNodes";
  const here = on(poolOf(change), world.running).filter(isSingle);
  const text = certain
    ? `drains and loses ${count(less)}`
    : `drains and loses up to ${count(less)}, if it has grown so far`;
  const away = longest(...here.map((pods) => timeToMove(world, pods)));
  const verdict = here.length === 0 ? "none" : "brief";
  return [
    {
      happenings: [
        {
          ...{ kind: "nodes", resource: change.resource, verdict, away, text },
          ...{ reason: reasonOf(change, ({ path }) => path === field.path) },
          setting: settingOf(change, certain ? "count" : "max"),
        },
      ],
      effects: certain
        ? effects(change, here, "away", (pods) => timeToMove(world, pods), "if its one pod runs on a node that goes")
        : [],
    },
  ];
}

/** Labels and taints, which DigitalOcean sets on nodes that run. */
function marked({ fields, resource }: Change): OnNodes[] {
  const touched = fields.filter(({ path }) => /(^|\.)(labels|taints?)([.[]|$)/.test(path));
  if (touched.length === 0) return [];
  const evicts = touched.some(
    ({ path, after }) => path.includes("taint") && JSON.stringify(after ?? "").includes("NoExecute"),
  );
  const text = evicts
    ? "gets a taint that evicts pods which do not tolerate it"
    : "gets other labels or taints: new pods may find no node on it";
  return [
    { happenings: [{ kind: "nodes", resource, verdict: evicts ? "away" : "none", away: noTime, text }], effects: [] },
  ];
}

function effects(
  { resource }: Change,
  workloads: readonly Pods[],
  verdict: Effect["verdict"],
  away: (pods: Pods) => Seconds,
  why: string,
): Effect[] {
  return workloads.map((pods) => ({ workload: pods.owner.urn, verdict, away: away(pods), why, cause: resource.urn }));
}

function count(nodes: number): string {
  return nodes === 1 ? "1 node" : `${nodes} nodes`;
}
