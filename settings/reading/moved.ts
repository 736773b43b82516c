/** Settings that have moved to another path, so that the error about an old path can name the new one. Pure. */

const bothApps = (kind: string) => `workloads.${kind}-deployment and workloads.${kind}-concrete-deployment`;
const consumers = ["ledger-writer", "metrics-aggregator", "audit-logger"].map((name) => `workloads.caracal-${name}`);

/** Pattern of an old path, without `doks-systems:`, and the new path below the key of the same system. */
const places: readonly (readonly [RegExp, string])[] = [
  [/^hermes\.(replicas|resources|env)$/, "workloads.hermes-ipfs-cache.$1"],
  [/^hermes\.health$/, "workloads.hermes-ipfs-cache.probes and .ports"],
  [/^hermes\.livenessCommand$/, "workloads.hermes-ipfs-cache.probes.liveness.exec"],
  [/^hermes\.readers$/, "workloads.ipfs-cache-postgres.reachedBy"],
  [/^hermes\.database\.resources$/, "workloads.ipfs-cache-postgres.resources"],
  [/^gx\.api$/, "workloads.svc-identity (readinessPath: .probes.readiness.http.path)"],
  [/^gx\.outbox$/, "workloads.outbox-submitter"],
  [/^gx\.projector$/, "workloads.projector"],
  [/^\w+\.(database|redis|kafka)\.privateRange$/, "$1.where: {kind: private, addresses: […]}"],
  [/^gx\.fabric\.credentials$/, "existingSecrets.fabric-credentials, with the name of the Secret"],
  [/^dotdo\.secrets$/, "existingSecrets.dotdo-secrets, with the name of the Secret"],
  [/^gx\.fabric\.peer\.privateRange$/, "fabric.peer.where: {kind: private, addresses: […]}"],
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
 * The new path of a setting that has moved; undefined for any other.
 *
 * @param path full path of the setting, `doks-systems:gx.api`
 */
export function movedTo(path: string): string | undefined {
  const [, system = "", below = ""] = /^doks-systems:([^.]+)\.(.*)$/.exec(path) ?? [];
  const old = `${system}.${below}`;
  const found = places.find(([pattern]) => pattern.test(old));
  if (found === undefined) return undefined;
  const place = old.replace(...found);
  return system === "bowmark" && /^\w+$/.test(place) ? bothApps(place) : place;
}
