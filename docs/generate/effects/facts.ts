/** What the schemas cannot tell of a trial: a second setting that a value needs, values of its own, and why nothing happens. Pure. */
import type { Effect } from "../settings-reference.ts";
import { project } from "../../../settings/reading/keys.ts";

/** Settings by group: `{ gx: { redis: … } }`. */
type Given = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Facts {
  /** Settings that are there before the change; `null` takes one away. For everything below, too. */
  readonly given?: Given;
  /** Values to try instead of the schema's. */
  readonly values?: readonly unknown[];
  /** Why a change does nothing: `until …`, `because …`. */
  readonly nothing?: string;
  /** What a change does, where a rendering cannot tell. */
  readonly said?: Effect;
}

/** The workload that stands for all is a Deployment, which has no claims. */
const otherSet: Facts = {
  said: {
    does: "replaces",
    text: "replaces the StatefulSet where it does not agree with what runs; production refuses that, elsewhere its data starts empty",
  },
};

/** Renderings of two clusters have the same address, so that nothing in them seems to move. */
const otherCluster: Facts = {
  said: {
    does: "replaces",
    text: "replaces all that is in the cluster, which is another one; production refuses that, elsewhere data is lost",
  },
};
/** Production is no stack on such a cluster, and what would make it one is most of its file. */
const elsewhereSaid = (does: Effect["does"], text: string): Facts => ({ said: { does, text } });
const counted = elsewhereSaid("nothing", "nothing but what the preview counts");
const everyPod = elsewhereSaid("restarts", "rolls every workload");
const otherPool: Facts = {
  given: { platform: { pools: { batch: { size: "s-8vcpu-16gb", min: 2, max: 4 } } } },
  values: ["batch"],
};
const apart: Facts = { nothing: "by itself: it tells two servers apart while data moves" };
const unchecked: Facts = { nothing: "until `tls` is `verify-ca` or `verify-full`" };
const elsewhere = { images: { registry: "registry.example.com/team", pullSecret: { kind: "none" } } };
const stackCluster = {
  ...{ source: "stack", stack: "my-org/doks-systems/platform", version: null, ha: null, systemPool: null },
  ...{ vpcRange: null, clusterSubnet: null, serviceSubnet: null },
};
const r2 = { kind: "r2", endpoint: "https://account.r2.cloudflarestorage.com", bucket: "dotdo-objects" };

/** Servers that others keep; their settings in the cluster go. */
const theirs = {
  kind: "existing",
  host: "db.internal.example.com",
  where: { kind: "private", addresses: ["10.20.0.0/24"] },
};
const noPostgres = {
  ...{ storage: null, version: null, size: null, nodes: null, parameters: null },
  ...theirs,
  user: "app",
};
const noRedis = {
  ...{ storage: null, version: null, size: null, nodes: null, maxMemory: null },
  ...theirs,
  tls: false,
};
const noRabbit = { storage: null, config: null, ...theirs, user: "app" };
const noBucket = { kind: "existing", name: "uploads", region: "nyc3" };
/** What a Secret of others needs: that nothing in it is made here. */
const filled = (system: string, settings: Readonly<Record<string, unknown>>): Facts => ({
  given: { [system]: settings },
});
/** Pods of others are in a namespace that this stack does not make. */
const sharedGround = (system: string): Facts => ({ given: { [system]: { namespace: { create: false } } } });
const othersPods = Object.fromEntries(
  ["hermes.database", "gx.database", "gx.redis", "dotdo.redis", "bowmark.database", "caracal.database", "caracal.redis"]
    .concat("caracal.kafka", "bowmark.rabbitmq")
    .map((path) => [`${path}[existing].where[pods]`, sharedGround(path.split(".")[0] ?? "")]),
);

/** A step that is taken alone, by the system's own name, is no trial: `docs/runbooks/retire.md` says what each does. */
const retirement = Object.fromEntries(
  ["hermes", "gx", "dotdo", "bowmark", "caracal"].flatMap((name): [string, Facts][] => [
    [`${name}.retired[true]`, elsewhereSaid("adds or removes", "runs its PostgreSQL alone, and a Job that dumps it")],
    [`${name}.retired.dataGoes`, elsewhereSaid("in place", "unprotects its data; nothing is deleted yet")],
    [`${name}.retired.withoutBackup`, { nothing: "by itself: it decides what is accepted" }],
  ]),
);

const facts: Readonly<Record<string, Facts>> = {
  ...retirement,
  ...othersPods,
  "hermes.existingSecrets.ipfs-cache-db-credentials": filled("hermes", { database: { ...noPostgres, tls: "disable" } }),
  "gx.existingSecrets.backend-secrets": filled("gx", { database: noPostgres, redis: noRedis }),
  "dotdo.existingSecrets.dotdo-secrets": filled("dotdo", { storage: { bucket: noBucket } }),
  "bowmark.existingSecrets.postgres": filled("bowmark", { database: noPostgres }),
  "bowmark.existingSecrets.rabbitmq": filled("bowmark", { rabbitmq: noRabbit }),
  "bowmark.existingSecrets.spaces": filled("bowmark", { bucket: noBucket }),
  "caracal.existingSecrets.caracal-secrets": filled("caracal", { database: noPostgres, redis: noRedis }),
  "bowmark.rabbitmq[existing]": filled("bowmark", { rabbitmq: noRabbit }),
  "bowmark.rabbitmq[existing].where[private]": sharedGround("bowmark"),
  "platform.account": { nothing: "by itself: it decides what `npm run preview -- --all` compares" },
  "platform.catalogue": { nothing: "by itself: it decides what is accepted" },
  "platform.cluster[create].version": { nothing: "once the cluster is there: `upgradeTo` raises it" },
  "platform.cluster[create].upgradeTo": { given: { platform: { cluster: { version: "1.35" } } }, values: ["1.36"] },
  "platform.cluster[create]": otherCluster,
  "platform.cluster[existing]": otherCluster,
  "platform.cluster[existing].name": otherCluster,
  "platform.cluster[existing].id": otherCluster,
  "platform.cluster[stack]": otherCluster,
  "platform.cluster[stack].stack": otherCluster,
  "platform.cluster[kubeconfig]": otherCluster,
  "platform.cluster[kubeconfig].context": otherCluster,
  "platform.cluster[kubeconfig].path": otherCluster,
  "platform.cluster[kubeconfig].storageClass": elsewhereSaid(
    "replaces",
    "replaces every StatefulSet, whose volumes stay as they are; production refuses that",
  ),
  "platform.cluster[kubeconfig].nodeSelectors": everyPod,
  "platform.cluster[kubeconfig].nodeSelectors.label": everyPod,
  "platform.pools.*[existing]": elsewhereSaid("nothing", "nothing until a workload names it"),
  "platform.pools.*[existing].size": counted,
  "platform.pools.*[existing].min": counted,
  "platform.pools.*[existing].max": elsewhereSaid(
    "in place",
    "updates the alert on a pool that is full, if there is one",
  ),
  "platform.domains": { values: [{ "bowmark.ca": "external", "gxcoin.com": "existing", "example.com": "create" }] },
  "platform.edge[stack]": { given: { platform: { cluster: stackCluster } } },
  "platform.images.kubectlShell": { given: { caracal: { snapshots: {} } } },
  "platform.monitoring.pool": otherPool,
  "platform.monitoring.resources.limits.memory": { values: ["4Gi"] },
  "platform.registry[none]": { given: { hermes: elsewhere, gx: elsewhere, caracal: elsewhere } },
  "hermes.database": { given: { hermes: { imageSupports: { databaseTls: true } } } },
  "hermes.database[existing].caCertificate": unchecked,
  "hermes.database[existing].generation": apart,
  "hermes.imageSupports.databaseTls": { nothing: "until `database` is one that asks for TLS" },
  "hermes.pool": otherPool,
  "gx.database[existing].caCertificate": unchecked,
  "gx.database[existing].generation": apart,
  "gx.exposure[load-balancer]": { given: { gx: { exposure: { kind: "load-balancer", certificateName: "api-2025" } } } },
  "gx.imageSupports.redisTls": { nothing: "until `redis` is one that asks for TLS" },
  "gx.pool": otherPool,
  "gx.redis": { given: { gx: { imageSupports: { redisTls: true } } } },
  "dotdo.pool": otherPool,
  "dotdo.redis[existing].user": { nothing: "because dotdo's URL names no user" },
  "dotdo.secrets": { given: { dotdo: { storage: r2 } } },
  "bowmark.bucket[existing].endpoint": { nothing: "because the application makes it from `region`" },
  "bowmark.database[existing].caCertificate": unchecked,
  "bowmark.database[existing].generation": apart,
  "bowmark.pools.everythingElse": otherPool,
  "bowmark.pools.servers": otherPool,
  "caracal.database[existing].caCertificate": unchecked,
  "caracal.database[existing].generation": apart,
  "caracal.kafka[managed].nodes": { given: { caracal: { kafka: { kind: "managed", size: "gd-4vcpu-16gb" } } } },
  "caracal.kafka[managed].size": { values: ["gd-2vcpu-8gb"] },
  "caracal.kafka[managed].version": { nothing: "until DigitalOcean offers another one" },
  "caracal.pool": otherPool,
  "caracal.redis[existing].user": { nothing: "because Caracal's variables name no user" },
  "probe.http.port": {
    given: { gx: { workloads: { "svc-identity": { ports: { admin: 9000 } } } } },
    values: ["admin"],
  },
  "workloads.autoscaling.podMetrics": { given: { platform: { addons: { prometheusAdapter: "install" } } } },
  "workloads.connections": { given: { gx: { database: { kind: "in-cluster", size: null, nodes: null } } } },
  "workloads.running.serviceName": otherSet,
  "workloads.running.headless": {
    said: { does: "replaces", text: "replaces the Service where it does not agree with what runs" },
  },
  "workloads.running.podManagement": otherSet,
  "workloads.running.claims": otherSet,
  "workloads.resources.requests.memory": { values: ["384Mi"] },
};

/** What is said of a setting, and for it by the groups that it is in. */
export function factsOf(id: string): Omit<Facts, "given"> & { readonly given: readonly object[] } {
  const above = Object.entries(facts).filter(
    ([one]) => id === one || id.startsWith(`${one}.`) || id.startsWith(`${one}[`),
  );
  const given = above.flatMap(([, one]) => (one.given === undefined ? [] : [keyed(one.given)]));
  return { ...facts[id], given };
}

function keyed(groups: Given): object {
  return Object.fromEntries(Object.entries(groups).map(([name, settings]) => [`${project}:${name}`, settings]));
}
