/** Whether the rendered policies let a pod reach what its application connects to. */
import { reachable, type NetworkPolicy, type Pods } from "../../policy/reachability.ts";
import { selects } from "../../graph/pods.ts";
import { placesIn } from "../../sandbox/applications/places.ts";
import type { Loose, RenderedStack } from "../support/stack.ts";
import { portNumber, type Container } from "./container.ts";

/** What a pod is kept from; empty when it reaches everything that the text names. */
export function blocked(container: Container, text: string): string[] {
  return placesIn(text).flatMap((place) => {
    const [host = "", port] = place.split(":");
    const why = obstacle(container, host, Number(port));
    return why === undefined ? [] : [`${place} ${why}`];
  });
}

function obstacle(container: Container, host: string, port: number): string | undefined {
  const { stack, namespace } = container;
  const [first = "", second] = host.split(".");
  const service = serviceOf(stack, second ?? namespace, first) ?? serviceOf(stack, namespace, second ?? "");
  if (service === undefined) return outside(container, host, port);
  const offered = service.spec.ports.find((one: Loose) => one.port === port);
  if (offered === undefined) return "is no port of that Service";
  const pods = podsBehind(stack, service, offered.targetPort ?? port);
  if (pods.length === 0) return "has no pod behind it";
  const from: Pods = { ...container, name: "from", ports: [] };
  const reached = reachable(policies(stack), [from, ...pods]);
  const all = pods.every((pod) => reached.includes(`from → ${pod.name}:${pod.ports[0] ?? 0}`));
  return all ? undefined : "is kept off by a NetworkPolicy";
}

function serviceOf(stack: RenderedStack, namespace: string, name: string): Loose {
  return stack
    .objects()
    .find((one) => one.kind === "Service" && one.metadata.namespace === namespace && one.metadata.name === name);
}

function podsBehind(stack: RenderedStack, service: Loose, targetPort: string | number): Pods[] {
  const { metadata, spec } = service;
  const behind = stack.podTemplates().filter(({ namespace, template }) => {
    const labels = template.metadata?.labels ?? {};
    return namespace === metadata.namespace && selects({ matchLabels: spec.selector }, labels);
  });
  return behind.map(({ owner, namespace, template }) => {
    const ports = [portNumber(template.spec.containers[0], targetPort)];
    return { name: owner, namespace, labels: template.metadata.labels, ports };
  });
}

function policies(stack: RenderedStack): NetworkPolicy[] {
  return stack.all("NetworkPolicy").map(({ inputs }) => inputs as unknown as NetworkPolicy);
}

/** For what the stack does not make: addresses, or pods of a namespace that is somebody else's. */
function outside({ stack, namespace, labels }: Container, host: string, port: number): string | undefined {
  const own = policies(stack).filter(
    ({ metadata, spec }) =>
      metadata.namespace === namespace && spec.policyTypes.includes("Egress") && selects(spec.podSelector, labels),
  );
  const [, theirs] = /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(host) ?? [];
  const allowed = own
    .flatMap(({ spec }) => spec.egress ?? [])
    .some(
      ({ to, ports }) =>
        (ports?.some((one) => one.port === undefined || one.port === port) ?? true) &&
        (to?.some(({ ipBlock, namespaceSelector }) =>
          theirs === undefined
            ? ipBlock !== undefined
            : namespaceSelector !== undefined && selects(namespaceSelector, { "kubernetes.io/metadata.name": theirs }),
        ) ??
          true),
    );
  return allowed || own.length === 0 ? undefined : "is kept off by a NetworkPolicy";
}
