/** Names, labels, ports, paths and topics from the README of the v0.3 manifests. */

/** Folder of the key that signs the ledger, in the ledger writer's container. */
export const keysPath = "/etc/caracal/keys";
/** Folder of certificates and keys in the gateway's container. */
export const tlsPath = "/etc/caracal/tls";
export const ports = { gateway: 8443, adapter: 8080, aggregatorMetrics: 9091 };

const system = { "app.kubernetes.io/name": "caracal" };
/** Labels of every object. */
export const systemLabels = system;

/** Labels that select the pods of a component. The version is not among them, as they cannot be changed later. */
export function componentLabels(component: string): Record<string, string> {
  return { ...system, "app.kubernetes.io/component": component };
}

export const topicNames = {
  meteringEvents: "caracal.metering.events",
  policyDecisions: "caracal.policy.decisions",
  agentLifecycle: "caracal.agent.lifecycle",
  policyChanges: "caracal.policy.changes",
  deadLetters: "caracal.dlq",
} as const;

/** The three consumers, and the topics that each reads. */
export const consumers = {
  "ledger-writer": { topics: [topicNames.meteringEvents] },
  "metrics-aggregator": { topics: [topicNames.meteringEvents] },
  "audit-logger": {
    topics: [
      topicNames.meteringEvents,
      topicNames.policyDecisions,
      topicNames.agentLifecycle,
      topicNames.policyChanges,
    ],
  },
} as const;
export type Consumer = keyof typeof consumers;
