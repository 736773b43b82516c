/**
 * NetworkPolicies that are gone or let more through. What they let in from outside is judged where the load balancers are.
 * Sources: Kubernetes, "Network Policies" (without a policy for a direction everything is allowed; policies add up). Pure.
 */
import { isTask, selects, type Pods, type Selector } from "../../../graph/pods.ts";
import { label, metadataOf, type Resource } from "../../../graph/resource.ts";
import type { Stack } from "../../../graph/stack.ts";
import { allows, type NetworkPolicy, type Peer } from "../../../policy/reachability.ts";
import { covers } from "../exposure/sources.ts";
import { loss, type Loss, type Revisions } from "./loss.ts";

type Direction = "Ingress" | "Egress";
interface Both {
  readonly old: Pods;
  readonly now: Pods;
}

/** What pods may connect to, or be reached from, that was denied. */
export function networkLosses(revisions: Revisions): Loss[] {
  const { before, after } = revisions;
  const running = revisions.pods.filter(({ now }) => !isTask(now.owner));
  return [
    ...(["Ingress", "Egress"] as const).flatMap((direction) => undeniedLosses(before, after, running, direction)),
    ...addressLosses(before, after, running),
    ...neighbourLosses(before, after, running),
    ...connectionLosses(before, after, running),
    ...apiLosses(before, after, running),
  ];
}

function policyOf({ inputs }: Resource): NetworkPolicy {
  return inputs as unknown as NetworkPolicy;
}

/** Policies that select some pods for a direction. */
function selecting(stack: Stack, { namespace, labels }: Pods, direction: Direction): Resource[] {
  return stack.in(namespace, "NetworkPolicy").filter((one) => {
    const { podSelector, policyTypes } = policyOf(one).spec;
    return policyTypes.includes(direction) && selects(podSelector, labels);
  });
}

/** Pods that no policy selects any more: everything is allowed there. One loss for each namespace. */
function undeniedLosses(before: Stack, after: Stack, running: readonly Both[], direction: Direction): Loss[] {
  const open = running.filter(
    ({ old, now }) => selecting(before, old, direction).length > 0 && selecting(after, now, direction).length === 0,
  );
  return [...Map.groupBy(open, ({ now }) => now.namespace)].flatMap(([namespace, some]) => {
    const [first] = some;
    if (first === undefined) return [];
    const owner = after.of("Namespace").find((one) => metadataOf(one)?.name === namespace);
    const names = listed(some.map(({ now }) => now));
    return loss(some.length > 1 && owner !== undefined ? owner : first.now.owner, {
      ...{ level: "stop", was: "denied what is not declared", is: "no NetworkPolicy" },
      text: direction === "Ingress" ? "admits connections from everywhere" : "may connect to everything",
      meaning:
        direction === "Ingress"
          ? `every pod of the cluster reaches ${names}`
          : `${names} may connect to every database, the metadata service and the internet`,
    });
  });
}

/** What a policy's rules let through in a direction: a peer, and ports as a text that is empty for all. */
interface Grant {
  readonly peer: Peer | undefined;
  readonly ports: string;
  readonly by: Resource;
}

function grants(stack: Stack, pods: Pods, direction: Direction): Grant[] {
  return selecting(stack, pods, direction).flatMap((by) => {
    const { ingress = [], egress = [] } = policyOf(by).spec;
    return (direction === "Ingress" ? ingress : egress).flatMap((rule) => {
      const peers = direction === "Ingress" ? rule.from : rule.to;
      const ports = (rule.ports ?? []).map(({ port }) => port ?? "every").join(", ");
      return (peers ?? [undefined]).map((peer): Grant => ({ peer, ports, by }));
    });
  });
}

/** Whether an entrance of the stack brings the policy along: what that lets in is said of the entrance. */
function isOfEntrance({ urn }: Resource): boolean {
  return urn.includes("doks-systems:network:");
}

/** Blocks of addresses, and rules without a peer, which mean every address. */
function addressLosses(before: Stack, after: Stack, running: readonly Both[]): Loss[] {
  const isAddress = ({ peer, by }: Grant) => (peer === undefined || peer.ipBlock !== undefined) && !isOfEntrance(by);
  return running.flatMap(({ old, now }) =>
    (["Ingress", "Egress"] as const).flatMap((direction) => {
      const had = grants(before, old, direction).filter(isAddress);
      const cidr = ({ peer }: Grant) => peer?.ipBlock?.cidr ?? "0.0.0.0/0";
      const known = (grant: Grant) =>
        had.some(
          (one) =>
            (one.ports === "" || one.ports === grant.ports) &&
            (one.peer === undefined || grant.peer !== undefined) &&
            covers([cidr(one)], cidr(grant)),
        );
      const added = grants(after, now, direction).filter((grant) => isAddress(grant) && !known(grant));
      // Without any policy for this direction before, everything was allowed.
      if (added.length === 0 || selecting(before, old, direction).length === 0) return [];
      const all = added.some(({ peer, ports }) => peer === undefined && ports === "");
      const texts = added.map((grant) => addressText(grant, cidr(grant)));
      return [
        loss(now.owner, {
          ...{
            level: all || (direction === "Ingress" && added.some((one) => cidr(one) === "0.0.0.0/0")) ? "stop" : "look",
          },
          ...{ was: "denied", is: "allowed" },
          text: `${direction === "Ingress" ? "may be reached from" : "may connect to"} ${texts.join(" and ")}`,
          meaning: direction === "Ingress" ? "whoever is there can try to get in" : "what it holds can be sent there",
        }),
      ];
    }),
  );
}

function addressText({ peer, ports }: Grant, cidr: string): string {
  const where = peer === undefined ? "everywhere" : cidr === "0.0.0.0/0" ? "the internet" : cidr;
  return ports === "" ? where : `${where} on port ${ports}`;
}

/** Pods that are not in the stack, by their namespace, such as those of a chart. One loss for each. */
function neighbourLosses(before: Stack, after: Stack, running: readonly Both[]): Loss[] {
  const own = new Set(running.map(({ now }) => now.namespace));
  const found = running.flatMap(({ old, now }) =>
    (["Ingress", "Egress"] as const).flatMap((direction) => {
      const neighbours = (all: Grant[]) =>
        all.flatMap((grant) =>
          (isOfEntrance(grant.by) ? [] : neighbour(grant.peer, own)).map((name) => ({ name, grant })),
        );
      const had = new Set(neighbours(grants(before, old, direction)).map(({ name }) => name));
      return neighbours(grants(after, now, direction))
        .filter(({ name }) => !had.has(name) && selecting(before, old, direction).length > 0)
        .map(({ name, grant }) => ({ key: `${direction} ${name}`, direction, name, grant, pods: now }));
    }),
  );
  return [...Map.groupBy(found, ({ key }) => key).values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const { direction, name, grant } = first;
    const names = listed(some.map(({ pods }) => pods));
    return loss(grant.by, {
      ...{ level: name === everyPod ? "stop" : "look", was: "denied", is: "allowed" },
      text: direction === "Ingress" ? `lets ${name} in` : `lets pods out to ${name}`,
      meaning: direction === "Ingress" ? `they may connect to ${names}` : `${names} may connect to them`,
    });
  });
}

const everyPod = "every pod of the cluster";

/** The namespace that a peer means, as a text; empty for pods of the stack's own namespaces, whose connections are known. */
function neighbour(peer: Peer | undefined, own: ReadonlySet<string>): string[] {
  if (peer?.namespaceSelector === undefined) return [];
  const selector: Selector = peer.namespaceSelector;
  const name = selector.matchLabels?.["kubernetes.io/metadata.name"];
  if (name !== undefined) return own.has(name) ? [] : [`pods of namespace ${name}`];
  const isAll = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0;
  return [isAll ? everyPod : `pods of namespaces with ${JSON.stringify(selector)}`];
}

/** Connections between pods of the stack that both sides allow, and did not before. One loss for each caller. */
function connectionLosses(before: Stack, after: Stack, running: readonly Both[]): Loss[] {
  const had = connections(
    before,
    running.map(({ old }) => old),
  );
  const now = connections(
    after,
    running.map((one) => one.now),
  );
  return running.flatMap(({ now: caller }, from) => {
    // Without its policies, what pods may do is said already.
    if (selecting(after, caller, "Egress").length === 0) return [];
    const targets = running.flatMap((callee, to) =>
      [...(now[from]?.[to] ?? [])]
        .filter((port) => had[from]?.[to]?.has(port) !== true)
        .map((port) => `${label(callee.now.owner)}:${port}`),
    );
    if (targets.length === 0) return [];
    return loss(caller.owner, {
      ...{ level: "look", was: "denied", is: "allowed", text: `may connect to ${targets.join(", ")}` },
      meaning: "whoever breaks into it gets there, too",
    });
  });
}

/** The ports on which each of some pods may connect to each other of them, by the positions of caller and callee. */
function connections(stack: Stack, all: readonly Pods[]): ReadonlySet<number>[][] {
  // Each pair asks only the policies that select one of both: most select neither.
  const sides = all.map((pods) => ({
    pods: { name: pods.owner.name, namespace: pods.namespace, labels: pods.labels },
    ports: (pods.spec.containers ?? []).flatMap(({ ports = [] }) => ports.flatMap((one) => one.containerPort ?? [])),
    egress: selecting(stack, pods, "Egress").map(policyOf),
    ingress: selecting(stack, pods, "Ingress").map(policyOf),
  }));
  const none: ReadonlySet<number> = new Set();
  const outgoing = new Set(sides.filter(({ egress }) => crosses(egress, "egress")));
  const incoming = new Set(sides.filter(({ ingress }) => crosses(ingress, "ingress")));
  return sides.map((from) =>
    sides.map((to) => {
      const isNear = from.pods.namespace === to.pods.namespace;
      if (!isNear && !(outgoing.has(from) && incoming.has(to))) return none;
      const open = (port: number) =>
        from !== to &&
        allows(from.egress, "Egress", from.pods, to.pods, port) &&
        allows(to.ingress, "Ingress", to.pods, from.pods, port);
      return new Set(to.ports.filter(open));
    }),
  );
}

/** Whether policies let some pods talk to other namespaces at all; most name only pods of their own. */
function crosses(all: readonly NetworkPolicy[], direction: "ingress" | "egress"): boolean {
  const peers = all.flatMap(({ spec }) =>
    direction === "ingress" ? (spec.ingress ?? []).map(({ from }) => from) : (spec.egress ?? []).map(({ to }) => to),
  );
  return (
    all.length === 0 ||
    peers.some((some) => some === undefined || some.some(({ namespaceSelector }) => namespaceSelector !== undefined))
  );
}

/** Pods that may reach the API server, which on DOKS a CiliumNetworkPolicy says. */
function apiLosses(before: Stack, after: Stack, running: readonly Both[]): Loss[] {
  const reaches = (stack: Stack, { namespace, labels }: Pods) =>
    stack.of("CiliumNetworkPolicy").some((one) => {
      const { endpointSelector = {}, egress = [] } = one.inputs["spec"] as {
        readonly endpointSelector?: Selector;
        readonly egress?: readonly { readonly toEntities?: readonly string[] }[];
      };
      return (
        metadataOf(one)?.namespace === namespace &&
        selects(endpointSelector, labels) &&
        egress.some(({ toEntities = [] }) => toEntities.includes("kube-apiserver"))
      );
    });
  return running
    .filter(({ old, now }) => !reaches(before, old) && reaches(after, now))
    .map(({ now }) =>
      loss(now.owner, {
        ...{ level: "look", was: "denied", is: "allowed", text: "may connect to the API server" },
        meaning: "with a token it may do there whatever its account may",
      }),
    );
}

function listed(pods: readonly Pods[], most = 5): string {
  const names = [...new Set(pods.map(({ owner }) => label(owner)))];
  return names.length > most ? `${names.slice(0, most).join(", ")} and ${names.length - most} more` : names.join(", ");
}
