/** What tests know of the systems that they run. */
import type { Patch } from "../../../graph/render/configuration.ts";
import type { Writer } from "./survival.ts";

const mongo = (site: string) => ({ mongoUri: `mongodb+srv://app:given@${site}.example.mongodb.net/app` });
const quick = { initialDelaySeconds: 60, periodSeconds: 2, failureThreshold: 10 };

/** What a stack must set for Bow-Mark, and a look at its consumers that sees within seconds what takes minutes by default. */
export function bowmark(workloads: Patch = {}): Patch {
  const consumers = both("consumer").map((name) => [name, { probes: { liveness: quick } }]);
  return {
    "doks-systems:secrets": { bowmark: { paving: mongo("paving"), concrete: mongo("concrete") } },
    "doks-systems:bowmark": { workloads: { ...Object.fromEntries(consumers), ...workloads } },
  };
}

/** The Deployments of both of Bow-Mark's sites. */
export function both(kind: string): string[] {
  return [`${kind}-deployment`, `${kind}-concrete-deployment`];
}

/** Who writes to a system's broker. */
export const writers = {
  bowmark: { client: "server-deployment", program: "amqp.ts" },
  caracal: { client: "caracal-gateway", program: "kafka.ts" },
} satisfies Record<string, Writer>;
