/** Names, labels, ports, paths and topics that the document gives. */
export const keysPath = "/etc/caracal/keys";
export const tlsPath = "/etc/caracal/tls";
export const ports = { gateway: 8443, adapter: 8080, aggregatorMetrics: 9091 };

const system = { "app.kubernetes.io/name": "caracal" };
/** Labels of every object. */
export const systemLabels = system;

/** Labels that select a component's pods; its version is never one of them. */
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

/** The consumers: what each reads. */
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
