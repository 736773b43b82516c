/** Stacks whose systems live in namespaces that were there before, beside pods of others. */
import { evaluate } from "../../../policy/evaluate.ts";
import { networkRules } from "../../../policy/rules/network.ts";
import type { NetworkPolicy, Pods } from "../../../policy/reachability.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import { stack, systemKeys, type Loose, type RenderedStack } from "../../support/stack.ts";

/** A patch that adopts the namespace of every system. */
const adopting: Patch = Object.fromEntries(
  systemKeys.map((key) => [`doks-systems:${key}`, { namespace: { create: false } }]),
);

/** A stack in namespaces that all systems adopt. */
export function adopted(name: string, patch: Patch = {}): Promise<RenderedStack> {
  const all = { ...adopting, ...patch } as Record<string, object>;
  return stack(
    name,
    Object.fromEntries(
      Object.entries(all).map(([key, value]) => [key, { ...(adopting[key] as object | undefined), ...value }]),
    ),
  );
}

/** The NetworkPolicies of a stack. */
export function policiesOf(rendered: RenderedStack): NetworkPolicy[] {
  return rendered.all("NetworkPolicy").map(({ inputs }) => inputs as unknown as NetworkPolicy);
}

/** The pods of a stack, each by the name of its workload without a hash. */
export function podsOf(rendered: RenderedStack): Pods[] {
  return rendered.podTemplates().map(({ owner, namespace, template }) => ({
    name: `${namespace}/${(owner.split("/")[1] ?? "").replace(/-[0-9a-f]{8}$/, "")}`,
    namespace,
    labels: template.metadata.labels,
    ports: template.spec.containers.flatMap((container: Loose) =>
      (container.ports ?? []).map((port: Loose) => port.containerPort),
    ),
  }));
}

/** Ports that lead to where no policy lets anybody in. */
export function openPortFindings({ rendering }: RenderedStack): string[] {
  const rules = networkRules.filter(({ name }) => name === "open-ports-lead-to-pods");
  return evaluate(rendering.stack, rendering.resources, [], rules).findings.map(({ message }) => message);
}
