/** Volumes, buckets, databases and clusters that keep less, or keep it less long. Pure. */
import { isBlockStorage, storageClasses } from "../../../catalogue/doks.ts";
import { claimTemplates } from "../../../graph/data.ts";
import type { Resource } from "../../../graph/resource.ts";
import type { ByUrn, Stack } from "../../../graph/stack.ts";
import { settingsKey } from "../setting.ts";
import { loss, type Loss, type Pair, type Revisions } from "./loss.ts";
import { leftProduction } from "./options.ts";

/** What volumes, buckets, databases and clusters lose. */
export function storageLosses(revisions: Revisions): Loss[] {
  return [
    ...revisions.of("StatefulSet").flatMap(claimPolicyLosses),
    ...revisions.of("StatefulSet", "PersistentVolumeClaim").flatMap((pair) => claimClassLosses(pair, revisions)),
    ...revisions.of("StorageClass", "VolumeSnapshotClass").flatMap(reclaimLosses),
    ...revisions.of("SpacesBucket").flatMap((pair) => bucketLosses(pair, revisions.allAfter)),
    ...revisions.of("DatabaseCluster").flatMap((pair) => databaseLosses(pair, revisions.allAfter)),
    ...revisions.of("KubernetesCluster").flatMap((pair) => clusterLosses(pair, leftProduction(revisions))),
  ];
}

function claimPolicyLosses({ old, now }: Pair): Loss[] {
  const policy = ({ inputs }: Resource, when: "whenDeleted" | "whenScaled") =>
    (inputs["spec"] as { persistentVolumeClaimRetentionPolicy?: Record<string, string> })
      .persistentVolumeClaimRetentionPolicy?.[when] ?? "Retain";
  return (["whenDeleted", "whenScaled"] as const)
    .filter((when) => policy(old, when) === "Retain" && policy(now, when) !== "Retain")
    .map((when) =>
      loss(now, {
        ...{ level: "stop", was: `${when}: Retain`, is: `${when}: ${policy(now, when)}` },
        text:
          when === "whenDeleted" ? "deletes its claims when it is deleted" : "deletes claims when it is scaled down",
        meaning: "what its pods have stored goes with them",
      }),
    );
}

/** Whether a class deletes the volume with its claim. Source: csi-digitalocean 4.9.0, `StorageClass` objects. */
function deletes(storageClass: string | undefined, onDigitalOcean: boolean): boolean {
  if (storageClass === undefined) return onDigitalOcean;
  return isBlockStorage(storageClass) && !storageClass.startsWith(storageClasses.kept);
}

function claimClassLosses({ old, now }: Pair, revisions: Revisions): Loss[] {
  if (leftProduction(revisions)) return [];
  const classes = (one: Resource) =>
    "volumeClaimTemplates" in (one.inputs["spec"] as object)
      ? claimTemplates(one).map(({ spec }) => spec.storageClassName)
      : [(one.inputs["spec"] as { storageClassName?: string }).storageClassName];
  const [before, after] = [classes(old), classes(now)];
  const isKept = (one: string | undefined, stack: Stack) => !deletes(one, stack.onDigitalOcean);
  return after
    .flatMap((is, i) => (i < before.length && isKept(before[i], revisions.before) ? [{ was: before[i], is }] : []))
    .filter(({ is }) => !isKept(is, revisions.after))
    .slice(0, 1)
    .map(({ was = "the default class", is = "the default class" }) =>
      loss(now, {
        ...{ level: "stop", was, is, text: "gets volumes that are deleted with their claims" },
        meaning: "one `kubectl delete pvc`, and only the backup is left",
      }),
    );
}

function reclaimLosses({ old, now }: Pair): Loss[] {
  const policy = ({ inputs }: Resource) =>
    ((inputs["reclaimPolicy"] ?? inputs["deletionPolicy"]) as string | undefined) ?? "Delete";
  if (policy(old) !== "Retain" || policy(now) === "Retain") return [];
  return [
    loss(now, {
      ...{ level: "stop", was: policy(old), is: policy(now), text: "no longer keeps what its objects stand for" },
      meaning: "a volume or snapshot is deleted with its claim",
    }),
  ];
}

interface LifecycleRule {
  readonly enabled?: boolean;
  readonly prefix?: string;
  readonly expiration?: { readonly days?: number };
  readonly noncurrentVersionExpiration?: { readonly days?: number };
}

function bucketLosses({ old, now }: Pair, all: ByUrn): Loss[] {
  const versions = ({ inputs }: Resource) =>
    (inputs["versioning"] as { enabled?: boolean } | undefined)?.enabled === true;
  const key = settingsKey(now, all);
  return [
    ...(versions(old) && !versions(now)
      ? [
          loss(now, {
            ...{ level: "stop", was: "versioning on", is: "versioning off", text: "keeps no versions any more" },
            meaning: "what is overwritten or deleted by mistake is gone: Spaces has no backups",
          } as const),
        ]
      : []),
    ...(old.inputs["forceDestroy"] !== true && now.inputs["forceDestroy"] === true
      ? [
          loss(now, {
            ...{
              level: "stop",
              was: "forceDestroy: false",
              is: "forceDestroy: true",
              text: "is emptied when it is deleted",
            },
            meaning: "DigitalOcean no longer refuses to delete it while it has objects",
          } as const),
        ]
      : []),
    ...expiryLosses(old, now).map((one) =>
      key !== undefined && isOfBackup(now) ? { ...one, setting: `${key}.backup.retentionDays` } : one,
    ),
  ];
}

function isOfBackup({ urn }: Resource): boolean {
  return urn.includes("doks-systems:database:PostgresBackup$");
}

/** Days until objects go, by what goes and its prefix; Infinity where nothing ever does. */
function expiry({ inputs }: Resource): Map<string, number> {
  const rules = ((inputs["lifecycleRules"] ?? []) as readonly LifecycleRule[]).filter(
    ({ enabled }) => enabled === true,
  );
  return new Map(
    rules.flatMap(({ prefix = "", expiration, noncurrentVersionExpiration }): [string, number][] => [
      [`objects below /${prefix}`, expiration?.days ?? Infinity],
      [`old versions below /${prefix}`, noncurrentVersionExpiration?.days ?? Infinity],
    ]),
  );
}

function expiryLosses(old: Resource, now: Resource): Loss[] {
  const [before, after] = [expiry(old), expiry(now)];
  const shorter = [...after].filter(([what, days]) => days < (before.get(what) ?? Infinity));
  return shorter.slice(0, 1).map(([, days]) => {
    const what = shorter.map(([one]) => one).join(" and ");
    const was = Math.min(...shorter.map(([one]) => before.get(one) ?? Infinity));
    return loss(now, {
      ...{ level: "stop", was: was === Infinity ? "never" : `after ${was} days`, is: `after ${days} days` },
      text: `deletes ${what} sooner`,
      meaning: "whatever is older by then is deleted within a day of the update",
    });
  });
}

/** Group of settings of each of DigitalOcean's engines. */
const groups: Readonly<Record<string, string>> = { pg: "database", valkey: "redis", kafka: "kafka" };

function databaseLosses({ old, now }: Pair, all: ByUrn): Loss[] {
  const [was, is] = [old, now].map(({ inputs }) => Number(inputs["nodeCount"] ?? 1)) as [number, number];
  const [refuses, evicts] = [old, now].map(({ inputs }) => inputs["evictionPolicy"] as string | undefined);
  const key = settingsKey(now, all);
  return [
    ...(is < was
      ? [
          loss(now, {
            ...{ level: "look", was: `${was} nodes`, is: `${is} ${is === 1 ? "node" : "nodes"}` },
            text: is === 1 ? "has no standby node any more" : "has fewer standby nodes",
            meaning:
              is === 1 ? "when its node fails, it is away until DigitalOcean has made another" : "fewer may fail",
            ...(key !== undefined && { setting: `${key}.${groups[String(now.inputs["engine"])] ?? "database"}.nodes` }),
          } as const),
        ]
      : []),
    ...((refuses ?? "noeviction") === "noeviction" && evicts !== undefined && evicts !== "noeviction"
      ? [
          loss(now, {
            ...{ level: "look", was: "noeviction", is: evicts, text: "drops keys when its memory is full" },
            meaning: "before, it refused to write and kept what it had",
          } as const),
        ]
      : []),
  ];
}

const clusterOptions: readonly { field: string; text: string; meaning: string }[] = [
  {
    field: "autoUpgrade",
    text: "no longer takes patches by itself",
    meaning: "security fixes wait for somebody, until DigitalOcean upgrades it by force",
  },
  {
    field: "surgeUpgrade",
    text: "is upgraded without a spare node",
    meaning: "pods of a node have nowhere to go while it is upgraded",
  },
  {
    field: "maintenancePolicy",
    text: "has no window for maintenance any more",
    meaning: "DigitalOcean chooses when its nodes are drained",
  },
];

function clusterLosses({ old, now }: Pair, isExplained: boolean): Loss[] {
  const has = ({ inputs }: Resource, field: string) => inputs[field] !== undefined && inputs[field] !== false;
  const text = ({ inputs }: Resource, field: string) => `${field}: ${JSON.stringify(inputs[field] ?? null)}`;
  const destroys = "destroyAllAssociatedResources";
  return [
    ...clusterOptions
      .filter(({ field }) => has(old, field) && !has(now, field))
      .map(({ field, text: says, meaning }) =>
        loss(now, { level: "look", text: says, meaning, was: text(old, field), is: text(now, field) }),
      ),
    ...(!isExplained && old.inputs[destroys] !== true && now.inputs[destroys] === true
      ? [
          loss(now, {
            ...{ level: "stop", was: text(old, destroys), is: text(now, destroys), text: "takes its volumes with it" },
            meaning: "when the cluster is destroyed, its volumes, snapshots and load balancers are too",
          } as const),
        ]
      : []),
  ];
}
