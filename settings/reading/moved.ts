/** Settings that are said in another place now: what the one error answers to those who still use the old one. Pure. */

const bothApps = (kind: string) => `workloads.${kind}-deployment and workloads.${kind}-concrete-deployment`;
const consumers = ["ledger-writer", "metrics-aggregator", "audit-logger"].map((name) => `workloads.caracal-${name}`);

/** Old path below `doks-systems:` → where it is now, below the same system's key. */
const places: readonly (readonly [RegExp, string])[] = [
  [/^hermes\.(replicas|resources|env)$/, "workloads.hermes-ipfs-cache.$1"],
  [/^hermes\.health$/, "workloads.hermes-ipfs-cache.probes and .ports"],
  [/^hermes\.livenessCommand$/, "workloads.hermes-ipfs-cache.probes.liveness.exec"],
  [/^hermes\.readers$/, "workloads.ipfs-cache-postgres.reachedBy"],
  [/^hermes\.database\.resources$/, "workloads.ipfs-cache-postgres.resources"],
  [/^gx\.api$/, "workloads.svc-identity (readinessPath: .probes.readiness.http.path)"],
  [/^gx\.outbox$/, "workloads.outbox-submitter"],
  [/^gx\.projector$/, "workloads.projector"],
  [/^gx\.fabric\.namespace$/, "fabric.peer.namespace"],
  [/^(?:gx|bowmark)\.database\.resources$/, "workloads.postgres.resources"],
  [/^(?:gx|bowmark)\.(redis|rabbitmq)\.resources$/, "workloads.$1.resources"],
  [/^dotdo\.replicaCount$/, "workloads.dotdo.replicas"],
  [/^dotdo\.autoscaling$/, "workloads.dotdo.autoscaling (customMetrics: .podMetrics)"],
  [/^dotdo\.(resources|env)$/, "workloads.dotdo.$1"],
  [/^dotdo\.redis\.resources$/, "workloads.dotdo-redis.resources"],
  [/^bowmark\.(server|worker|client|consumer)s$/, "$1"],
  [/^caracal\.gateway$/, "workloads.caracal-gateway"],
  [/^caracal\.adapter$/, "workloads.caracal-mcp-adapter"],
  [/^caracal\.adapterClients$/, "workloads.caracal-mcp-adapter.reachedBy"],
  [/^caracal\.consumers$/, consumers.join(", ")],
  [/^caracal\.schemaRegistry$/, "workloads.caracal-schema-registry"],
  [/^caracal\.migration$/, "workloads.caracal-db-migrate (image, command)"],
  [/^caracal\.kafka\.(resources|env)$/, "workloads.caracal-kafka.$1"],
  [/^caracal\.kafka\.zookeeper\.resources$/, "workloads.caracal-zookeeper.resources"],
  [/^caracal\.database\.resources$/, "workloads.caracal-postgres.resources"],
  [/^caracal\.redis\.resources$/, "workloads.caracal-redis.resources"],
];

/**
 * Where a setting is said now; nothing for one that never was.
 *
 * @param path `doks-systems:gx.api`
 */
export function movedTo(path: string): string | undefined {
  const [, system = "", below = ""] = /^doks-systems:([^.]+)\.(.*)$/.exec(path) ?? [];
  const old = `${system}.${below}`;
  const found = places.find(([pattern]) => pattern.test(old));
  if (found === undefined) return undefined;
  const place = old.replace(...found);
  return system === "bowmark" && /^\w+$/.test(place) ? bothApps(place) : place;
}
